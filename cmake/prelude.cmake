# SPDX-License-Identifier: Apache-2.0
# The prelude: one precompiled header of what nearly every file includes (the JSON library and the standard containers), shared by all
# targets. It saves a third of a full build. Off in the debug preset, so that a file which forgot an include is found there.
option(PATCHLAB_PRELUDE "share one precompiled header" OFF)

function(patchlab_make_prelude)
  if(NOT PATCHLAB_PRELUDE)
    return()
  endif()
  file(WRITE ${CMAKE_BINARY_DIR}/prelude/prelude.cpp "// nothing: carries the precompiled header\n")
  add_library(patchlab_prelude OBJECT ${CMAKE_BINARY_DIR}/prelude/prelude.cpp)
  target_link_libraries(patchlab_prelude PRIVATE patchlab_warnings nlohmann_json::nlohmann_json Threads::Threads)
  target_precompile_headers(patchlab_prelude PRIVATE
    <nlohmann/json.hpp> <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory> <optional> <set> <span> <string> <variant> <vector>)
  # A precompiled header differs byte for byte in every checkout. ccache (CCACHE_PCH_EXTSUM) takes this sum for it, so that checkouts
  # of the same sources share what was compiled; the compiler's options are part of its key anyway.
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/patchlab_prelude.dir/cmake_pch.hxx.gch.sum
    "prelude 1, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, json ${nlohmann_json_VERSION}\n")
endfunction()

function(patchlab_use_prelude target)
  if(PATCHLAB_PRELUDE)
    target_precompile_headers(${target} REUSE_FROM patchlab_prelude)
  endif()
endfunction()
