// SPDX-License-Identifier: MIT
#include "results/event_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "base/files.hpp"
#include "report/event_file.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "events.out.tfevents.";

// TensorBoard draws what stands before the '/' under one heading.
std::string tag_of(const std::string& column) {
  for (const std::string part : {"train", "valid"}) {
    if (column.starts_with(part + "_")) return column.substr(part.size() + 1) + "/" + part;
  }
  return column;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

// A point an epoch, of whatever columns the file has. train_patches: for patches/s, over the whole of an
// epoch.
std::vector<ScalarPoint> curves(const std::string& csv, double train_patches) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> columns = cells_of(line);
  std::vector<ScalarPoint> points;
  while (std::getline(lines, line)) {
    const std::vector<std::string> cells = cells_of(line);
    ScalarPoint& point = points.emplace_back();
    for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i) {
      const double value = std::strtod(cells[i].c_str(), nullptr);
      if (columns[i] == "epoch") {
        point.step = static_cast<std::int64_t>(value);
      } else {
        point.values.emplace_back(tag_of(columns[i]), value);
      }
      if (columns[i] == "seconds") {
        point.wall_time = value;
        if (value > 0) point.values.emplace_back("patches_per_second", train_patches / value);
      }
    }
  }
  return points;
}

// From how long each epoch took to when it ended: the last one when the file was written.
void date(std::vector<ScalarPoint>& points, double end) {
  for (auto point = points.rbegin(); point != points.rend(); ++point) {
    const double seconds = point->wall_time;
    point->wall_time = end;
    end -= seconds;
  }
}

double seconds_of_change(const fs::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? static_cast<double>(status.st_mtime) : 0;
}

void remove_others(const fs::path& folder, const fs::path& kept) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const fs::path& file = entry.path();
    if (file != kept && file.filename().string().starts_with(kPrefix)) fs::remove(file, ignored);
  }
}

}  // namespace

void write_event_file(const Step& step, const fs::path& output) {
  if (!step.record || !step.record->result.summary.contains("train_patches")) return;  // it trained nothing
  const fs::path metrics = step.record->folder / "metrics.csv";
  std::vector<ScalarPoint> points =
      curves(read_file(metrics), step.record->result.summary.at("train_patches").get<double>());
  date(points, seconds_of_change(metrics));
  const std::string bytes = event_file(points);
  const fs::path folder = output / "tensorboard" / step.file_label();
  const fs::path file = folder / (kPrefix + step.record->identity.substr(0, 12));
  if (std::error_code none; fs::exists(file, none) && read_file(file) == bytes) return;
  make_folders(folder);
  write_file_atomically(file, bytes);
  remove_others(folder, file);
}

}  // namespace histokt
