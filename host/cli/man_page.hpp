// SPDX-License-Identifier: MIT
// The manual page histokt-host(1), made from the table of subcommands.
#pragma once

#include <string>

namespace histokt {

// As roff with the macros of man(7), in ASCII. The same build gives the same bytes: it names no date and no
// user's folder. `help man` prints it; the build writes it to share/man/man1.
std::string man_page();

}  // namespace histokt
