# SPDX-License-Identifier: Apache-2.0
# The released program parses what guests, packages and feeds say: what the compiler and the loader can do against a bug in that is on.
# Not in debug builds, which have no optimizer for _FORTIFY_SOURCE, nor under sanitizers, which watch more than this and want other
# addresses. tests/contract/program reads the program itself.
include(CheckCXXCompilerFlag)
set(PATCHLAB_HARDENED OFF)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT PATCHLAB_SANITIZE AND NOT PATCHLAB_FUZZ)
  set(PATCHLAB_HARDENED ON)
  # -fPIE for all alike: a precompiled header made with -fPIC serves no program
  add_compile_options(-fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  # of processors and compilers that have them
  foreach(flag -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER "patchlab_has${flag}" has)
    check_cxx_compiler_flag(${flag} ${has})
    if(${has})
      add_compile_options(${flag})
    endif()
  endforeach()
  add_link_options(-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
endif()
