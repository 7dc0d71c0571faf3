// SPDX-License-Identifier: MIT
// histokt-host split FILE.h5 --export SPLIT.csv, or --import SPLIT.csv --output NEW.h5
#include <spdlog/spdlog.h>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/program_output.hpp"
#include "cli/command_values.hpp"
#include "cli/named_files.hpp"
#include "cli/run_subcommands.hpp"
#include "patches/split_csv.hpp"
#include "patches/split_set.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

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
    throw RequestError(option + " " + output.string() + " is the input file; name another one");
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
  existing_file(csv.string(), "--import ");
  check_folder_of(output, "--output");
  const std::shared_ptr<const PatchSet> patches = open_patches(file);
  for (const fs::path& read : {file, patches->file(), csv}) check_not_the_same(read, output, "--output");
  const SplitAssignment split = read_split_csv(*patches, read_file(csv), csv.string());
  for (const std::string& warning : split.warnings) spdlog::warn("{}: {}", csv.string(), warning);
  write_split_file(output, *patches, {.protocol = SplitProtocol::kFile}, split, 0);
  print_split(output, SplitSet(output));
}

}  // namespace

int run_split(const CommandValues& values) {
  const bool exporting = values.has("export"), importing = values.has("import");
  if (exporting == importing) {
    throw RequestError("split needs one of --export SPLIT.csv and --import SPLIT.csv");
  }
  if (importing != values.has("output")) {
    throw RequestError(importing ? "--import needs --output NEW.h5, the split to write"
                                 : "--output goes with --import; --export names the file it writes");
  }
  const fs::path file = existing_file(values.text("patches"));
  if (exporting) {
    export_split(file, values.text("export"));
  } else {
    import_split(file, values.text("import"), values.text("output"));
  }
  return 0;
}

}  // namespace histokt
