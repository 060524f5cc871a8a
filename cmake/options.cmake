# Build options and the warnings every target shares. Presets set these (CMakePresets.json).
option(WEIR_TESTS "Build tests" ON)
option(WEIR_BENCH "Build benchmarks and the load generator" OFF)
option(WEIR_FUZZ "Build libFuzzer targets (needs clang)" OFF)
set(WEIR_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them; empty for none")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(WEIR_SANITIZE)
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WEIR_SANITIZE})
  if(WEIR_SANITIZE STREQUAL "thread")
    # ThreadSanitizer does not see fences. Asio's order nothing that its mutex does not order too.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()
if(WEIR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

add_library(weir_options INTERFACE)
target_compile_options(weir_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Werror
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
target_include_directories(weir_options INTERFACE "${CMAKE_SOURCE_DIR}")
