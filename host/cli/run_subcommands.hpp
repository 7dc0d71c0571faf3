// SPDX-License-Identifier: MIT
// The entry points of the subcommands, each in a file of its own, with a row in subcommands.cpp. All return
// the exit code.
#pragma once

#include <string>

namespace histokt {

class CommandValues;

int run_standardize(const CommandValues& values);
int run_split(const CommandValues& values);
int run_audit(const CommandValues& values);
int run_help(const CommandValues& values);
// These need libtorch.
int run_experiment(const CommandValues& values);
int run_distill(const CommandValues& values);
int run_diagnose(const CommandValues& values);
int run_evaluate(const CommandValues& values);
int run_predict(const CommandValues& values);
int run_plugins(const CommandValues& values);

// "  standardize.KEY ..." lines: the settings of standardize.
std::string standardize_settings_help();

}  // namespace histokt
