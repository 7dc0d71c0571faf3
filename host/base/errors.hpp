// SPDX-License-Identifier: MIT
// The host's exceptions: a wrong request, failed work, an interruption. The first two carry one sentence (or
// a few) that says where, what was found, what was expected and what to do; the program prints it and exits
// with the exception's code.
#pragma once

#include <stdexcept>
#include <string>

namespace histokt {

// The user's request is wrong: arguments, TOML, a path that does not exist. Found before any step starts.
// Exit code 2.
class RequestError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The work failed: bad data, a full disk, a plugin that returned an error. Exit code 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One image cannot be used; the others may be fine. Only this is skipped by `on_bad_image = "skip"`: a
// failing disk, a lack of memory or a faulty plugin says nothing about the image.
class BadImage : public RunError {
 public:
  using RunError::RunError;
};

// Ctrl-C or SIGTERM was seen; what is finished is kept. Exit code 130.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace histokt
