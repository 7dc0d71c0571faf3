#include <iostream>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  histokt::install_interrupt_handlers();
  try {
    return histokt::run_command_line({argv + 1, argv + argc});
  } catch (const histokt::Interrupted&) {
    return 130;
  } catch (const histokt::RequestError& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 1;
  }
}
