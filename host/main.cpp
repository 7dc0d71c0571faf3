#include <iostream>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/lost_file.hpp"
#include "cli/cli.hpp"

namespace {

// An answer that nobody could read is not a success.
int checked(int exit_code) {
  std::cout.flush();
  if (std::cout || exit_code != 0) return exit_code;
  std::cerr << "histokt-host: standard output cannot be written; look at where it is led to" << std::endl;
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  histokt::install_interrupt_handlers();
  histokt::explain_lost_files();
  try {
    return checked(histokt::run_command_line({argv + 1, argv + argc}));
  } catch (const histokt::Interrupted&) {
    histokt::say_interruption_sentence();
    return 130;
  } catch (const histokt::RequestError& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 1;
  }
}
