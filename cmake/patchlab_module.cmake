# SPDX-License-Identifier: Apache-2.0
# patchlab_module(NAME [DEPENDS module…] [PRIVATE_LIBS lib…])
#   One static library for the calling folder, from its own *.cpp (and those of a subfolder that has no CMakeLists.txt).
#   DEPENDS are the modules it may include; that list is the law of the house, so it is never widened in passing.
#   PRIVATE_LIBS are third-party libraries whose headers may be included in this folder alone.
function(patchlab_module name)
  cmake_parse_arguments(arg "" "" "DEPENDS;PRIVATE_LIBS;PUBLIC_LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  file(GLOB children CONFIGURE_DEPENDS LIST_DIRECTORIES true ${CMAKE_CURRENT_SOURCE_DIR}/*)
  foreach(child IN LISTS children)
    if(IS_DIRECTORY ${child} AND NOT EXISTS ${child}/CMakeLists.txt)
      file(GLOB more CONFIGURE_DEPENDS ${child}/*.cpp)
      list(APPEND sources ${more})
    endif()
  endforeach()
  if(NOT sources)
    add_library(patchlab_${name} INTERFACE)
    return()
  endif()
  add_library(patchlab_${name} STATIC ${sources})
  target_include_directories(patchlab_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  foreach(dep IN LISTS arg_DEPENDS)
    target_link_libraries(patchlab_${name} PUBLIC patchlab_${dep})
  endforeach()
  target_link_libraries(patchlab_${name} PUBLIC ${arg_PUBLIC_LIBS} PRIVATE ${arg_PRIVATE_LIBS} patchlab_warnings)
  patchlab_use_prelude(patchlab_${name} patchlab_prelude)
endfunction()

# The executable of both kinds of test: SOURCES, DEPENDS and LIBS as theirs.
function(patchlab_googletest name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  foreach(dep IN LISTS arg_DEPENDS)
    target_link_libraries(${name} PRIVATE patchlab_${dep})
  endforeach()
  target_link_libraries(${name} PRIVATE ${arg_LIBS} GTest::gmock GTest::gtest GTest::gtest_main patchlab_warnings patchlab_test_options)
  patchlab_use_prelude(${name} patchlab_test_prelude)
endfunction()

# patchlab_test_program(NAME SOURCES file… DEPENDS module… [LIBS lib…])
#   One GoogleTest executable that its caller enters into ctest, a group of cases at a time: what they share is costly. It finds the
#   program patchlab, which is built first, as PATCHLAB_PROGRAM.
function(patchlab_test_program name)
  patchlab_googletest(${name} ${ARGN})
  target_compile_definitions(${name} PRIVATE PATCHLAB_PROGRAM="$<TARGET_FILE:patchlab>")
  add_dependencies(${name} patchlab)
endfunction()

# patchlab_test(NAME LABEL label SOURCES file… DEPENDS module… [LIBS lib…] [TIMEOUT seconds])
#   One GoogleTest executable; each of its cases is a ctest case that carries the label.
function(patchlab_test name)
  cmake_parse_arguments(arg "SERIAL" "LABEL;TIMEOUT" "SOURCES;DEPENDS;LIBS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  patchlab_googletest(${name} SOURCES ${arg_SOURCES} DEPENDS ${arg_DEPENDS} LIBS ${arg_LIBS})
  set(properties LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
  if(arg_SERIAL)
    list(APPEND properties RUN_SERIAL ON)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${arg_LABEL}." DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()

# patchlab_embed(TARGET VARIABLE-NAMESPACE file…): the files' bytes as constexpr std::string_view, one for each file, found
# by name through `embedded(name)`. Declared in <build>/embedded/NAMESPACE.hpp. Keeps the program one binary without data files.
function(patchlab_embed target space)
  set(out ${CMAKE_BINARY_DIR}/embedded)
  file(MAKE_DIRECTORY ${out})
  set(paths "")
  foreach(f IN LISTS ARGN)
    get_filename_component(abs ${f} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND paths ${abs})
  endforeach()
  add_custom_command(OUTPUT ${out}/${space}.hpp ${out}/${space}.cpp
    COMMAND ${CMAKE_COMMAND} -DSPACE=${space} -DOUT=${out} "-DFILES=${paths}" -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${paths} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
  add_custom_target(embed_${space} DEPENDS ${out}/${space}.hpp)
  set_property(GLOBAL APPEND PROPERTY patchlab_embedding embed_${space})
  target_sources(${target} PRIVATE ${out}/${space}.cpp ${out}/${space}.hpp)
  target_include_directories(${target} PRIVATE ${out})
endfunction()
