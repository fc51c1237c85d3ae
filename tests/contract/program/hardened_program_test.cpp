// SPDX-License-Identifier: Apache-2.0
//
// What stands in the program's own file of the protections that cmake/hardening.cmake asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/process/command.hpp"

namespace patchlab::tests {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::string elf(const std::string& part) {
    process::SystemCommandRunner runner;
    process::CommandSpec spec;
    spec.program = "readelf";
    spec.args = {"--wide", part, PATCHLAB_PROGRAM};
    spec.purpose = "reading the program's ELF file";
    spec.environment = {{"LC_ALL", "C"}};
    return runner.require(spec).out;
}

TEST(Program, is_loaded_at_an_address_of_its_own_each_time) {
    EXPECT_THAT(elf("--file-header"), ContainsRegex("Type: +DYN"));
}

TEST(Program, has_its_tables_of_functions_bound_at_the_start_and_read_only_then) {
    EXPECT_THAT(elf("--program-headers"), HasSubstr("GNU_RELRO"));
    EXPECT_THAT(elf("--dynamic"), ContainsRegex("FLAGS.*NOW"));
}

TEST(Program, has_a_stack_that_is_not_executable) {
    EXPECT_THAT(elf("--program-headers"), ContainsRegex("GNU_STACK[^\n]* RW +0"));
    EXPECT_THAT(elf("--program-headers"), Not(ContainsRegex("GNU_STACK[^\n]* RWE")));
}

TEST(Program, checks_its_stack_and_the_bounds_of_what_it_copies) {
    const std::string symbols = elf("--dyn-syms");
    EXPECT_THAT(symbols, HasSubstr("__stack_chk_fail"));
    EXPECT_THAT(symbols, ContainsRegex("__[a-z]+_chk"));
}

TEST(Program, names_no_folder_of_the_build_for_its_libraries) {
    EXPECT_THAT(elf("--dynamic"), Not(ContainsRegex("R(UN)?PATH")));
}

}  // namespace
}  // namespace patchlab::tests
