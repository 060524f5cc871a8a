// Guarantees: every component is a folder of the same shape, and files stay readable in size and
// name (DESIGN §9, STYLE).
#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "tests/architecture/source_tree.h"

namespace weir::tests {
namespace {

// STYLE asks to pause at 600; here the pause is over.
constexpr size_t kLinesMax = 700;

TEST(ComponentFolder, HasReadmeRegistrationAndBuildFile) {
  const std::vector<std::string> folders = ComponentFolders();
  EXPECT_GT(folders.size(), 5u);
  for (const std::string& folder : folders) {
    const std::string readme = TextOf(folder + "/README.md");
    size_t last = 0;
    for (const char* heading :
         {"\n## Overview\n", "\n## Configuration\n", "\n## Telemetry\n", "\n## Limits\n"}) {
      const size_t at = readme.find(heading);
      EXPECT_NE(at, std::string::npos) << folder << "/README.md lacks" << heading;
      EXPECT_GE(at, last) << folder << "/README.md: order of headings";
      last = at;
    }
    std::string function = "Register_" + folder + "(";
    function[function.find('/')] = '_';
    EXPECT_NE(TextOf(folder + "/register.cc").find(function), std::string::npos)
        << folder << "/register.cc lacks " << function;
    EXPECT_NE(TextOf(folder + "/CMakeLists.txt").find("weir_component("), std::string::npos)
        << folder;
  }
}

// A component without options needs no file for them, nor one whose options are the engine's.
TEST(ComponentFolder, KeepsItsOptionsInConfig) {
  for (const SourceFile& file : SourceFiles()) {
    if (file.path.find("/register.cc") == std::string::npos) continue;
    const bool has_options = file.text.find("NewConfig<") != std::string::npos;
    EXPECT_TRUE(has_options) << file.path;
    EXPECT_EQ(file.text.find("void Fields("), std::string::npos)
        << file.path << ": options belong into config.h";
  }
}

TEST(SourceFile, IsNotTooLong) {
  for (const SourceFile& file : SourceFiles())
    EXPECT_LE(file.line_count, kLinesMax) << file.path << ": split it by noun";
}

TEST(SourceFile, IsNamedInSnakeCase) {
  for (const SourceFile& file : SourceFiles()) {
    for (const char c : file.path) {
      const bool fits = std::islower(static_cast<unsigned char>(c)) ||
                        std::isdigit(static_cast<unsigned char>(c)) ||
                        std::string_view("_/.").find(c) != std::string_view::npos;
      if (!fits) {
        ADD_FAILURE() << file.path << " has '" << c << "' in its name";
        break;
      }
    }
  }
}

TEST(SourceFile, HeadersAreIncludedOnce) {
  for (const SourceFile& file : SourceFiles()) {
    if (file.path.size() < 2 || file.path.substr(file.path.size() - 2) != ".h") continue;
    EXPECT_NE(file.text.find("#pragma once\n"), std::string::npos) << file.path;
  }
}

TEST(SourceFile, LeavesNothingForLater) {
  const std::string words[] = {std::string("TO") + "DO", std::string("FIX") + "ME"};
  for (const SourceFile& file : SourceFiles()) {
    for (const std::string& word : words)
      EXPECT_EQ(file.text.find(word), std::string::npos) << file.path << " has " << word;
  }
}

}  // namespace
}  // namespace weir::tests
