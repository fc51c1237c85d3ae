# SPDX-License-Identifier: Apache-2.0
# Warnings are errors: a verdict tool may not be built from code the compiler doubts. Each flag with its reason:
#   -Wall -Wextra        the common ground
#   -Wshadow             a shadowed name is how a wrong disk path gets deleted
#   -Wconversion         sizes and offsets of disks are 64 bit; a silent narrowing corrupts them
#   -Wnon-virtual-dtor   ports are deleted through their interface
#   -Wold-style-cast     a C cast hides what it changes
#   -Woverloaded-virtual an override that hides its port is never called
#   -Wswitch-enum        every stage must say where it resumes; a default would hide a new one
#   -Wformat=2           no text of a guest is ever a format
add_library(patchlab_warnings INTERFACE)
target_compile_options(patchlab_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wswitch-enum -Wformat=2 -Werror)
# GCC 12 reports false positives for these four (the optimizer's guesses, all about std::string and std::optional) when sanitizers or heavy inlining rewrite std::optional and std::string
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(patchlab_warnings INTERFACE -Wno-error=maybe-uninitialized -Wno-error=restrict
    -Wno-error=array-bounds -Wno-error=stringop-overflow -Wno-error=stringop-overread)
endif()
