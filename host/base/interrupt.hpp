// Ctrl-C: the first one asks the running work to stop at the next safe point, the second one ends at once.
#pragma once

namespace histokt {

// Installs handlers for SIGINT and SIGTERM. Call once, from main, before threads start.
void install_interrupt_handlers();

// True once an interruption was asked for. Safe from any thread, cheap enough for an inner loop.
bool interrupt_requested() noexcept;

// Throws Interrupted once an interruption was asked for.
void throw_if_interrupted();

// Forgets an interruption, or makes one up: for tests.
void set_interrupt_requested(bool requested) noexcept;

}  // namespace histokt
