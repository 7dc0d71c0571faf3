// SPDX-License-Identifier: MIT
// Writes a patch set, a split file of it and a file with both into the folder given, for h5py_test.py.
#include "patches/scratch.hpp"
#include "patches/split_set.hpp"

int main(int, char** arguments) {
  using namespace histokt;
  const std::filesystem::path folder = arguments[1];
  const auto made = testing::small_patches(40);
  testing::write(folder / "patches.h5", made);
  make_folders(folder / "split");
  const PatchSet patches(folder / "patches.h5");
  write_split_file(folder / "split/split.h5", patches, {}, assign_split(patches, {}), 1);

  PatchSetWriter writer(folder / "both.h5", made.info.patch_side);
  writer.write_pixels(0, made.pixels);
  writer.finish(made.info, made.table);
  const PatchSet unpublished(writer.temporary());
  add_split(unpublished, {}, assign_split(unpublished, {}), 1);
  writer.publish();
}
