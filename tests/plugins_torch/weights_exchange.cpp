// SPDX-License-Identifier: MIT
// Our side of the exchange of weights with Python (torchvision_exchange_test.py).
//
//   weights_exchange write FOLDER
//       writes ours.safetensors, a checkpoint of a network with five classes, and sample.safetensors: two
//       images, and the network's logits for them
//   weights_exchange read FOLDER FILE...
//       writes FILE.answer: the logits of the weights in FILE for those images
#include <torch/utils.h>

#include <iostream>

#include "models/resnet18/resnet18.hpp"
#include "support/settings.hpp"
#include "tensors/weights.hpp"
#include "training/checkpoint.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

ResNet18 make(std::uint64_t seed) {
  const testing::TestSettings settings(ResNet18::kOptions);
  return ResNet18(ModelRequest{settings.view(), Host(nullptr), 5, seed});
}

// Statistics as after training, so that they count.
void shake(ResNet18& model) {
  const torch::NoGradGuard no_gradient;
  torch::manual_seed(4);
  for (ModelTensor& t : model.tensors()) {
    if (t.name.ends_with("running_mean")) t.tensor.uniform_(-0.2, 0.2);
    if (t.name.ends_with("running_var")) t.tensor.uniform_(0.5, 1.5);
    if (t.name.ends_with("num_batches_tracked")) t.tensor.fill_(11);
  }
}

torch::Tensor logits(ResNet18& model, const torch::Tensor& images) {
  const torch::NoGradGuard no_gradient;
  model.set_training(false, false);
  return model.classify(model.pool(model.encode(images)));
}

void write(const fs::path& folder) {
  ResNet18 model = make(3);
  shake(model);
  const CheckpointInfo info{.model = "resnet18", .classes = {{"a", "b", "c", "d", "e"}}, .patch_side = 64};
  write_safetensors(folder / "ours.safetensors", to_tensor_file(model, to_metadata(info)));
  const torch::Tensor images = torch::randn({2, 3, 64, 64});
  write_safetensors(folder / "sample.safetensors",
                    {{stored("images", images), stored("logits", logits(model, images))}, {}});
}

void read(const fs::path& folder, const fs::path& file) {
  const torch::Tensor images = to_torch(*read_safetensors(folder / "sample.safetensors").find("images"));
  ResNet18 model = make(9);
  load_into(model, read_weights(file));
  write_safetensors(file.string() + ".answer", {{stored("logits", logits(model, images))}, {}});
}

}  // namespace
}  // namespace histokt

int main(int count, char** arguments) try {
  const std::string verb = count > 2 ? arguments[1] : "";
  if (verb == "write") histokt::write(arguments[2]);
  for (int i = 3; i < count && verb == "read"; ++i) histokt::read(arguments[2], arguments[i]);
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
