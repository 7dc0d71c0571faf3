// SPDX-License-Identifier: MIT
#include "base/interrupt.hpp"

#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "base/errors.hpp"
#include "base/progress.hpp"

namespace histokt {
namespace {

constexpr int kExitCode = 130;
// Together well below the two seconds after which a user presses again.
constexpr auto kTimeToStop = std::chrono::milliseconds(800);
constexpr auto kTimeForHooks = std::chrono::milliseconds(800);
// `timeout` signals the process and its group, Slurm each process it knows: that is one request, not two.
constexpr long kSameRequestMilliseconds = 300;

std::atomic<bool> requested{false};
std::atomic<long> first_request{0};  // milliseconds of the monotonic clock
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<long>::is_always_lock_free,
              "a signal handler may only touch lock-free atomics");

// Never destroyed: the thread may need it while the process ends.
struct Ending {
  sem_t wake{};
  std::mutex hooks_mutex;
  std::map<unsigned, std::function<void()>> hooks;
  unsigned next_number = 0;
  std::mutex sentence_mutex;
  std::string sentence = "Interrupted: nothing was written. Run the same command again.";
  bool said = false;

  Ending() { sem_init(&wake, 0, 0); }
};

Ending& ending() {
  static Ending& only = *new Ending;
  return only;
}

extern "C" void on_signal(int) {
  const int reason = errno;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long milliseconds = now.tv_sec * 1000 + now.tv_nsec / 1'000'000 + 1;
  long first = 0;
  if (first_request.compare_exchange_strong(first, milliseconds)) {
    requested = true;
    sem_post(&ending().wake);
  } else if (milliseconds - first > kSameRequestMilliseconds) {
    _exit(kExitCode);
  }
  errno = reason;
}

// A hook that hangs, on a vanished file system for instance, is abandoned.
void run_hooks_in_time() {
  struct Done {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  const auto state = std::make_shared<Done>();
  std::thread([state] {
    run_shutdown_hooks();
    const std::lock_guard lock(state->mutex);
    state->done = true;
    state->changed.notify_all();
  }).detach();
  std::unique_lock lock(state->mutex);
  state->changed.wait_for(lock, kTimeForHooks, [&] { return state->done; });
}

void end_when_requested() {
  while (sem_wait(&ending().wake) != 0) {
  }
  std::this_thread::sleep_for(kTimeToStop);
  try {
    run_hooks_in_time();
  } catch (const std::exception&) {  // no thread could be started; nothing finished is lost
  }
  print_interruption_sentence();
  _exit(kExitCode);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // libraries that read and write need not handle interruptions
  sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void install_interrupt_handlers() {
  ending();
  // The thread takes no signals, so that a handler never runs while it holds a lock.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread(end_when_requested).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);

  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  if (!is_ignored(SIGHUP)) handle(SIGHUP, on_signal);
  handle(SIGXFSZ, SIG_IGN);
}

bool interrupt_requested() noexcept {
  return requested.load(std::memory_order_relaxed);
}

void throw_if_interrupted() {
  if (interrupt_requested()) throw Interrupted();
}

void set_interrupt_requested(bool value) noexcept {
  requested.store(value);
}

ShutdownHook::ShutdownHook(std::function<void()> words) {
  const std::lock_guard lock(ending().hooks_mutex);
  number_ = ending().next_number++;
  ending().hooks.emplace(number_, std::move(words));
}

ShutdownHook::~ShutdownHook() {
  const std::lock_guard lock(ending().hooks_mutex);
  ending().hooks.erase(number_);
}

void run_shutdown_hooks() noexcept {
  const std::lock_guard lock(ending().hooks_mutex);
  for (auto hook = ending().hooks.rbegin(); hook != ending().hooks.rend(); ++hook) {
    try {
      hook->second();
    } catch (...) {  // the other hooks still run
    }
  }
}

void set_interruption_sentence(std::string sentence) {
  const std::lock_guard lock(ending().sentence_mutex);
  ending().sentence = std::move(sentence);
}

void print_interruption_sentence() noexcept {
  const std::lock_guard lock(ending().sentence_mutex);
  if (ending().said) return;
  ending().said = true;
  // Not through streams or the log: a thread that hangs may hold their locks.
  const std::string text = (clears_lines(STDERR_FILENO) ? "\r\033[K" : "") + ending().sentence + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace histokt
