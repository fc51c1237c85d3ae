# SPDX-License-Identifier: Apache-2.0
# PATCHLAB_SANITIZE is a list for -fsanitize: "address,undefined" or "thread"; empty for none.
set(PATCHLAB_SANITIZE "" CACHE STRING "comma separated sanitizers")
if(PATCHLAB_SANITIZE)
  add_compile_options(-fsanitize=${PATCHLAB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PATCHLAB_SANITIZE})
  # Millions of pointers describe what is watched. In a program at a fixed address the linker writes them down; else each start of it would.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND PATCHLAB_SANITIZE MATCHES "address")
    add_link_options(-no-pie)
  endif()
endif()
