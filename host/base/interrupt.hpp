// SPDX-License-Identifier: MIT
// Interruption by Ctrl-C. The first one asks the running work to stop at the next safe point. Work that does
// not get there within a second (a long step of training, a plugin that hangs) is not waited for: a separate
// thread runs the shutdown hooks and ends the process with exit code 130. The second Ctrl-C ends it at once.
//
//   const ShutdownHook release([&] { claim.release(); });  // done on a hard ending, too
//   set_interruption_sentence("Interrupted. Finished steps are kept in ...");
#pragma once

#include <functional>
#include <string>

namespace histokt {

// Installs handlers for SIGINT, SIGTERM and, unless it is ignored as under nohup, SIGHUP, and starts the
// thread. From then on a write beyond the limit of `ulimit -f` fails instead of killing. Call once, from
// main, before other threads start.
void install_interrupt_handlers();

// True once an interruption was requested. Safe from any thread, cheap enough for an inner loop.
bool interrupt_requested() noexcept;

// Throws Interrupted once an interruption was requested.
void throw_if_interrupted();

// Sets or clears the request: for tests.
void set_interrupt_requested(bool requested) noexcept;

// A shutdown hook: while this object lives, `words` is called before the process is ended although its work
// has not stopped. It runs on another thread while the work continues, so it locks what both touch; it gets
// less than a second, and its exceptions are dropped. The newest hook runs first. Construction and
// destruction wait for a hook that is running.
class ShutdownHook {
 public:
  explicit ShutdownHook(std::function<void()> words);
  ~ShutdownHook();
  ShutdownHook(const ShutdownHook&) = delete;
  ShutdownHook& operator=(const ShutdownHook&) = delete;

 private:
  unsigned number_;
};

// Runs all registered hooks, newest first. For that thread, and for tests.
void run_shutdown_hooks() noexcept;

// The sentence that an interruption prints: what is kept and what to do. Replaces the previous one; the
// initial one is "Interrupted: nothing was written. Run the same command again.".
void set_interruption_sentence(std::string sentence);

// Prints the sentence on standard error, once: from main or from the thread, whichever comes first.
void print_interruption_sentence() noexcept;

}  // namespace histokt
