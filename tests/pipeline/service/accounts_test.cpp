// SPDX-License-Identifier: Apache-2.0
//
// Other accounts of the host act as themselves, and as nobody else.
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "tests/support/service.hpp"

namespace patchlab::tests {
namespace {

constexpr uid_t tess = 61001, bob = 61002, stranger = 61003;

class Accounts : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root can act from other accounts";
        lab_.add_people();
        bind("tess", "tester", tess);
        bind("bob", "release-manager", bob);
        service_.emplace(lab_);
    }
    void bind(const std::string& user, const std::string& role, uid_t account) {
        const auto bound = lab_.run({"user", "add", user, "--replace", "--role", role, "--os-user",
                                     "uid-" + std::to_string(account)});
        ASSERT_EQ(bound.exit_code, 0) << bound.err;
    }
    /// From a place that every account may be in.
    process::CommandResult as(uid_t account, const std::vector<std::string>& words) {
        return service_->ask(words, {}, account);
    }

    PlayedLab lab_;
    std::optional<RunningService> service_;
};

TEST_F(Accounts, each_acts_as_the_user_that_is_bound_to_it) {
    const auto run =
        as(tess, {"run", "start", "--lab", "shop", "--patch", "hello_2.0", "--no-drill"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(as(tess, {"approve", "@last"}).exit_code, 4) << "tess is no release manager";
    const auto approved = as(bob, {"approve", "@last", "--json"});
    ASSERT_EQ(approved.exit_code, 0) << approved.err;
    const Json ruling = parse_json(approved.out, "ruling");
    EXPECT_EQ(ruling.at("author").at("user"), "bob");
    EXPECT_EQ(ruling.at("account").at("os_user"), "uid-61002");
    EXPECT_EQ(ruling.at("account").at("uid"), 61002);
    EXPECT_EQ(ruling.at("account").at("login"), "unix-socket");
    const auto row = as(bob, {"audit", "list", "--action", "run-started", "--json"});
    EXPECT_NE(row.out.find("\"os_user\": \"uid-61001\""), std::string::npos) << row.out;
}

TEST_F(Accounts, one_that_is_nobodys_is_told_nothing) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"run", "list"},
                                                  {"run", "show", "@last"},
                                                  {"doctor"},
                                                  {"audit", "list"},
                                                  {"user", "add", "mallory", "--role", "admin"}}) {
        const auto refused = as(stranger, words);
        EXPECT_EQ(refused.exit_code, 4) << testing::PrintToString(words) << refused.out;
        EXPECT_EQ(refused.out, "");
        EXPECT_NE(refused.err.find("'uid-61003' is not a user of this patchlab"), std::string::npos)
            << refused.err;
    }
}

TEST_F(Accounts, nobody_acts_as_another_without_the_right) {
    const auto refused = as(tess, {"--as", "bob", "run", "list"});
    EXPECT_EQ(refused.exit_code, 4);
    EXPECT_NE(refused.err.find("may not act as 'bob'"), std::string::npos) << refused.err;
    EXPECT_NE(lab_.run({"audit", "list", "--action", "refused"}).out.find("uid-61001"),
              std::string::npos);
}

TEST_F(Accounts, a_file_is_read_with_the_callers_own_rights) {
    const TempFolder folder(fs::temp_directory_path(), "private");
    write_file_atomic(folder.path() / "package.deb", "secret\n", 0600);
    const auto refused = as(tess, {"patch", "add", (folder.path() / "package.deb").string()});
    EXPECT_EQ(refused.exit_code, 4) << refused.err;
    EXPECT_NE(refused.err.find("Permission denied"), std::string::npos) << refused.err;
}

TEST_F(Accounts, no_guest_makes_the_service_run_a_program_or_open_a_secret) {
    ASSERT_EQ(
        lab_.run({"user", "add", "tess", "--replace", "--role", "admin,release-manager"}).exit_code,
        0);
    const TempFolder folder(fs::temp_directory_path(), "shared");
    fs::permissions(folder.path(), fs::perms(0755));
    const auto file = [&](const std::string& name, const std::string& text) {
        write_file_atomic(folder.path() / name, text);
        return (folder.path() / name).string();
    };
    const std::string targets = "schema: patchlab/notify/v1\ntargets:\n  - ";
    const std::vector<std::vector<std::string>> attempts{
        {"audit", "witness", "--command", "/tmp/mine"},
        {"notify", "add", file("command.yaml", targets + "{ command: [/tmp/mine] }\n")},
        {"notify", "check",
         file("secret.yaml", targets + "{ webhook: { url: \"https://hooks.example.org/x\", "
                                       "secret-file: /etc/shadow } }\n")},
        {"inventory", "import", "--allow-scripts", file("hosts.ini", "web-1\n")},
        {"inventory", "import",
         file("proxy.csv", "name,ansible_ssh_common_args\nweb-1,-oProxyCommand=/tmp/mine\n")},
        {"inventory", "import", file("local.csv", "name,ansible_connection\nweb-1,local\n")},
        {"inventory", "import", file("option.csv", "name,ansible_host\nweb-1,-oX=y\n")},
    };
    for (const auto& words : attempts) {
        const auto refused = as(tess, words);
        EXPECT_EQ(refused.exit_code, 4) << testing::PrintToString(words) << refused.err;
        EXPECT_NE(refused.err.find("rights of the service"), std::string::npos)
            << testing::PrintToString(words) << refused.err;
    }
    const auto plain =
        as(tess, {"inventory", "import", file("plain.csv", "name,ansible_host\nweb-1,10.0.0.5\n")});
    EXPECT_EQ(plain.exit_code, 0) << plain.err;
}

TEST_F(Accounts, the_first_to_call_does_not_become_the_administrator) {
    PlayedLab fresh;
    fs::remove_all(fresh.state());
    const RunningService service(fresh);
    EXPECT_EQ(service.ask({"user", "list"}, {}, stranger).exit_code, 4);
    EXPECT_EQ(service.ask({"user", "list"}).exit_code, 0) << "root owns it";
}

}  // namespace
}  // namespace patchlab::tests
