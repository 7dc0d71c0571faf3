// Ctrl-C: the first one asks the running work to stop at the next safe point. Work that does not get there
// within a second (a long step of training, a plugin that hangs) is not waited for: a thread of its own says
// the last words and ends the process with exit code 130. The second Ctrl-C ends it at once.
//
//   const LastWords release([&] { claim.release(); });  // done on a hard ending, too
//   set_interruption_sentence("Interrupted. Finished steps are kept in ...");
#pragma once

#include <functional>
#include <string>

namespace histokt {

// Installs handlers for SIGINT, SIGTERM and, unless it is ignored as under nohup, SIGHUP, and starts the
// thread. From then on a write beyond the limit of `ulimit -f` fails instead of killing. Call once, from
// main, before other threads start.
void install_interrupt_handlers();

// True once an interruption was asked for. Safe from any thread, cheap enough for an inner loop.
bool interrupt_requested() noexcept;

// Throws Interrupted once an interruption was asked for.
void throw_if_interrupted();

// Forgets an interruption, or makes one up: for tests.
void set_interrupt_requested(bool requested) noexcept;

// What is done before the process ends although its work did not stop, while this object lives. `words` runs
// on another thread while the work goes on, so it locks what both touch; it gets less than a second, and an
// exception of it is dropped. The newest words are said first. Construction and destruction wait for words
// that are being said.
class LastWords {
 public:
  explicit LastWords(std::function<void()> words);
  ~LastWords();
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;

 private:
  unsigned number_;
};

// Says all words that are registered now, newest first. For the thread, and for tests.
void say_last_words() noexcept;

// What an interruption tells the user: what is kept and what to do. Replaces the sentence before; the first
// one is "Interrupted: nothing was written. Run the same command again.".
void set_interruption_sentence(std::string sentence);

// Prints the sentence on standard error, once: whichever of main and the thread comes first.
void say_interruption_sentence() noexcept;

}  // namespace histokt
