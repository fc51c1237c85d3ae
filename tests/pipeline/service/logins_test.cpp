// SPDX-License-Identifier: Apache-2.0
//
// People and programs that the kernel cannot name log in to the service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>

#include "tests/pipeline/service/passwords.hpp"
#include "tests/support/service.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class Logins : public testing::Test {
  protected:
    void SetUp() override {
        lab_.add_people();
        give_password(lab_, "bob");
        service_.emplace(lab_);
    }
    /// The program with this on its standard input.
    process::CommandResult saying(const std::string& input, std::vector<std::string> words,
                                  const std::string& option, const std::string& where) {
        words.insert(words.begin(), {option, where});
        process::CommandSpec command;
        command.program = PATCHLAB_SIM;
        command.args = words;
        command.input = input;
        command.environment = {{"PATCHLAB_CREDENTIALS", credentials().string()}};
        command.purpose = "logging in";
        command.deadline = Seconds(60);
        return process::SystemCommandRunner().run(command);
    }
    process::CommandResult say(const std::string& input, const std::vector<std::string>& words) {
        return saying(input, words, "--server", service_->address());
    }
    fs::path credentials() const { return folder_.path() / "credentials.yaml"; }
    Json last_row() {
        return parse_json(lab_.run({"audit", "list", "--limit", "1", "--json"}).out, "rows")
            .at("rows")
            .at(0);
    }

    TempFolder folder_{fs::temp_directory_path(), "logins"};
    PlayedLab lab_;
    std::optional<RunningService> service_;
};

TEST_F(Logins, a_person_logs_in_acts_and_logs_out) {
    const auto wrong = say("not the password\n", {"login", "--user", "bob", "--fd", "0"});
    EXPECT_EQ(wrong.exit_code, 4);
    EXPECT_THAT(wrong.err, HasSubstr("the name or the password is wrong"));
    EXPECT_FALSE(fs::exists(credentials()));
    const auto in =
        say(std::string(usual_password) + "\n", {"login", "--user", "bob", "--fd", "0"});
    ASSERT_EQ(in.exit_code, 0) << in.err;
    EXPECT_THAT(in.out, HasSubstr("as bob"));
    struct stat info {};
    ASSERT_EQ(::stat(credentials().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    const auto who = say("", {"whoami"});
    EXPECT_THAT(who.out, HasSubstr("bob (session)")) << who.err;
    EXPECT_EQ(say("", {"notify", "retry"}).exit_code, 0);
    EXPECT_EQ(last_row().at("user"), "bob");
    EXPECT_EQ(last_row().at("os_user"), "login:bob");
    EXPECT_EQ(say("", {"--as", "tess", "run", "list"}).exit_code, 4);
    EXPECT_EQ(say("", {"logout"}).exit_code, 0);
    EXPECT_THAT(say("", {"whoami"}).out, Not(HasSubstr("bob")));
    EXPECT_THAT(read_file(credentials()), Not(HasSubstr("session:")));
}

TEST_F(Logins, a_session_that_has_ended_says_so_and_gives_way_to_another) {
    ASSERT_EQ(
        say(std::string(usual_password) + "\n", {"login", "--user", "bob", "--fd", "0"}).exit_code,
        0);
    ASSERT_EQ(saying("another four good words\n", {"user", "password", "bob", "--fd", "0"},
                     "--state", lab_.state().string())
                  .exit_code,
              0);
    const auto ended = say("", {"run", "list", "--json"});
    EXPECT_EQ(ended.exit_code, 4);
    EXPECT_THAT(ended.err, HasSubstr("\"not-authenticated\""));
    const auto again = say("another four good words\n", {"login", "--user", "bob", "--fd", "0"});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(say("", {"run", "list"}).exit_code, 0);
}

TEST_F(Logins, a_program_uses_a_token_and_decides_nothing) {
    const auto made = lab_.run({"--as", "bob", "token", "create", "ci"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const auto in = say(made.out, {"login", "--token", "--fd", "0"});
    ASSERT_EQ(in.exit_code, 0) << in.err;
    EXPECT_THAT(say("", {"whoami"}).out, HasSubstr("bob (token)"));
    const auto approve = say("", {"approve", "r-20260101-0001"});
    EXPECT_EQ(approve.exit_code, 4);
    EXPECT_THAT(approve.err, HasSubstr("a token may not approve a run"));
    EXPECT_EQ(lab_.run({"--as", "bob", "token", "revoke", made.out.substr(4, 8)}).exit_code, 0);
    const auto revoked = say("", {"run", "list"});
    EXPECT_EQ(revoked.exit_code, 4);
    EXPECT_THAT(revoked.err, HasSubstr("was revoked"));
    EXPECT_EQ(say("plt_nonsense\n", {"login", "--token", "--fd", "0"}).exit_code, 4);
}

/// The status of a login by form, as a browser on https sends it.
std::string login_from_https(std::uint16_t port) {
    const std::string address = "127.0.0.1:" + std::to_string(port);
    process::CommandSpec command;
    command.program = "curl";
    command.args = {"--silent",
                    "--output",
                    "/dev/null",
                    "--write-out",
                    "%{http_code}",
                    "--header",
                    "Origin: https://" + address,
                    "--data",
                    "_form=login&user=bob&password=wrong&next=%2F",
                    "http://" + address + "/login"};
    command.purpose = "logging in as a browser does";
    return process::SystemCommandRunner().run(command).out;
}

TEST_F(Logins, behind_a_proxy_that_speaks_TLS_a_browser_is_on_https) {
    PlayedLab other;
    const std::uint16_t plain = free_port();
    {
        const RunningService service(other, {}, http_at(plain));
        EXPECT_EQ(login_from_https(plain), "403");
    }
    const std::uint16_t proxied = free_port();
    std::vector<std::string> behind_proxy = http_at(proxied);
    behind_proxy.emplace_back("--behind-tls-proxy");
    const RunningService service(other, {}, behind_proxy);
    EXPECT_EQ(login_from_https(proxied), "401");
}

}  // namespace
}  // namespace patchlab::tests
