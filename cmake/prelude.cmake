# SPDX-License-Identifier: Apache-2.0
# The prelude: one precompiled header of what nearly every file includes (the JSON library and the standard containers), shared by all
# targets; the tests have one of their own, with GoogleTest. It saves a third of a full build, and compiling eight files of a folder as
# one (CMAKE_UNITY_BUILD) two thirds of the rest. Both are off in the debug preset: a file that forgot an include is found there, and
# after a change only that file is compiled again. Names in unnamed namespaces are unique in their folder, therefore.
option(PATCHLAB_PRELUDE "share one precompiled header" OFF)

# patchlab_make_prelude(TARGET LIBS lib… HEADERS header…)
function(patchlab_make_prelude target)
  if(NOT PATCHLAB_PRELUDE)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "LIBS;HEADERS" ${ARGN})
  file(WRITE ${CMAKE_BINARY_DIR}/prelude/${target}.cpp "// nothing: carries the precompiled header\n")
  add_library(${target} OBJECT ${CMAKE_BINARY_DIR}/prelude/${target}.cpp)
  target_link_libraries(${target} PRIVATE patchlab_warnings nlohmann_json::nlohmann_json Threads::Threads ${arg_LIBS})
  target_precompile_headers(${target} PRIVATE
    <nlohmann/json.hpp> <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory> <optional> <set> <span> <string> <variant> <vector>
    ${arg_HEADERS})
  # A precompiled header differs byte for byte in every checkout. ccache (CCACHE_PCH_EXTSUM) takes this sum for it, so that checkouts
  # of the same sources share what was compiled; the compiler's options are part of its key anyway.
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/${target}.dir/cmake_pch.hxx.gch.sum
    "${target} 1, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, json ${nlohmann_json_VERSION}, gtest ${GTest_VERSION}\n")
endfunction()

# patchlab_use_prelude(TARGET [PRELUDE])
function(patchlab_use_prelude target)
  if(PATCHLAB_PRELUDE)
    set(prelude patchlab_prelude ${ARGN})
    list(GET prelude -1 last)
    target_precompile_headers(${target} REUSE_FROM ${last})
  endif()
endfunction()
