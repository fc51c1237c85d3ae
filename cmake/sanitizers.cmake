# SPDX-License-Identifier: Apache-2.0
# PATCHLAB_SANITIZE is a list for -fsanitize: "address,undefined" or "thread"; empty for none.
set(PATCHLAB_SANITIZE "" CACHE STRING "comma separated sanitizers")
option(PATCHLAB_SANITIZE_WORDS "let undefined behaviour say what it is, instead of a trap" OFF)
if(PATCHLAB_SANITIZE)
  add_compile_options(-fsanitize=${PATCHLAB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PATCHLAB_SANITIZE})
  # Each place that is checked would keep its words in a global of its own, and each of these is watched again: 190 MB of them in the
  # program, gone through at every start and every end. A trap costs none; with handle_sigill=1 (./check sets it) the address sanitizer
  # prints the stack with file and line. Turn the words on to read which rule was broken (and to have types checked: vptr).
  if(PATCHLAB_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT PATCHLAB_SANITIZE_WORDS)
    add_compile_options(-fsanitize-undefined-trap-on-error)
  endif()
  # At a fixed address the linker writes down the pointers that describe what is watched; else each start would.
  if(PATCHLAB_SANITIZE MATCHES "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_link_options(-no-pie)
  endif()
endif()
