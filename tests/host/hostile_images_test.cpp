// SPDX-License-Identifier: MIT
// Bad images, tables and roots, as on a laboratory's disk, through the program.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "patches/patch_set.hpp"
#include "support/csv_rows.hpp"
#include "support/image_files.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::HostRun;
using testing::Bytes;

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The superuser reads everything unless he lets go of that right.
std::string without_overriding_permissions() {
  if (::geteuid() != 0) return "";
  return "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search ";
}

// Two classes of three right images each.
class HostileImages : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a/1.png", "a/2.png", "a/3.png", "b/1.png", "b/2.png", "b/3.png"}) {
      put(name, testing::encode(testing::noise_image(40, 40), ".png"));
    }
  }
  void TearDown() override { fs::permissions(root() / "a/secret.png", fs::perms::owner_all, ignored_); }

  fs::path root() const { return folder_ / "data"; }
  fs::path output() const { return folder_ / "out.h5"; }
  void put(const std::string& name, const Bytes& bytes) const {
    folder_.write("data/" + name, text_of(bytes));
  }

  HostRun standardize(const std::string& more = "", const std::string& before = "") const {
    return test::run_shell("XDG_CACHE_HOME=/tmp " + before + "'" + test::host_program().string() +
                           "' standardize --dataset folder --root " + root().string() + " --output " +
                           output().string() +
                           " --set dataset.microns_per_pixel=1 --set standardize.patch_side=32 --set "
                           "split.allow_few_groups=true " +
                           more);
  }

  test::TempFolder folder_;
  std::error_code ignored_;
};

// Every bad image by name, with a part of what must be said of it.
std::vector<std::pair<std::string, std::string>> put_bad_images(
    const fs::path& root, const std::function<void(std::string, Bytes)>& put) {
  std::vector<std::pair<std::string, std::string>> bad;
  const Image image = testing::noise_image(40, 40);
  const std::vector<std::pair<std::string, Bytes>> whole = {
      {"tif", testing::encode_tiff(40, 40, image.pixels)},
      {"jpg", testing::encode(image, ".jpg")},
      {"progressive.jpg", testing::encode_progressive_jpeg(image)},
      {"png", testing::encode(image, ".png")},
      {"bmp", testing::encode(image, ".bmp")},
      {"webp.png", testing::encode(image, ".webp")}};
  for (const auto& [kind, bytes] : whole) {
    for (const char* share : {"0.1", "0.5", "0.9", "0.999"}) {
      const auto kept = static_cast<std::ptrdiff_t>(static_cast<double>(bytes.size()) * std::stod(share));
      bad.emplace_back("cut_" + std::string(share) + "." + kind, "cut off");
      put("a/" + bad.back().first, Bytes(bytes.begin(), bytes.begin() + kept));
    }
  }
  const auto add = [&](const std::string& name, const std::string& said) { bad.emplace_back(name, said); };
  const std::string words = "patient,label";
  put("a/words.tif", Bytes(reinterpret_cast<const std::byte*>(words.data()),
                           reinterpret_cast<const std::byte*>(words.data() + words.size())));
  add("words.tif", "is no image this program reads");
  put("a/empty.jpg", {});
  add("empty.jpg", "is empty (0 bytes)");
  put("a/vast.png", testing::encode_png({.height = 20'000, .width = 20'000, .bits = 1, .colour_type = 0},
                                        std::vector<std::uint8_t>(20'000 / 8 * 20'000)));
  add("vast.png", "20000 x 20000 pixels, more than the 200000000 allowed; raise `standardize.max_pixels`");
  EXPECT_EQ(0, ::mkfifo((root / "a/pipe.png").c_str(), 0600));
  add("pipe.png", "is not a regular file");
  fs::create_directory(root / "a/folder.png");
  add("folder.png", "is a folder");
  fs::create_symlink("nothing.png", root / "a/gone.png");
  add("gone.png", "which does not exist; fix or remove the link");
  fs::create_symlink("circle.png", root / "a/circle.png");
  add("circle.png", "leads back to itself");
  put("a/secret.png", testing::encode(image, ".png"));
  fs::permissions(root / "a/secret.png", fs::perms::none);
  add("secret.png", "Permission denied; change its permissions");
  return bad;
}

TEST_F(HostileImages, AreEachNamedAndCountedWhereSkippingIsAskedFor) {
  const auto bad =
      put_bad_images(root(), [&](const std::string& name, const Bytes& bytes) { put(name, bytes); });
  const HostRun run =
      standardize("--set standardize.on_bad_image=skip", "timeout 60 " + without_overriding_permissions());
  ASSERT_EQ(0, run.exit_code) << run.output;
  for (const auto& [name, said] : bad) {
    const std::size_t line = run.output.find("skipped: image `a/" + name + "` of folder: ");
    ASSERT_NE(std::string::npos, line) << name << "\n" << run.output;
    const std::string sentence = run.output.substr(line, run.output.find('\n', line) - line);
    EXPECT_NE(std::string::npos, sentence.find(said)) << name << ": " << sentence;
  }
  EXPECT_TRUE(run.says(std::to_string(bad.size()) + " images skipped")) << run.output;

  const PatchSet set(output());
  EXPECT_EQ(bad.size(), set.info().skipped_images.size());
  for (const auto& [name, said] : bad) {
    EXPECT_EQ(1, std::ranges::count(set.info().skipped_images, "a/" + name)) << name;
  }
  EXPECT_EQ(6u, set.info().images);
  rusage children{};
  ::getrusage(RUSAGE_CHILDREN, &children);
  EXPECT_LT(children.ru_maxrss / 1024, 900) << "the vast image alone would take 1,200 MB";
}

TEST_F(HostileImages, EndTheWorkAtTheFirstOneByDefault) {
  for (const char* name : {"a/2.png", "b/2.png"}) fs::resize_file(root() / name, 1000);
  const HostRun run = standardize();
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says("image `a/2.png` of folder: " + (root() / "a/2.png").string() +
                       ": is a damaged or cut off PNG file"))
      << run.output;
  EXPECT_TRUE(run.says("copy or download it again")) << run.output;
  EXPECT_FALSE(run.says("b/2.png")) << run.output;
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(HostileImages, OfEveryUnusualKindAreRead) {
  const Image noise = testing::noise_image(40, 40);
  const auto tiff = [&](const testing::TiffKind& kind, std::size_t channel_bytes) {
    return testing::encode_tiff(40, 40, std::vector<std::uint8_t>(40 * 40 * channel_bytes, 77), kind);
  };
  put("a/a_png_in_truth.jpg", testing::encode(noise, ".png"));
  put("a/a_webp_in_truth.bmp", testing::encode(noise, ".webp"));
  put("a/rgba.tif", tiff({.samples = 4}, 4));
  put("a/grey.tif", tiff({.samples = 1, .photometric = PHOTOMETRIC_MINISBLACK}, 1));
  put("a/deep.tif", tiff({.bits = 16}, 6));
  put("a/palette.tif", tiff({.samples = 1, .photometric = PHOTOMETRIC_PALETTE}, 1));
  put("a/inks.jpg", testing::encode_cmyk_jpeg(40, 40, 1, 2, 3, 4));
  put("a/progressive.jpg", testing::encode_progressive_jpeg(noise));
  put("a/turned.jpg",
      testing::with_exif_orientation(testing::encode(testing::noise_image(40, 70), ".jpg"), 6));
  put("a/pixel.png", testing::encode(testing::noise_image(1, 1), ".png"));
  const HostRun run = standardize("--set standardize.min_contrast=0 --set standardize.overlap=0");
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("patches of 16 images")) << run.output;
  const PatchSet set(output());
  for (const char* name : {"a_png_in_truth.jpg", "a_webp_in_truth.bmp", "rgba.tif", "grey.tif", "deep.tif",
                           "palette.tif", "inks.jpg", "progressive.jpg", "turned.jpg", "pixel.png"}) {
    EXPECT_LE(1, std::ranges::count(set.table().source, std::string("a/") + name)) << name;
  }
  // 70 wide and 40 high as stored; turned it would be the other way round.
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set.table().source[i] != "a/turned.jpg") continue;
    EXPECT_EQ(0, set.table().top[i]);
  }
}

TEST_F(HostileImages, WithMorePixelsThanAllowedAreRefusedByTheOption) {
  const HostRun run = standardize("--set standardize.max_pixels=1599");
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(
      run.says("a/1.png: has 40 x 40 pixels, more than the 1599 allowed; raise `standardize.max_pixels`"))
      << run.output;
}

HostRun standardize_pixels(const fs::path& output, const std::string& more) {
  return test::run_host("--plugins '" + (test::build_folder() / "tests/plugins").string() +
                        "' standardize --dataset pixels --output " + output.string() +
                        " --set standardize.patch_side=32 --set split.allow_few_groups=true " + more);
}

TEST_F(HostileImages, ThatAPluginWritesItselfObeyTheSameOption) {
  const HostRun right = standardize_pixels(output(), "--set standardize.max_pixels=1600");
  EXPECT_EQ(0, right.exit_code) << right.output;
  const HostRun large = standardize_pixels(output(), "--set standardize.max_pixels=1599");
  EXPECT_EQ(1, large.exit_code);
  EXPECT_TRUE(large.says("40 x 40 pixels, more than the 1599 allowed; raise `standardize.max_pixels`"))
      << large.output;
  const HostRun vast = standardize_pixels(output(), "--set dataset.side=1000000000");
  EXPECT_EQ(1, vast.exit_code);
  EXPECT_TRUE(vast.says("1000000000 x 1000000000 pixels")) << vast.output;
}

TEST_F(HostileImages, OfAClassWhoseNameIsNoTextAreRefused) {
  const HostRun run = standardize_pixels(output(), "--set dataset.latin=true");
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says("names a class by a name that is not UTF-8")) << run.output;
}

TEST_F(HostileImages, BelowRootsThatAreNoneAreNotLookedFor) {
  const auto said_of = [&](const std::string& place) {
    const HostRun run =
        test::run_host("standardize --dataset folder --root " + (folder_ / place).string() + " --output " +
                       output().string() + " --set dataset.microns_per_pixel=1");
    EXPECT_EQ(2, run.exit_code) << place << ": " << run.output;
    return run.output;
  };
  const auto holds = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(holds(said_of("nowhere"), "nowhere: there is no such folder"));
  EXPECT_TRUE(holds(said_of("data/a/1.png"), "this is not a folder; give the folder that holds the images"));
  EXPECT_TRUE(holds(said_of("data/a"), "there are no class folders in"));
  fs::create_directories(folder_ / "data/c");
  EXPECT_TRUE(holds(said_of("data"), "data/c holds no image"));
}

TEST_F(HostileImages, DoNotLeadRoundInCircles) {
  fs::create_directory_symlink(root(), root() / "a/again");
  EXPECT_EQ(0, standardize("", "timeout 60 ").exit_code);
  fs::create_directory_symlink("c", root() / "d");
  fs::create_directory_symlink("d", root() / "c");
  const HostRun run = standardize("", "timeout 60 ");
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says("is a symbolic link that leads to no file and no folder")) << run.output;
}

TEST_F(HostileImages, StandInEveryResultThatWasMadeWithoutThem) {
  for (int i = 4; i < 10; ++i) {
    for (const char* name : {"a/", "b/"}) {
      put(name + std::to_string(i) + ".png", testing::encode(testing::noise_image(60, 60), ".png"));
    }
  }
  fs::resize_file(root() / "a/2.png", 1000);
  folder_.write("tiny.toml", R"(
trials = 1
loader_threads = 1
[standardize]
patch_side = 32
on_bad_image = "skip"
[datasets.slides]
use = "folder"
root = "data"
options = { microns_per_pixel = 1.0 }
shares = [0.4, 0.3, 0.3]
allow_few_groups = true
[datasets.drawn]
use = "synthetic"
options = { patients = 6, images_per_patient = 1, image_side = 48, classes = ["stroma", "tumour"] }
[recipes.r]
optimizer = { use = "rmsgd", learning_rate = 0.03 }
epochs = 1
batch_size = 4
[matrix]
sources = ["slides"]
targets = ["drawn"]
train = "r"
tune = "r"
)");
  const HostRun run = test::run_host((folder_ / "tiny.toml").string());
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("made without 1 image of slides, which could not be read")) << run.output;
  const fs::path top = folder_ / "runs/tiny";
  const json result = json::parse(read_file(top / "result.json"));
  EXPECT_EQ((json{{"slides", 1}}), result.at("skipped_images"));
  int tested = 0;
  for (const json& step : result.at("steps")) {
    if (step.at("label") == "slides" && step.at("kind") == "standardize") {
      EXPECT_EQ((json{"a/2.png"}), step.at("summary").at("skipped_images"));
    }
    if (step.at("kind") != "evaluate" || !step.at("label").get<std::string>().starts_with("slides-to-drawn"))
      continue;
    const json own = json::parse(read_file(top / step.at("folder").get<std::string>() / "result.json"));
    EXPECT_EQ((json{{"slides", 1}}), own.at("skipped_in_all"))
        << "the source's, though the target has all its own";
    ++tested;
  }
  EXPECT_EQ(1, tested);
  for (const test::CsvRow& row : test::csv_rows(read_file(top / "transfer_matrix.csv"))) {
    EXPECT_EQ(row.at("source") == "slides" ? "1" : "0", row.at("skipped_images")) << row.at("key");
    EXPECT_EQ("", row.at("interval_low")) << "of few groups";
  }
}

}  // namespace
}  // namespace histokt
