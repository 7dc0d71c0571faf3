// histokt-host split FILE.h5 --export SPLIT.csv, or --import SPLIT.csv --output NEW.h5
#include <spdlog/spdlog.h>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/program_output.hpp"
#include "cli/command_line.hpp"
#include "patches/split_csv.hpp"
#include "patches/split_set.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

void check_is_file(const std::string& name, const std::string& said) {
  if (!fs::is_regular_file(name)) throw RequestError(said + name + ": there is no such file");
}

void check_folder_of(const fs::path& file, const std::string& option) {
  const fs::path folder = fs::absolute(file).parent_path();
  if (!fs::is_directory(folder)) {
    throw RequestError(option + " " + file.string() + ": there is no folder " + folder.string());
  }
}

void print_split(const fs::path& written, const SplitSet& split) {
  const PatchSet& patches = *split.patches();
  const SplitAssignment counted = count_split(split_request(patches, {}), split.split());
  program_output() << written.string() << ": " << split_text(counted, split.group_level()) << "; digest "
                   << split.digest() << std::endl;
}

void check_not_the_same(const fs::path& input, const fs::path& output, const std::string& option) {
  std::error_code none;
  if (fs::equivalent(input, output, none)) {
    throw RequestError(option + " " + output.string() + " is the file that is read; name another one");
  }
}

void export_split(const fs::path& file, const fs::path& csv) {
  check_folder_of(csv, "--export");
  const SplitSet split(file);
  for (const fs::path& read : {file, split.patches()->file()}) check_not_the_same(read, csv, "--export");
  write_file_atomically(csv, split_csv(*split.patches(), split.split()));
  print_split(csv, split);
}

void import_split(const fs::path& file, const fs::path& csv, const fs::path& output) {
  check_is_file(csv.string(), "--import ");
  check_folder_of(output, "--output");
  const std::shared_ptr<const PatchSet> patches = open_patches(file);
  for (const fs::path& read : {file, patches->file(), csv}) check_not_the_same(read, output, "--output");
  const SplitAssignment split = read_split_csv(*patches, read_file(csv), csv.string());
  for (const std::string& warning : split.warnings) spdlog::warn("{}: {}", csv.string(), warning);
  write_split_file(output, *patches, {.protocol = SplitProtocol::kFile}, split, 0);
  print_split(output, SplitSet(output));
}

}  // namespace

int split_verb(const Arguments& arguments) {
  po::options_description options("split", 110, 60);
  options.add_options()  //
      ("patches", po::value<std::string>()->value_name("FILE.h5")->required(),
       "a patch set, or a split of one")  //
      ("export", po::value<std::string>()->value_name("SPLIT.csv"),
       "write its split here: id, split, group, class")                                                     //
      ("import", po::value<std::string>()->value_name("SPLIT.csv"), "take the split from here: id, split")  //
      ("output", po::value<std::string>()->value_name("NEW.h5"),
       "the split to write, a small file that leads to FILE.h5");
  po::positional_options_description positional;
  positional.add("patches", 1);
  const auto values = parse_verb(
      arguments,
      "histokt-host split FILE.h5 --export SPLIT.csv\n"
      "histokt-host split FILE.h5 --import SPLIT.csv --output NEW.h5\n\n"
      "Writes which patch serves training, validation or test as a table, or takes it from one: a line\n"
      "for each patch, with train, valid, test or left-out. An experiment takes the same table as "
      "split_file.\n",
      "histokt-host split bach.h5 --export bach.csv", options, positional);
  if (!values) return 0;
  set_up_logging(std::nullopt);
  const auto text = [&](const char* key) { return (*values)[key].as<std::string>(); };
  const bool exporting = values->contains("export"), importing = values->contains("import");
  if (exporting == importing) {
    throw RequestError("split needs one of --export SPLIT.csv and --import SPLIT.csv");
  }
  if (importing != values->contains("output")) {
    throw RequestError(importing ? "--import needs --output NEW.h5, the split to write"
                                 : "--output belongs to --import; --export names the file it writes");
  }
  check_is_file(text("patches"), "");
  if (exporting) {
    export_split(text("patches"), text("export"));
  } else {
    import_split(text("patches"), text("import"), text("output"));
  }
  return 0;
}

}  // namespace histokt
