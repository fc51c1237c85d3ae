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
endfunction()

function(patchlab_use_prelude target)
  if(PATCHLAB_PRELUDE)
    target_precompile_headers(${target} REUSE_FROM patchlab_prelude)
  endif()
endfunction()
