#include "tests/architecture/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weir::tests {
namespace {

namespace fs = std::filesystem;

const fs::path& Root() {
  static const fs::path* root = new fs::path(WEIR_SOURCE_DIR);
  return *root;
}

bool IsSource(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cc";
}

// Third parties' code and build folders are not ours to rule.
bool IsSkipped(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name == "build" || name == "node_modules" || name[0] == '.';
}

// The name in an include of this line, with its first delimiter; empty when it is none.
std::string IncludeOf(const std::string& line) {
  constexpr std::string_view kWord = "#include ";
  if (line.compare(0, kWord.size(), kWord) != 0) return {};
  const size_t end = line.find_first_of("\">", kWord.size() + 1);
  return end == std::string::npos ? std::string() : line.substr(kWord.size(), end - kWord.size());
}

SourceFile Read(const std::string& path) {
  SourceFile file{path, TextOf(path), 0, {}, {}};
  std::istringstream lines(file.text);
  for (std::string line; std::getline(lines, line);) {
    ++file.line_count;
    const std::string include = IncludeOf(line);
    if (include.empty()) continue;
    (include[0] == '"' ? file.own_includes : file.foreign_includes).push_back(include.substr(1));
  }
  return file;
}

}  // namespace

const std::vector<SourceFile>& SourceFiles() {
  static const auto* files = [] {
    auto* all = new std::vector<SourceFile>();
    for (auto it = fs::recursive_directory_iterator(Root()); it != fs::end(it); ++it) {
      if (it->is_directory() && IsSkipped(it->path())) it.disable_recursion_pending();
      if (it->is_regular_file() && IsSource(it->path()))
        all->push_back(Read(fs::relative(it->path(), Root()).string()));
    }
    std::sort(all->begin(), all->end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return all;
  }();
  return *files;
}

std::vector<std::string> ComponentFolders() {
  std::vector<std::string> folders;
  for (const char* kind : {"receivers", "processors", "exporters", "connectors", "extensions"}) {
    if (!Exists(kind)) continue;
    for (const auto& entry : fs::directory_iterator(Root() / kind)) {
      // A folder without a build file is not a component yet.
      if (entry.is_directory() && fs::exists(entry.path() / "CMakeLists.txt"))
        folders.push_back(fs::relative(entry.path(), Root()).string());
    }
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string TextOf(const std::string& path) {
  std::ifstream file(Root() / path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Exists(const std::string& path) { return fs::exists(Root() / path); }

}  // namespace weir::tests
