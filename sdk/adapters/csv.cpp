// SPDX-License-Identifier: MIT
#include <histokt/adapters/csv.hpp>
#include <histokt/adapters/text.hpp>
#include <histokt/host.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace histokt::adapters {
namespace {

constexpr std::size_t kMostColumns = 10'000;
// Far more than any set's table has; what is larger is something else, or made to fill memory.
constexpr std::uintmax_t kMostBytes = std::uintmax_t{256} << 20;
constexpr std::size_t kMostCells = 5'000'000;

// Cuts text into lines of cells and knows where it stands.
class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : text_(text), name_(name) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    const std::string_view first_line = text_.substr(0, text_.find_first_of("\r\n"));
    separator_ = first_line.find('\t') == std::string_view::npos ? ',' : '\t';
  }

  bool at_end() const { return at_ == text_.size(); }
  std::size_t line() const { return line_; }

  // The cells of the line that begins here, line end consumed. An empty line gives no cell.
  std::vector<std::string> cells() {
    std::vector<std::string> cells;
    if (line_ends()) return cells;
    const std::size_t begun = line_;
    do {
      if (cells.size() == kMostColumns) fail(begun, "has more than 10,000 cells; is this a table?");
      if (++cell_count_ > kMostCells)
        fail(begun, "is too many: the table has more than 5,000,000 cells; is this a table?");
      cells.push_back(cell(cells.size() + 1));
    } while (!line_ends_or_separates());
    return cells;
  }

 private:
  [[noreturn]] void fail(std::size_t line, const std::string& reason) const {
    throw PluginError(name_ + ", line " + std::to_string(line) + ": the line " + reason);
  }

  // Consumes a line end (LF, CRLF, CR, end of text) if one is here.
  bool line_ends() {
    if (at_end()) return true;
    if (text_[at_] != '\n' && text_[at_] != '\r') return false;
    at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
    ++line_;
    return true;
  }

  // Consumes what ends a cell; false where that is a separator and another cell follows.
  bool line_ends_or_separates() {
    if (at_end() || text_[at_] != separator_) return line_ends();
    ++at_;
    return false;
  }

  // `number` counts from 1, for errors.
  std::string cell(std::size_t number) {
    if (!at_end() && text_[at_] == '"') return quoted_cell(number);
    const std::size_t begun = at_;
    while (!at_end() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
    return checked(std::string(text_.substr(begun, at_ - begun)), number);
  }

  std::string quoted_cell(std::size_t number) {
    const std::size_t begun = line_;
    std::string text;
    for (++at_;; ++at_) {
      if (at_end()) fail(begun, "opens a double quote that nothing closes");
      const char c = text_[at_];
      const bool doubled = c == '"' && text_.substr(at_).starts_with("\"\"");
      if (c == '"' && !doubled) break;
      if (c == '\n' || (c == '\r' && !text_.substr(at_).starts_with("\r\n"))) ++line_;
      if (doubled) ++at_;
      text += c;
    }
    ++at_;
    if (!at_end() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r') {
      fail(line_, "continues after a closing double quote; a quote within a cell is written twice");
    }
    return checked(std::move(text), number);
  }

  std::string checked(std::string text, std::size_t number) const {
    const std::string where = "holds in cell " + std::to_string(number) + " ";
    if (text.find('\0') != std::string::npos) {
      fail(line_, where + "a zero byte; save the table as text in UTF-8 (UTF-16 is not read)");
    }
    if (!is_utf8(text)) fail(line_, where + "bytes that are not UTF-8; save the table again as UTF-8");
    return text;
  }

  std::string_view text_;
  const std::string& name_;
  char separator_ = ',';
  std::size_t at_ = 0, line_ = 1, cell_count_ = 0;
};

}  // namespace

Table Table::read(const std::filesystem::path& file, Header header) {
  std::error_code error;
  const bool is_there = std::filesystem::exists(file, error);
  if (is_there && !std::filesystem::is_regular_file(file, error)) {
    throw PluginError(file.string() + " is not a file (but a folder, a pipe or a device); expected a table");
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw PluginError(file.string() + " cannot be opened; does it exist, and is it readable?");
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error || size > kMostBytes) {
    throw PluginError(file.string() + " has " + std::to_string(size) +
                      " bytes, more than the 256 MB that a table may have");
  }
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (static_cast<std::uintmax_t>(stream.gcount()) != size)
    throw PluginError(file.string() + " cannot be read to its end");
  return parse(text, file.string(), header);
}

Table Table::parse(std::string_view text, std::string name, Header header) {
  Table table;
  table.name_ = std::move(name);
  Parser parser(text, table.name_);
  bool header_due = header == Header::kFirstLine;
  while (!parser.at_end()) {
    const std::size_t number = parser.line();
    std::vector<std::string> cells = parser.cells();
    if (cells.empty()) continue;
    if (!header_due) {
      table.lines_.push_back({number, std::move(cells)});
      continue;
    }
    for (const std::string& cell : cells) table.columns_.emplace_back(trimmed(cell));
    header_due = false;
  }
  if (header_due) throw PluginError(table.name_ + " is empty; expected a line that names the columns");
  return table;
}

bool Table::has_column(std::string_view name) const {
  return std::find(columns_.begin(), columns_.end(), name) != columns_.end();
}

std::size_t Table::column(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end()) {
    throw PluginError(name_ + " has no column \"" + std::string(name) + "\"" + did_you_mean(name, columns_) +
                      " It has " + listed(columns_));
  }
  if (std::find(found + 1, columns_.end(), name) != columns_.end()) {
    throw PluginError(name_ + " has two columns called \"" + std::string(name) + "\"; rename one of them");
  }
  return static_cast<std::size_t>(found - columns_.begin());
}

Row Table::row(std::size_t index) const {
  const Line& line = lines_.at(index);
  const Row row(*this, index);
  if (columns_.empty()) return row;
  const auto is_empty = [](const std::string& cell) { return cell.empty(); };
  const bool too_long = line.cells.size() > columns_.size() &&
                        !std::all_of(line.cells.begin() + columns_.size(), line.cells.end(), is_empty);
  if (too_long || line.cells.size() < columns_.size()) {
    throw PluginError(row.where() + ": the line has " + std::to_string(line.cells.size()) +
                      " cells, the header " + std::to_string(columns_.size()) +
                      "; is a separator or a quote missing?");
  }
  return row;
}

const std::string& Row::operator[](std::string_view column) const {
  return (*this)[table_->column(column)];
}

const std::string& Row::operator[](std::size_t column) const {
  const std::vector<std::string>& cells = table_->lines_[index_].cells;
  if (column >= cells.size()) {
    throw PluginError(where() + ": the line has " + std::to_string(cells.size()) + " cells, at least " +
                      std::to_string(column + 1) + " were expected");
  }
  return cells[column];
}

std::size_t Row::size() const {
  return table_->lines_[index_].cells.size();
}

std::int64_t Row::integer(std::string_view column) const {
  const std::string_view text = trimmed((*this)[column]);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw PluginError(where() + ": column \"" + std::string(column) + "\" holds \"" + std::string(text) +
                      "\", expected a whole number");
  }
  return number;
}

std::string Row::where() const {
  return table_->name_ + ", line " + std::to_string(table_->lines_[index_].number);
}

}  // namespace histokt::adapters
