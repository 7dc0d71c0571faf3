#include <iostream>
#include <new>
#include <string_view>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/lost_file.hpp"
#include "base/program_output.hpp"
#include "cli/cli.hpp"
#include "cli/plugin_child.hpp"
#include "plugins/plugin_call.hpp"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == histokt::kPluginChildWord) return histokt::plugin_child(argv[2]);
  histokt::keep_program_output();
  histokt::install_interrupt_handlers();
  histokt::install_crash_handlers();
  histokt::explain_lost_files();
  try {
    const int code = histokt::run_command_line({argv + 1, argv + argc});
    histokt::finish_program_output();
    return code;
  } catch (const histokt::Interrupted&) {
    histokt::say_interruption_sentence();
    return 130;
  } catch (const histokt::RequestError& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << "histokt-host: there is not enough memory; use fewer threads or smaller batches, or end other programs"
              << std::endl;
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "histokt-host: " << error.what() << std::endl;
    return 1;
  }
}
