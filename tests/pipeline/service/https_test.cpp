// SPDX-License-Identifier: Apache-2.0
//
// The same script, here and through a service on the network: the same output, the same errors, the
// same exit codes, the same files. And a service that cannot prove its name is told nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/pipeline/service/passwords.hpp"
#include "tests/pipeline/service/same_words.hpp"
#include "tests/support/service.hpp"
#include "tests/support/tls_proxy.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

class OverHttps : public testing::Test {
  protected:
    void SetUp() override {
        for (PlayedLab* lab : {&here_, &there_}) {
            lab->add_people();
            for (const char* user : {"tess", "bob"}) give_password(*lab, user);
        }
        const std::uint16_t port = free_port();
        Words behind_proxy = http_at(port);
        behind_proxy.emplace_back("--behind-tls-proxy");
        service_.emplace(there_, std::map<std::string, std::string>{}, behind_proxy);
        proxy_.emplace(port);
    }
    static fs::path folder_of(const PlayedLab& lab) { return lab.state().parent_path(); }

    static process::CommandResult run(const Words& words,
                                      const std::map<std::string, std::string>& environment,
                                      const fs::path& folder, const std::string& input = {}) {
        process::CommandSpec command;
        command.program = PATCHLAB_SIM;
        command.args = words;
        command.environment = environment;
        command.input = input;
        command.folder = folder;
        command.purpose = "running patchlab";
        command.deadline = Seconds(120);
        return process::SystemCommandRunner().run(command);
    }
    process::CommandResult over(const std::string& user, Words words,
                                const std::string& input = {}) {
        words.insert(words.begin(),
                     {"--server", proxy_->address(), "--ca", proxy_->certificate().string()});
        return run(words,
                   {{"PATCHLAB_CREDENTIALS", (folder_of(there_) / (user + ".yaml")).string()}},
                   folder_of(there_), input);
    }
    void log_in(const std::string& user) {
        const auto in =
            over(user, {"login", "--user", user, "--fd", "0"}, std::string(usual_password) + "\n");
        ASSERT_EQ(in.exit_code, 0) << in.err;
    }
    process::CommandResult here(const std::string& user, const Words& words) {
        return run(words,
                   {{"PATCHLAB_USER", user},
                    {"PATCHLAB_STATE", here_.state().string()},
                    {"PATCHLAB_FAKE_SCRIPT", (folder_of(here_) / "script.json").string()}},
                   folder_of(here_));
    }
    /// Both say the same; gives what was said here.
    process::CommandResult both(const std::string& user, const Words& words) {
        const process::CommandResult one = here(user, words), other = over(user, words);
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
    void in_both(const std::string& name, const std::string& text) {
        for (const PlayedLab* lab : {&here_, &there_})
            write_file_atomic(folder_of(*lab) / name, text);
    }

    PlayedLab here_, there_;
    std::optional<RunningService> service_;
    std::optional<TlsProxy> proxy_;
};

TEST_F(OverHttps, the_same_script_says_the_same) {
    log_in("tess");
    log_in("bob");
    both("tess", {"lab", "list", "--json"});
    both("tess", {"lab", "show", "shop"});
    both("tess", {"patch", "list", "-o", "yaml"});
    EXPECT_EQ(both("tess", {"run", "start", "--lab", "shop", "--patch", "hello_2.0", "--no-drill"})
                  .exit_code,
              0);
    both("tess", {"run", "list"});
    both("tess", {"run", "show", "@last"});
    both("tess", {"run", "log", "-f", "@last"});
    both("tess", {"diff", "@last"});
    both("tess", {"report", "@last", "--format", "junit", "-o", "junit.xml"});
    EXPECT_TRUE(fs::exists(folder_of(there_) / "junit.xml"));
    both("tess", {"evidence", "verify", "@last"});
    both("tess", {"evidence", "export", "@last", "-o", "evidence.tar.zst"});
    both("tess", {"policy", "explain", "@last"});
    both("tess", {"approve", "@last"});
    // here both act from one account, which is said; there each has proved who they are
    EXPECT_THAT(here("bob", {"approve", "@last"}).err, HasSubstr("acted from one account"));
    const auto approved = over("bob", {"approve", "@last"});
    EXPECT_EQ(approved.exit_code, 0) << approved.err;
    EXPECT_THAT(approved.out, HasSubstr("approved by bob as release-manager"));
    EXPECT_EQ(approved.err, "");
    both("bob", {"catalog", "promote", "@last", "--to", "ring-0"});
    both("bob", {"catalog", "list"});
    in_both("broken.deb", "no package\n");
    in_both("hosts.csv", "name,criticality\nweb-1,business-critical\n");
    both("tess", {"patch", "add", "broken.deb"});
    both("tess", {"patch", "add", "nothing.deb"});
    both("tess", {"run", "show", "r-nothing", "--json"});
    both("bob", {"inventory", "import", "hosts.csv"});
    both("bob", {"inventory", "list"});
}

TEST_F(OverHttps, nobody_is_told_anything_without_a_login) {
    const auto refused = over("nobody", {"run", "list"});
    EXPECT_EQ(refused.exit_code, 4) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("log in: patchlab login"));
    const auto wrong = over("bob", {"login", "--user", "bob", "--fd", "0"}, "wrong words\n");
    EXPECT_EQ(wrong.exit_code, 4);
    EXPECT_THAT(wrong.err, HasSubstr("the name or the password is wrong"));
    log_in("bob");
    EXPECT_THAT(over("bob", {"whoami"}).out, HasSubstr("bob (session)"));
    EXPECT_EQ(over("bob", {"--as", "tess", "run", "list"}).exit_code, 4);
    const auto backup = over("bob", {"backup", "create", "x", "--passphrase-file", "x"});
    EXPECT_EQ(backup.exit_code, 4) << backup.err;
    EXPECT_THAT(backup.err, HasSubstr("not over the network"));
    EXPECT_EQ(over("bob", {"logout"}).exit_code, 0);
    EXPECT_EQ(over("bob", {"run", "list"}).exit_code, 4);
}

TEST_F(OverHttps, a_service_that_does_not_prove_its_name_gets_no_secret) {
    const auto unknown = run({"--server", proxy_->address(), "login", "--user", "bob", "--fd", "0"},
                             {{"PATCHLAB_CREDENTIALS", "/nowhere/x"}}, "/", "a secret\n");
    EXPECT_EQ(unknown.exit_code, 3) << unknown.err;
    EXPECT_THAT(unknown.err, HasSubstr("proves nothing: self-signed certificate"));
    EXPECT_THAT(unknown.err, HasSubstr("--ca FILE"));
    const TlsProxy other(proxy_->port(), "elsewhere.example");
    const auto mistaken = run({"--server", other.address(), "--ca", other.certificate().string(),
                               "login", "--user", "bob", "--fd", "0"},
                              {{"PATCHLAB_CREDENTIALS", "/nowhere/x"}}, "/", "a secret\n");
    EXPECT_EQ(mistaken.exit_code, 3) << mistaken.err;
    EXPECT_THAT(mistaken.err, HasSubstr("hostname mismatch"));
    EXPECT_EQ(run({"--server", "http://localhost:1", "run", "list"}, {}, "/").exit_code, 2);
}

}  // namespace
}  // namespace patchlab::tests
