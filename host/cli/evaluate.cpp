// histokt-host evaluate --checkpoint FILE --patches FILE.h5 --split test

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/program_output.hpp"
#include "cli/command_line.hpp"
#include "tasks/evaluation.hpp"
#include "tasks/measures.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/checkpoint.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

Split split_from(const std::string& word) {
  for (const auto& [name, split] :
       {std::pair{"train", Split::kTrain}, {"valid", Split::kValid}, {"test", Split::kTest}}) {
    if (word == name) return split;
  }
  throw RequestError("--split " + word + ": expected train, valid or test");
}

}  // namespace

int evaluate_verb(const Arguments& arguments) {
  po::options_description options("evaluate", 110, 60);
  options.add_options()("checkpoint", po::value<std::string>()->value_name("FILE")->required(),
                        "the network's weights (safetensors, or .pth of torch.save)")(
      "patches", po::value<std::string>()->value_name("FILE.h5")->required(), "a patch set with a split")(
      "split", po::value<std::string>()->value_name("WORD")->default_value("test"), "train, valid or test")(
      "model", po::value<std::string>()->value_name("NAME"),
      "the model's plugin (default: the checkpoint's own)")(
      "output", po::value<std::string>()->value_name("DIR"),
      "write result.json, predictions.csv and groups.csv here")("json", "print what result.json holds")(
      "device", po::value<std::string>()->default_value("auto"),
      "auto, cpu, cuda, or one of several: cuda:1")(
      "precision", po::value<std::string>()->default_value("float32"), "float32 or bfloat16")(
      "threads", po::value<int>()->value_name("N")->default_value(0), "0: all cores");
  const auto values =
      parse_verb(arguments,
                 "histokt-host evaluate --checkpoint FILE --patches FILE.h5 --split test\n\nTests a "
                 "network on one split of a patch set: patches, pictures and groups, with 95 % intervals.\n",
                 "histokt-host evaluate --checkpoint os.safetensors --patches os.h5 --split test "
                 "--output os-test",
                 options, {});
  if (!values) return 0;
  set_up_logging(std::nullopt);

  const auto text = [&](const char* key) { return (*values)[key].as<std::string>(); };
  for (const char* key : {"checkpoint", "patches"}) {
    if (!fs::is_regular_file(text(key))) {
      throw RequestError(std::string("--") + key + " " + text(key) + ": there is no such file");
    }
  }
  const Split part = split_from(text("split"));
  const CheckpointInfo info = info_of(read_weights(text("checkpoint")), text("checkpoint"));
  const ConfiguredPlugin model =
      default_model(values->contains("model") ? text("model") : info.model.value_or("resnet18"));
  const Workshop workshop = make_workshop(
      {.threads = (*values)["threads"].as<int>(), .device = text("device"), .precision = text("precision")});

  const SplitSet split(text("patches"));
  const bool keep = values->contains("output");
  const fs::path folder =
      keep ? fs::path(text("output")) : temporary_beside(fs::temp_directory_path() / "histokt");
  make_folders(folder);
  const auto clean_up = [&] {
    std::error_code ignored;
    if (!keep) fs::remove_all(folder, ignored);
  };
  try {
    const Json result = evaluate_checkpoint(text("checkpoint"), model, split, part, workshop, folder);
    program_output() << (values->contains("json") ? result.dump(2) + "\n" : evaluation_text(result))
                     << std::flush;
  } catch (...) {
    clean_up();
    throw;
  }
  clean_up();
  return 0;
}

}  // namespace histokt
