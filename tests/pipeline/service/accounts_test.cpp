// SPDX-License-Identifier: Apache-2.0
//
// Other accounts of the host act as themselves, and as nobody else.
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "orchestrator/service/wire/connection.hpp"
#include "orchestrator/service/wire/message.hpp"
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

TEST_F(Accounts, a_key_of_ones_own_signs_where_it_is) {
    const TempFolder home(fs::temp_directory_path(), "home");
    fs::permissions(home.path(), fs::perms(0777));
    const std::string key = (home.path() / "bob.key").string();
    ASSERT_EQ(
        as(tess, {"run", "start", "--lab", "shop", "--patch", "hello_2.0", "--no-drill"}).exit_code,
        0);
    const auto made = as(bob, {"user", "key", "bob", "--generate", key});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const auto approved = as(bob, {"approve", "@last", "--key", key, "--json"});
    ASSERT_EQ(approved.exit_code, 0) << approved.err;
    EXPECT_EQ(parse_json(approved.out, "ruling").at("author").at("custody"), "own");
    EXPECT_EQ(as(bob, {"catalog", "promote", lab_.newest_id(), "--to", "ring-0"}).exit_code, 0);
    // the service itself takes no file with a secret key
    service::Connection caller = service_->connect();
    caller.send(to_json(service::Ask{
        "decision.approve", {{"run", lab_.newest_id()}, {"key_file", key}}, "", {}, {}}));
    const auto refused = caller.receive(Seconds(10));
    ASSERT_TRUE(refused);
    EXPECT_NE(to_line(refused->message).find("not lent"), std::string::npos) << refused->message;
}

/// The command line of tess, in whose /run the service is where an installation has it.
process::CommandResult without_an_address(const RunningService& service,
                                          const std::map<std::string, std::string>& environment) {
    process::CommandSpec command;
    command.program = "unshare";
    command.args = {"--mount",
                    "sh",
                    "-c",
                    "mount -t tmpfs none /run && mkdir /run/patchlab && "
                    "mount --bind \"$1\" /run/patchlab && shift && exec \"$@\"",
                    "sh",
                    service.socket().parent_path().string(),
                    "setpriv",
                    "--reuid",
                    std::to_string(tess),
                    "--regid",
                    "nogroup",
                    "--clear-groups",
                    PATCHLAB_SIM,
                    "run",
                    "list"};
    command.environment = environment;
    command.environment.emplace("HOME", "/nowhere");
    command.purpose = "finding the service";
    return process::SystemCommandRunner().run(command);
}

TEST_F(Accounts, the_service_of_the_installation_is_asked_by_itself) {
    const auto found = without_an_address(*service_, {});
    EXPECT_EQ(found.exit_code, 0) << found.err;
    const auto same = without_an_address(*service_, {{"PATCHLAB_STATE", lab_.state().string()}});
    EXPECT_EQ(same.exit_code, 0) << same.err;
    const auto other = without_an_address(*service_, {{"PATCHLAB_STATE", "/usr"}});
    EXPECT_EQ(other.exit_code, 2) << "that is not what the service has: " << other.out;
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
