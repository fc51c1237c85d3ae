// SPDX-License-Identifier: Apache-2.0
//
// Adding a lab over another one changes what "it works" means: whoever does it sees what changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/files.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class ReplacedLab : public testing::Test {
  protected:
    process::CommandResult add(const std::string& suites, std::vector<std::string> more = {}) {
        const std::filesystem::path file = lab_.state().parent_path() / "web.yaml";
        write_file_atomic(file,
                          "schema: patchlab/lab/v1\nname: web\nmachines:\n  web: { image: "
                          "debian-12-web, suites: [" +
                              suites + "] }\n");
        more.insert(more.begin(), {"lab", "add", file.string()});
        return lab_.run(more);
    }

    PlayedLab lab_;
};

TEST_F(ReplacedLab, a_suite_that_is_gone_is_shown) {
    EXPECT_THAT(add("base, nginx").out, HasSubstr("lab 'web' added\n"));
    const auto again = add("base");
    ASSERT_EQ(again.exit_code, 0) << again.err;
    EXPECT_THAT(again.out, HasSubstr("it replaces the one of "));
    EXPECT_THAT(again.out, HasSubstr("-  web: { image: debian-12-web, suites: [base, nginx] }"));
    EXPECT_THAT(again.out, HasSubstr("+  web: { image: debian-12-web, suites: [base] }"));
}

TEST_F(ReplacedLab, the_same_lab_again_replaces_nothing) {
    add("base");
    const auto again = add("base");
    EXPECT_THAT(again.out, HasSubstr("lab 'web' is unchanged"));
    EXPECT_THAT(again.out, Not(HasSubstr("replaces")));
    const Json document = parse_json(add("base", {"--json"}).out, "lab");
    EXPECT_TRUE(document.at("replaced").is_null());
}

TEST_F(ReplacedLab, json_names_the_digest_that_was_there) {
    const Json first = parse_json(add("base, nginx", {"--json"}).out, "lab");
    const Json second = parse_json(add("base", {"--json"}).out, "lab");
    EXPECT_EQ(second.at("replaced").at("digest"), first.at("digest"));
    EXPECT_EQ(second.at("replaced").at("changes").at(0).at("what"), "definition");
}

}  // namespace
}  // namespace patchlab::tests
