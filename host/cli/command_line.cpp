#include "cli/command_line.hpp"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <thread>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/program_output.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "config/experiment.hpp"
#include "plugins/registry.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

// Ends the live progress line before a message follows it.
class LiveLineSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void sink_it_(const spdlog::details::log_msg& message) override {
    clear_live_line();
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    std::cerr.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  void flush_() override { std::cerr.flush(); }
};

// Appends each message by one write, so that the lines of several processes stay whole (over NFS, lines that
// two machines write at the same moment may still be mixed). Once the file cannot be written, no more is
// tried.
class LogFileSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogFileSink(const fs::path& file)
      : file_(file), descriptor_(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0)
      throw RunError(file.string() + ": the log cannot be written: " + write_failure(errno));
  }
  ~LogFileSink() override { ::close(descriptor_); }

  void sink_it_(const spdlog::details::log_msg& message) override {
    if (failure_ != 0) return;
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) failure_ = written < 0 ? errno : ENOSPC;
  }
  void flush_() override {}

  std::string problem() {
    const std::lock_guard lock(mutex_);
    if (failure_ == 0) return "";
    return file_.string() + ": the log is not complete: " + write_failure(failure_);
  }

 private:
  fs::path file_;
  int descriptor_;
  int failure_ = 0;
};

// What is wrong with the words of the command line. What is given by its place alone is named as --help names
// it.
std::string mistake(const po::error& error, const po::options_description& options,
                    const po::positional_options_description& positional) {
  if (dynamic_cast<const po::too_many_positional_options_error*>(&error)) {
    return "there are more words than are expected; is an option's -- missing?";
  }
  if (const auto* missing = dynamic_cast<const po::required_option*>(&error)) {
    std::string name = missing->get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    for (unsigned i = 0; i < positional.max_total_count(); ++i) {
      if (positional.name_for_position(i) != name) continue;
      return options.find(name, false).format_parameter() +
             " is missing: " + options.find(name, false).description() + ".";
    }
  }
  return std::string(error.what()) + ".";
}

bool quiet = false;
std::shared_ptr<LogFileSink> log_file;

}  // namespace

std::optional<po::variables_map> parse_verb(const Arguments& arguments, const std::string& usage,
                                            const std::string& example, po::options_description options,
                                            const po::positional_options_description& positional) {
  po::options_description visible("Options", 110, 60);
  visible.add(options);
  visible.add_options()(
      "plugins", po::value<std::vector<std::string>>()->value_name("DIR"),
      "look for plugins here first, then in HISTOKT_PLUGIN_PATH; may be given several times")(
      "quiet", "no progress, warnings and errors only")("help,h", "print this help");
  po::variables_map values;
  try {
    // No abbreviations: an option added later must not change what a script means.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments).options(visible).positional(positional).style(style).run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& unknown) {
    std::vector<std::string> names;
    for (const auto& option : visible.options()) names.push_back("--" + option->long_name());
    throw RequestError("there is no option " + unknown.get_option_name() + "." +
                       did_you_mean(unknown.get_option_name(), names) + " --help lists them.");
  } catch (const po::error& error) {
    const bool asks_for_help = values.contains("help") ||
                               std::find(arguments.begin(), arguments.end(), "--help") != arguments.end() ||
                               std::find(arguments.begin(), arguments.end(), "-h") != arguments.end();
    if (!asks_for_help)
      throw RequestError(mistake(error, visible, positional) + " --help says what is expected.");
    values.clear();
    values.insert({"help", po::variable_value()});
  }
  if (values.contains("help")) {
    program_output() << usage << "\n" << visible << "\nExample:\n  " << example << "\n";
    return std::nullopt;
  }
  if (values.contains("quiet")) {
    quiet = true;
    set_progress_enabled(false);
  }
  PluginRegistry& registry = PluginRegistry::instance();
  if (values.contains("plugins")) {
    for (const std::string& folder : values["plugins"].as<std::vector<std::string>>()) {
      registry.add_folder(folder, true);
    }
  }
  registry.add_default_folders();
  return values;
}

fs::path output_file(const std::string& path) {
  const fs::path output = fs::absolute(path);
  if (!fs::is_directory(output.parent_path())) {
    throw RequestError("--output " + output.string() + ": there is no folder " +
                       output.parent_path().string() + "; make it first, or write elsewhere");
  }
  return output;
}

fs::path picture_folder(const std::string& root) {
  const fs::path folder = fs::absolute(root).lexically_normal();
  std::error_code error;
  if (fs::is_directory(folder, error)) return folder;
  throw RequestError("--root " + folder.string() +
                     (fs::exists(folder, error)
                          ? ": this is no folder; give the folder that holds the pictures"
                          : ": there is no such folder"));
}

ConfiguredPlugin default_model(const std::string& name) {
  const Plugin& plugin = PluginRegistry::instance().open(HISTOKT_MODEL, name);
  return {&plugin, OptionSet::resolve(plugin.options(), {}, command_line_source(), plugin.title())};
}

TomlSource command_line_source() {
  return {"command line", fs::current_path()};
}

toml::table settings_table(const std::vector<std::string>& settings, const std::vector<std::string>& groups) {
  toml::table table;
  for (const std::string& setting : settings) {
    const std::string group = setting.substr(0, setting.find('.'));
    if (setting.find('.') > setting.find('=') ||
        std::find(groups.begin(), groups.end(), group) == groups.end()) {
      throw RequestError("--set " + setting + ": expected " + joined(groups, ".KEY=VALUE or ") +
                         ".KEY=VALUE." + did_you_mean(group, groups));
    }
    apply_setting(table, setting);
  }
  return table;
}

toml::table group_of(const toml::table& settings, const std::string& group) {
  const toml::table* table = settings[group].as_table();
  return table ? *table : toml::table{};
}

void set_up_logging(const std::optional<fs::path>& file) {
  auto console = std::make_shared<LiveLineSink>();
  console->set_pattern("%v");
  console->set_level(quiet ? spdlog::level::warn : spdlog::level::info);
  std::vector<spdlog::sink_ptr> sinks = {console};
  if (file) {
    make_folders(file->parent_path());
    log_file = std::make_shared<LogFileSink>(*file);
    log_file->set_pattern("%Y-%m-%d %H:%M:%S.%e %l [%P] %v");
    log_file->set_level(spdlog::level::debug);
    sinks.push_back(log_file);
  }
  auto logger = std::make_shared<spdlog::logger>("histokt", sinks.begin(), sinks.end());
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::info);
  logger->set_error_handler(
      [](const std::string& what) { std::cerr << "histokt-host: " << what << std::endl; });
  spdlog::set_default_logger(std::move(logger));
}

std::string log_problem() {
  return log_file ? log_file->problem() : "";
}

fs::path default_scratch() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) return fs::path(cache) / "histokt";
  if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".cache" / "histokt";
  return fs::temp_directory_path() / "histokt";
}

}  // namespace histokt
