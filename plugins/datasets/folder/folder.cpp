// SPDX-License-Identifier: MIT
// Any tree of class folders: the folder is the class, and all images below it belong to it.
#include <histokt/adapters/folders.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/dataset.hpp>

#include <optional>
#include <regex>
#include <set>

namespace histokt {
namespace {

using adapters::FoundFile;

constexpr const char* kLayout =
    "  ROOT/\n"
    "    CLASS/      one folder for each class, called as the class\n"
    "      *.png     its images, at any depth (jpg, tif, bmp and webp too)";

constexpr const char* kLevels[] = {"image", "slide", "patient", nullptr};

histokt_group_level level_called(const std::string& name) {
  if (name == "slide") return HISTOKT_GROUP_SLIDE;
  return name == "patient" ? HISTOKT_GROUP_PATIENT : HISTOKT_GROUP_PICTURE;
}

// Finds the group of an image in its path.
class GroupRule {
 public:
  explicit GroupRule(std::string expression) : text_(std::move(expression)) {
    if (text_.empty()) return;
    try {
      expression_.emplace(text_);
    } catch (const std::regex_error& error) {
      throw BadRequest("the option group = '" + text_ +
                       "' is not a regular expression (ECMAScript): " + error.what());
    }
  }

  // The first capture group, or the whole match; "" where there is no rule.
  std::string group_of(const std::string& name, const std::string& below_class) const {
    if (!expression_) return "";
    std::smatch match;
    std::string group;
    if (std::regex_search(below_class, match, *expression_)) group = match.str(match.size() > 1 ? 1 : 0);
    if (!group.empty()) return group;
    throw BadRequest("the option group = '" + text_ + "' does not match \"" + below_class +
                     "\", the path of the image " + name +
                     " below its class folder; change the expression, or move the image away");
  }

 private:
  std::string text_;
  std::optional<std::regex> expression_;
};

}  // namespace

class Folder : public Dataset {
 public:
  static constexpr histokt_option kOptions[] = {
      number_option("microns_per_pixel", nullptr, 1e-3, 100, "Scale of the images on disk."),
      string_option("group", "\"\"", nullptr,
                    "Regular expression for the path below the class folder; its first capture group, or the "
                    "whole match, names what must stay in one split; \"\": each image is its own group."),
      string_option("group_level", "\"image\"", kLevels, "What a group is."),
      list_of(string_option("classes", "[]", nullptr,
                            "Class folders to take, in this order; []: all of them, sorted.")),
      list_of(string_option("extensions",
                            "[\"png\", \"jpg\", \"jpeg\", \"tif\", \"tiff\", \"bmp\", \"webp\"]", nullptr,
                            "File name extensions of images."))};

  explicit Folder(const DatasetRequest& request) {
    const Settings& settings = request.settings;
    const GroupRule rule(settings.string("group"));
    adapters::require_folder(request.root, "", kLayout);
    info.classes = chosen_classes(request.root, settings.strings("classes"));
    info.microns_per_pixel = settings.number("microns_per_pixel");
    info.group_level = level_called(settings.string("group_level"));
    if (info.group_level != HISTOKT_GROUP_PICTURE && settings.string("group").empty()) {
      throw BadRequest("group_level = \"" + settings.string("group_level") +
                       "\" needs the option group: a regular expression that finds the " +
                       settings.string("group_level") + " in an image's path");
    }
    const std::vector<std::string> extensions = settings.strings("extensions");
    adapters::LeftOut left_out;
    for (std::size_t label = 0; label < info.classes.size(); ++label) {
      const std::string& name = info.classes[label];
      for (const FoundFile& file :
           adapters::class_files(request.root, name, kLayout, extensions, &left_out)) {
        add({.id = file.name,
             .group = rule.group_of(file.name, file.name.substr(name.size() + 1)),
             .label = static_cast<int>(label),
             .file = file.path});
      }
    }
    left_out.warn(request.host, request.root);
  }

 private:
  static std::vector<std::string> chosen_classes(const std::filesystem::path& root,
                                                 const std::vector<std::string>& wanted) {
    const std::vector<std::string> present = adapters::folder_names(root);
    if (present.empty()) {
      throw BadRequest("there are no class folders in " + root.string() + ".\nExpected:\n" + kLayout);
    }
    const std::set<std::string> known(present.begin(), present.end());
    std::set<std::string> seen;
    std::vector<std::string> chosen;
    for (const std::string& given : wanted) {
      const std::string name = adapters::composed(given);
      chosen.push_back(name);
      if (!known.contains(name)) {
        throw BadRequest("the option classes names \"" + name + "\"" + adapters::did_you_mean(name, present) +
                         " " + root.string() + " holds the folders " + adapters::listed(present));
      }
      if (!seen.insert(name).second) throw BadRequest("the option classes names \"" + name + "\" twice");
    }
    return chosen.empty() ? present : chosen;
  }
};

}  // namespace histokt

HISTOKT_DATASET_PLUGIN(histokt::Folder, "folder", "1.2.0", "Images in one folder for each class", "", "");
