// SPDX-License-Identifier: MIT
// histokt-host evaluate --checkpoint FILE --patches FILE.h5 --split test

#include "tasks/evaluation.hpp"

#include "base/files.hpp"
#include "base/program_output.hpp"
#include "cli/compute_options.hpp"
#include "cli/named_files.hpp"
#include "cli/run_subcommands.hpp"
#include "config/command_settings.hpp"
#include "patches/split_set.hpp"
#include "tasks/evaluation_metrics.hpp"
#include "tasks/named_model.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

// The folder of the evaluation's files: the requested one, or a temporary one.
class ResultFolder {
 public:
  explicit ResultFolder(const std::optional<std::string>& requested)
      : is_temporary_(!requested),
        path_(requested ? fs::path(*requested) : temporary_beside(fs::temp_directory_path() / "histokt")) {
    make_folders(path_);
  }
  ~ResultFolder() {
    std::error_code ignored;
    if (is_temporary_) fs::remove_all(path_, ignored);
  }
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  bool is_temporary_;
  fs::path path_;
};

Split split_from(const std::string& word) {
  return word == "train" ? Split::kTrain : word == "valid" ? Split::kValid : Split::kTest;
}

}  // namespace

int run_evaluate(const CommandValues& values) {
  const fs::path checkpoint = existing_file(values.text("checkpoint"), "--checkpoint ");
  const fs::path patches = existing_file(values.text("patches"), "--patches ");
  const std::string named = model_named_by(checkpoint).value_or("resnet18");
  const ConfiguredPlugin model = configured_plugin(HISTOKT_MODEL, values.text_or("model", named));
  const ComputeContext compute = make_compute_context(compute_request(values));
  const SplitSet split(patches);
  const ResultFolder folder(values.given("output"));
  const Json result =
      evaluate_checkpoint(checkpoint, model, split, split_from(values.text("split")), compute, folder.path());
  program_output() << (values.has("json") ? result.dump(2) + "\n" : evaluation_text(result)) << std::flush;
  return 0;
}

}  // namespace histokt
