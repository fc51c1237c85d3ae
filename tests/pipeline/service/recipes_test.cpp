// SPDX-License-Identifier: Apache-2.0
//
// The commands that docs/reference/ci.md gives to pipelines, as they stand there, against a
// service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <sstream>

#include "tests/support/service.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

/// The blocks of shell of a document, one after the other.
std::string shell_blocks(const std::string& text) {
    std::istringstream in(text);
    std::string script = "set -euo pipefail\n";
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line == "```sh") inside = true;
        else if (line == "```") inside = false;
        else if (inside) script += line + "\n";
    }
    return script;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class Recipes : public testing::Test {
  protected:
    Recipes() {
        lab_.add_people();
        fs::create_directories(folder_.path() / "build");
        fs::rename(build_deb(folder_.path() / "build", "hello", "3.0"),
                   folder_.path() / "build/acme_1.2_amd64.deb");
        token_ = lab_.run({"--as", "tess", "token", "create", "ci", "--role", "tester"}).out;
        if (token_.ends_with('\n')) token_.pop_back();
        service_.emplace(lab_, std::map<std::string, std::string>{}, http_at(port_));
    }
    process::CommandResult pipeline(const std::string& job) const {
        // our lab has another name than the document's, and no old packages for the way back
        const std::string script =
            replaced(shell_blocks(read_file(fs::path(PATCHLAB_DOCS) / "reference/ci.md")),
                     R"(\"lab\":\"web\")", R"(\"lab\":\"shop\",\"drill\":false)");
        process::CommandSpec command;
        command.program = "bash";
        command.args = {"-c", script};
        command.folder = folder_.path();
        command.environment = {{"PATCHLAB_URL", "http://localhost:" + std::to_string(port_)},
                               {"PATCHLAB_TOKEN", token_},
                               {"CI_PIPELINE_ID", job}};
        command.purpose = "running the recipe";
        command.deadline = Seconds(120);
        return process::SystemCommandRunner().run(command);
    }

    TempFolder folder_{fs::temp_directory_path(), "recipes"};
    PlayedLab lab_;
    std::uint16_t port_ = free_port();
    std::string token_;
    std::optional<RunningService> service_;
};

TEST_F(Recipes, of_a_pipeline_lead_from_a_package_to_its_verdict) {
    for (const char* tool : {"curl", "jq"})
        if (!process::find_program(tool)) GTEST_SKIP() << tool << " is not installed";
    const auto first = pipeline("job-1");
    EXPECT_EQ(first.exit_code, 0) << first.out << first.err;
    EXPECT_THAT(first.out, HasSubstr(": validated"));
    EXPECT_THAT(read_file(folder_.path() / "patchlab.xml"), HasSubstr("<testsuite"));
    EXPECT_THAT(read_file(folder_.path() / "patchlab.svg"), HasSubstr("patchlab: validated"));
    const std::size_t runs = lab_.run_count();
    const auto again = pipeline("job-1");
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    EXPECT_EQ(lab_.run_count(), runs) << "a job that is repeated finds its run";
}

TEST_F(Recipes, fail_the_job_when_the_patch_is_not_validated) {
    for (const char* tool : {"curl", "jq"})
        if (!process::find_program(tool)) GTEST_SKIP() << tool << " is not installed";
    lab_.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}}, {"adds_port", "tcp/4444"}});
    const auto result = pipeline("job-2");
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.out, HasSubstr(": needs-review"));
}

}  // namespace
}  // namespace patchlab::tests
