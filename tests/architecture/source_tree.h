// The files of this source tree, for tests of its rules.
#pragma once

#include <string>
#include <vector>

namespace weir::tests {

struct SourceFile {
  std::string path;  // from the root: "pipeline/graph.cc"
  std::string text;
  size_t line_count = 0;
  std::vector<std::string> own_includes;      // of "..." includes
  std::vector<std::string> foreign_includes;  // of <...> includes
};

// Every .h and .cc below the root but for build folders, sorted by path.
const std::vector<SourceFile>& SourceFiles();

// Folders `kind`/*, from the root: "receivers/otlp". Sorted.
std::vector<std::string> ComponentFolders();

// The content of a file from the root; empty when there is none.
std::string TextOf(const std::string& path);
bool Exists(const std::string& path);

}  // namespace weir::tests
