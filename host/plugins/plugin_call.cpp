// SPDX-License-Identifier: MIT
#include "plugins/plugin_call.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <thread>

#include "base/child_process.hpp"
#include "base/progress.hpp"

namespace histokt {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

// The calls now running. The table is never freed and its texts are plain memory, so that a signal handler
// may read it.
struct RunningCall {
  std::atomic<bool> taken{false};
  std::array<char, 1024> text{};  // plugin_place, ends with a zero byte
  Clock::time_point since;        // the begin, or the last progress
  bool told = false;              // the log has said that it lasts long
};

struct Calls {
  std::mutex mutex;  // of all but taken, which the signal handler reads
  std::condition_variable changed;
  std::array<RunningCall, 256> running;
  Milliseconds patience{30'000};
  bool watched = false;
};

// Never destroyed: threads may outlive main.
Calls& calls() {
  static Calls* const all = new Calls;
  return *all;
}

constinit thread_local int current = -1;  // the innermost call of this thread

// A stack of the thread's own for signal handlers: a plugin may have used up the ordinary one.
class SignalStack {
 public:
  SignalStack() {
    stack_t before{};
    if (sigaltstack(nullptr, &before) != 0 || !(before.ss_flags & SS_DISABLE)) return;  // there is one
    memory_ = std::make_unique<char[]>(kSize);
    stack_t own{};
    own.ss_sp = memory_.get();
    own.ss_size = kSize;
    sigaltstack(&own, nullptr);
  }
  ~SignalStack() {
    if (!memory_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  static constexpr std::size_t kSize = 64 * 1024;
  std::unique_ptr<char[]> memory_;
};

constexpr int kCrashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
struct sigaction actions_before[NSIG];

constexpr const char* kRemedy =
    "; this is a bug in the plugin: run histokt-host plugins check FILE, and report it to the plugin's "
    "authors\n";

// Async-signal-safe: nothing but write.
void say(std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    for (std::size_t left = std::strlen(part); left > 0;) {
      const ssize_t written = ::write(STDERR_FILENO, part, left);
      if (written <= 0) return;
      part += written;
      left -= static_cast<std::size_t>(written);
    }
  }
}

extern "C" void on_crash(int signal, siginfo_t* info, void* context) {
  const auto& running = calls().running;
  if (current >= 0) {
    say({"\nhistokt-host: ", running[static_cast<std::size_t>(current)].text.data(),
         ": the plugin crashed with ", signal_text(signal), kRemedy});
  } else {
    // A thread that a plugin or a library started: the first running call is the likeliest.
    const auto* other = std::find_if(running.begin(), running.end(),
                                     [](const RunningCall& call) { return call.taken.load(); });
    if (other != running.end()) {
      say({"\nhistokt-host: ", other->text.data(), ": while this ran, another thread crashed with ",
           signal_text(signal), kRemedy});
    }
    const bool ours = other == running.end();
    const struct sigaction& before = actions_before[signal];
    if (ours && before.sa_handler == SIG_DFL) {
      ::signal(signal, SIG_DFL);
      raise(signal);  // delivered when this handler returns
      return;
    }
  }
  const struct sigaction& before = actions_before[signal];
  if ((before.sa_flags & SA_SIGINFO) && before.sa_sigaction) before.sa_sigaction(signal, info, context);
  _exit(1);
}

void on_exit_within_a_call() {
  if (current < 0) return;
  say({"\nhistokt-host: ", calls().running[static_cast<std::size_t>(current)].text.data(),
       ": the plugin ended the program (exit)", kRemedy});
  _exit(1);
}

// Tells once of each call that lasts long. Runs as long as the process.
void watch() {
  Calls& all = calls();
  std::unique_lock lock(all.mutex);
  for (;;) {
    const Milliseconds pause = std::clamp(all.patience / 4, Milliseconds(10), Milliseconds(1000));
    all.changed.wait_for(lock, pause);
    for (RunningCall& call : all.running) {
      if (!call.taken || call.told || Clock::now() - call.since < all.patience) continue;
      call.told = true;
      const std::string place = call.text.data();
      const double seconds = std::chrono::duration<double>(all.patience).count();
      lock.unlock();
      spdlog::warn("{}: no progress for {}; Ctrl-C stops the run", place, readable_seconds(seconds));
      lock.lock();
    }
  }
}

// Signals are for the threads that were there before.
void start_watching() {
  sigset_t all_signals, before;
  sigfillset(&all_signals);
  pthread_sigmask(SIG_SETMASK, &all_signals, &before);
  std::thread(watch).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

std::string plugin_place(std::string_view owner, const std::filesystem::path& file, std::string_view phase) {
  std::string text(owner);
  if (!file.empty()) text += " (" + file.string() + ")";
  return text.append(", ").append(phase);
}

PluginCall::PluginCall(std::string_view owner, const std::filesystem::path& file, std::string_view phase)
    : place_(-1), outer_(current) {
  static thread_local const SignalStack stack;
  (void)stack;
  const std::string text = plugin_place(owner, file, phase);
  Calls& all = calls();
  std::lock_guard lock(all.mutex);
  if (!all.watched) {
    all.watched = true;
    start_watching();
  }
  const auto free = std::find_if(all.running.begin(), all.running.end(),
                                 [](const RunningCall& call) { return !call.taken; });
  if (free == all.running.end()) return;
  const std::size_t size = std::min(text.size(), free->text.size() - 1);
  std::memcpy(free->text.data(), text.data(), size);
  free->text[size] = '\0';
  free->since = Clock::now();
  free->told = false;
  free->taken = true;
  place_ = static_cast<int>(free - all.running.begin());
  current = place_;
}

PluginCall::~PluginCall() {
  if (place_ < 0) return;
  current = outer_;
  calls().running[static_cast<std::size_t>(place_)].taken = false;
}

void note_plugin_progress() {
  if (current < 0) return;
  Calls& all = calls();
  std::lock_guard lock(all.mutex);
  all.running[static_cast<std::size_t>(current)].since = Clock::now();
}

void install_crash_handlers() {
  calls();
  for (int signal : kCrashes) {
    struct sigaction action {};
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(signal, &action, &actions_before[signal]);
  }
  std::atexit(on_exit_within_a_call);
}

void set_patience_with_plugins(Milliseconds patience) {
  Calls& all = calls();
  std::lock_guard lock(all.mutex);
  all.patience = patience;
  all.changed.notify_all();
}

}  // namespace histokt
