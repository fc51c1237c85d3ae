// SPDX-License-Identifier: Apache-2.0
#include "testsuites/loader.hpp"
#include "platform/core/json.hpp"

#include <gmock/gmock.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "tests/golden/definition_golden.hpp"
#include "testsuites/batch.hpp"

namespace patchlab::testsuites {
namespace {

/// The plan that a guest gets, with its values readable.
std::string describe(const Suite& suite) {
    std::string out = "suite " + suite.name + " '" + suite.description + "'\n";
    for (const Check& check : suite.checks) {
        out += "check " + check.name + ":";
        const std::string plan = plan_line(0, check, {});
        for (std::size_t at = plan.find('\t'); at != std::string::npos;) {
            const std::size_t end = plan.find_first_of("\t\n", at + 1);
            const std::string pair = plan.substr(at + 1, end - at - 1);
            const std::size_t equals = pair.find('=');
            out += " " + pair.substr(0, equals);
            if (equals != std::string::npos)
                out += "=" + Json(base64_decode(pair.substr(equals + 1))).dump();
            at = end < plan.size() && plan[end] == '\t' ? end : std::string::npos;
        }
        out += "\n";
    }
    return out;
}

TEST(SuiteGolden, says_what_it_said_before) {
    golden::compare_folder(
        PATCHLAB_GOLDEN "/suite",
        [](const std::string& yaml, const std::string& file, Diagnostics& diagnostics) {
            const Suite suite = parse_suite(yaml, file, diagnostics);
            return diagnostics.ok() ? describe(suite) : "";
        });
}

TEST(BuiltinSuite, every_one_that_ships_loads_under_its_own_name) {
    EXPECT_THAT(builtin_suite_names(), ::testing::IsSupersetOf({"base", "nginx", "openssh",
                                                                "postgresql", "apache2", "redis"}));
    for (const std::string& name : builtin_suite_names()) {
        const Suite suite = builtin_suite(name);
        EXPECT_EQ(suite.name, name);
        EXPECT_FALSE(suite.description.empty()) << name;
        EXPECT_EQ(suite.digest, sha256_hex(builtin_suite_source(name)));
    }
}

TEST(BuiltinSuite, proposes_the_nearest_name_for_one_that_is_not_there) {
    try {
        builtin_suite("ngnix");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        EXPECT_EQ(error.advice(), "did you mean 'nginx'?");
    }
}

}  // namespace
}  // namespace patchlab::testsuites
