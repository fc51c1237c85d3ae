// SPDX-License-Identifier: Apache-2.0
//
// The same commands, here and through a service: the same output, the same errors, the same exit
// codes, the same files.
#include <gtest/gtest.h>

#include <optional>

#include "tests/pipeline/service/same_words.hpp"
#include "tests/support/service.hpp"

namespace patchlab::tests {
namespace {

using Words = std::vector<std::string>;

class SameWords : public testing::Test {
  protected:
    SameWords() {
        here_.add_people();
        there_.add_people();
    }
    static fs::path folder_of(const PlayedLab& lab) { return lab.state().parent_path(); }

    /// Both say the same; gives what was said here.
    process::CommandResult both(const Words& words,
                                const std::map<std::string, std::string>& environment = {}) {
        process::CommandSpec here;
        here.program = PATCHLAB_SIM;
        here.args = words;
        here.environment = environment;
        here.environment["PATCHLAB_STATE"] = here_.state().string();
        here.environment["PATCHLAB_FAKE_SCRIPT"] = (folder_of(here_) / "script.json").string();
        here.folder = folder_of(here_);
        here.purpose = "running patchlab";
        const process::CommandResult one = process::SystemCommandRunner().run(here);
        if (!service_) service_.emplace(there_);
        const process::CommandResult other =
            service_->ask(words, environment, 0, folder_of(there_));
        const std::string what = testing::PrintToString(words);
        EXPECT_EQ(one.exit_code, other.exit_code) << what << one.err << other.err;
        EXPECT_EQ(without_chance(one.out, folder_of(here_)),
                  without_chance(other.out, folder_of(there_)))
            << what;
        EXPECT_EQ(lines_once(without_chance(one.err, folder_of(here_))),
                  lines_once(without_chance(other.err, folder_of(there_))))
            << what;
        return one;
    }
    void in_both(const std::string& name, const std::string& text, unsigned mode = 0644) {
        for (const PlayedLab* lab : {&here_, &there_})
            write_file_atomic(folder_of(*lab) / name, text, mode);
    }

    PlayedLab here_, there_;
    std::optional<RunningService> service_;
};

TEST_F(SameWords, from_the_lab_to_the_promoted_entry) {
    const std::map<std::string, std::string> tess{{"PATCHLAB_USER", "tess"}};
    both({"image", "list"});
    both({"lab", "list", "--json"});
    both({"lab", "show", "shop"});
    both({"patch", "list", "-o", "yaml"});
    both({"patch", "show", "hello_2.0"});
    EXPECT_EQ(both({"run", "start", "--lab", "shop", "--patch", "hello_2.0", "--no-drill"}, tess)
                  .exit_code,
              0);
    both({"run", "list"});
    both({"run", "show", "@last"});
    both({"run", "log", "@last"});
    both({"run", "log", "-f", "@last"});
    both({"diff", "@last"});
    both({"report", "@last", "--format", "junit", "-o", "junit.xml"});
    both({"evidence", "verify", "@last"});
    both({"evidence", "export", "@last", "-o", "evidence.tar.zst"});
    EXPECT_EQ(fs::exists(folder_of(here_) / "evidence.tar.zst"),
              process::find_program("zstd") && fs::exists(folder_of(there_) / "evidence.tar.zst"));
    both({"policy", "explain", "@last"});
    both({"approve", "@last"}, tess);
    both({"--as", "bob", "user", "key", "bob", "--generate", "bob.key"});
    both({"--as", "carol", "approve", "@last", "--key", "bob.key"});
    both({"--as", "bob", "approve", "@last", "--key", "nothing.key"});
    both({"--as", "bob", "approve", "@last"});
    const auto approved =
        both({"--as", "bob", "approve", "@last", "--key", "bob.key", "-o", "approval.json"});
    EXPECT_EQ(approved.exit_code, 0) << approved.err;
    EXPECT_NE(approved.out.find("their own key"), std::string::npos) << approved.out;
    both({"evidence", "verify", "@last", "--approval", "approval.json"});
    both({"change", "show", "@last"});
    both({"--as", "bob", "catalog", "promote", "@last", "--to", "ring-0"});
    both({"catalog", "list"});
    both({"audit", "verify"});
    both({"audit", "list", "--action", "approve"});
    both({"key", "export", "-o", "keys.pem"});
    both({"user", "list"});
}

TEST_F(SameWords, mistakes_and_refusals) {
    in_both("wrong.yaml",
            "schema: patchlab/lab/v1\nname: shop\nmachines:\n  web: { image: none, "
            "suites: [base, nginxx] }\n");
    in_both("broken.deb", "no package\n");
    in_both("hosts.csv", "name,criticality\nweb-1,business\n");
    both({"run", "show", "r-nothing"});
    both({"run", "show", "r-nothing", "--json"});
    both({"lab", "check", "wrong.yaml"});
    both({"lab", "check", "wrong.yaml", "--json"});
    both({"lab", "add", "nothing.yaml"});
    both({"lab", "add", "."});
    both({"patch", "add", "nothing.deb"});
    both({"patch", "add", "broken.deb"});
    both({"patch", "add", "."});
    both({"patch", "add", "broken.deb", "--require-signature"});
    both({"image", "import", "other", "nothing.qcow2"});
    both({"--as", "bob", "patch", "remove", "hello_2.0"});
    both({"--as", "nobody-here", "user", "add", "x", "--role", "tester"});
    both({"catalog", "show", "e-nothing"});
    both({"evidence", "export", "r-nothing", "-o", "nowhere/out.tar.zst"});
    both({"inventory", "import", "nothing.csv"});
    both({"inventory", "import", "hosts.csv"});
    both({"inventory", "list"});
    both({"biuld"});
}

TEST_F(SameWords, a_backup_is_made_where_the_caller_wants_it) {
    in_both("passphrase", "correct horse battery staple\n", 0600);
    in_both("open", "correct horse battery staple\n", 0644);
    both({"backup", "create", "state.backup", "--passphrase-file", "nothing"});
    both({"backup", "create", "state.backup", "--passphrase-file", "open"});
    const auto made = both({"backup", "create", "state.backup", "--passphrase-file", "passphrase"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    both({"backup", "create", "state.backup", "--passphrase-file", "passphrase"});
    both({"backup", "verify", "state.backup", "--passphrase-file", "passphrase"});
    EXPECT_TRUE(fs::exists(folder_of(there_) / "state.backup"));
    EXPECT_EQ(fs::status(folder_of(there_) / "state.backup").permissions(),
              fs::status(folder_of(here_) / "state.backup").permissions());
    for (const fs::directory_entry& left : fs::directory_iterator(there_.state() / "tmp"))
        ADD_FAILURE() << "left behind: " << left.path();
}

TEST_F(SameWords, what_cannot_be_done_from_elsewhere_is_said_plainly) {
    service_.emplace(there_);
    const auto restored = service_->ask({"backup", "restore", "x", "--passphrase-file", "x"});
    EXPECT_EQ(restored.exit_code, 2);
    EXPECT_NE(restored.err.find("on the host of the service itself"), std::string::npos)
        << restored.err;
    const auto elsewhere = service_->ask({"--state-dir", "/tmp/x", "run", "list"});
    EXPECT_EQ(elsewhere.exit_code, 2);
    EXPECT_NE(elsewhere.err.find("name two installations"), std::string::npos) << elsewhere.err;
}

}  // namespace
}  // namespace patchlab::tests
