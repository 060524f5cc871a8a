# The few words the rooms' CMakeLists are written in.
#
#   weir_library(model HEADERS a.h SOURCES a.cc DEPS base PRIVATE_DEPS PkgConfig::ZSTD)
#   weir_component(SOURCES config.cc batch.cc register.cc DEPS net)   # in receivers/otlp/CMakeLists.txt
#   weir_test(model_batch_test SOURCES batch_test.cc DEPS model)
#   weir_fuzz(otlp_logs SOURCES otlp_logs_fuzz.cc DEPS model)

include(CMakeParseArguments)

# A room: static library `weir_NAME`. DEPS and PRIVATE_DEPS name rooms by their short name or any CMake target.
function(weir_library name)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(weir_${name} STATIC ${arg_SOURCES})
  weir_link(weir_${name} PUBLIC ${arg_DEPS})
  weir_link(weir_${name} PRIVATE ${arg_PRIVATE_DEPS})
  target_link_libraries(weir_${name} PRIVATE weir_options)
  if(arg_HEADERS)
    target_sources(weir_${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${arg_HEADERS})
    set_target_properties(weir_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
  target_include_directories(weir_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
endfunction()

function(weir_link target scope)
  foreach(dep ${ARGN})
    if(dep MATCHES "::|^-|/" OR NOT dep MATCHES "^[a-z_]+$")
      target_link_libraries(${target} ${scope} ${dep})
    elseif(dep MATCHES "^(protobuf|prometheus|benchmark|pthread|crypt|snappy|dl|isal)$")
      target_link_libraries(${target} ${scope} ${dep})
    else()
      target_link_libraries(${target} ${scope} weir_${dep})
    endif()
  endforeach()
endfunction()

# One component folder. Its register.cc defines `void Register_<kind>_<folder>(weir::pipeline::Registry&)`.
# The registration list is generated from the folders, so that adding one edits no shared file.
function(weir_component)
  get_filename_component(type "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  get_filename_component(dir "${CMAKE_CURRENT_SOURCE_DIR}" DIRECTORY)
  get_filename_component(kind "${dir}" NAME)
  weir_library(${kind}_${type} ${ARGN})
  weir_link(weir_${kind}_${type} PUBLIC pipeline)
  set_property(GLOBAL APPEND PROPERTY WEIR_COMPONENTS ${kind}_${type})
endfunction()

function(weir_add_components kind)
  file(GLOB folders CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}" "${kind}/*/CMakeLists.txt")
  foreach(file ${folders})
    get_filename_component(folder "${file}" DIRECTORY)
    add_subdirectory("${folder}")
  endforeach()
endfunction()

# Writes the function that registers every component found, and links all of them into `target`.
function(weir_generate_registration target)
  get_property(components GLOBAL PROPERTY WEIR_COMPONENTS)
  set(declarations "")
  set(calls "")
  foreach(component ${components})
    string(APPEND declarations "void Register_${component}(weir::pipeline::Registry& registry);\n")
    string(APPEND calls "  Register_${component}(registry);\n")
    target_link_libraries(${target} PUBLIC weir_${component})
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/components.cc" @ONLY CONTENT
"// Generated from the component folders; do not edit.
#include \"app/components.h\"
#include \"pipeline/registry.h\"
@declarations@
namespace weir::app {
void RegisterAllComponents([[maybe_unused]] pipeline::Registry& registry) {
@calls@}
}  // namespace weir::app
")
  target_sources(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/components.cc")
endfunction()

# A GoogleTest program, registered as one ctest case. LABELS: "long" is left out of the short run.
function(weir_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPS;LABELS;ENV" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  weir_link(${name} PRIVATE ${arg_DEPS})
  target_link_libraries(${name} PRIVATE weir_options GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
  if(arg_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
  endif()
  if(WEIR_SANITIZE STREQUAL "thread")
    list(APPEND arg_ENV "TSAN_OPTIONS=ignore_noninstrumented_modules=1:suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
  endif()
  if(arg_ENV)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "${arg_ENV}")
  endif()
endfunction()

# A fuzz target: with WEIR_FUZZ a libFuzzer program fuzz_NAME; in every other build NAME_corpus_test replays
# tests/fuzz/corpus/NAME/* through the same entry point.
function(weir_fuzz name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  if(WEIR_FUZZ)
    add_executable(fuzz_${name} ${arg_SOURCES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    weir_link(fuzz_${name} PRIVATE ${arg_DEPS})
    target_link_libraries(fuzz_${name} PRIVATE weir_options)
  elseif(WEIR_TESTS)
    add_executable(${name}_corpus_test ${arg_SOURCES} "${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc")
    weir_link(${name}_corpus_test PRIVATE ${arg_DEPS})
    target_link_libraries(${name}_corpus_test PRIVATE weir_options)
    add_test(NAME ${name}_corpus_test COMMAND ${name}_corpus_test "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  endif()
endfunction()
