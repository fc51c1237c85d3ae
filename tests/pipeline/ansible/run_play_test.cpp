// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "orchestrator/inventory/ansible.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::inventory {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RunPlay : public ::testing::Test {
  protected:
    void SetUp() override {
        ::setenv("TMPDIR", folder_.path().c_str(), 1);
        play_.work = folder_.path() / "tmp";
        play_.purpose = "trying a play";
        for (const char* host : {"a", "b", "c"}) play_.hosts.push_back({host, here_});
        play_.deadline = Seconds(60);
    }
    void TearDown() override { ::unsetenv("TMPDIR"); }

    void run() {
        run_play(runner_, play_, [this](const std::string& host, const AnsibleResult& result) {
            EXPECT_TRUE(results_.emplace(host, result).second) << host << " answered twice";
            order_.push_back(host);
        });
    }

    const Json here_ = {{"ansible_connection", "local"},
                        {"ansible_python_interpreter", "/usr/bin/python3"}};
    TempFolder folder_{fs::temp_directory_path(), "play"};
    process::SystemCommandRunner runner_;
    AnsiblePlay play_;
    std::map<std::string, AnsibleResult> results_;
    std::vector<std::string> order_;
};

TEST_F(RunPlay, every_host_ends_once_each_in_its_own_way) {
    play_.tasks = R"(
- ansible.builtin.set_fact: {patchlab_result: {host: "{{ inventory_hostname }}", word: "{{ word }}", file: "{{ lookup('file', 'note.txt') }}"}}
- name: b gives up
  ansible.builtin.command: {argv: [sh, -c, "echo it broke >&2; exit 3"]}
  when: inventory_hostname == 'b'
- name: c is away
  ansible.builtin.command: {argv: ["true"]}
  vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1}
  when: inventory_hostname == 'c'
- block: [{ansible.builtin.command: {argv: ["false"]}}]
  rescue: [{ansible.builtin.command: {argv: ["true"]}}]
- ansible.builtin.command: {argv: ["false"]}
  ignore_errors: true
)";
    play_.variables = {{"word", "hello"}};
    play_.files = {{"note.txt", "a {{ note }}"}};
    run();
    ASSERT_EQ(results_.size(), 3U);
    EXPECT_EQ(results_["a"].end, AnsibleEnd::ok) << results_["a"].detail;
    EXPECT_EQ(results_["a"].result,
              Json({{"host", "a"}, {"word", "hello"}, {"file", "a {{ note }}"}}));
    EXPECT_EQ(results_["b"].end, AnsibleEnd::failed);
    EXPECT_THAT(results_["b"].detail,
                ::testing::AllOf(HasSubstr("b gives up"), HasSubstr("it broke")));
    EXPECT_EQ(results_["b"].result["host"], "b");
    EXPECT_EQ(results_["c"].end, AnsibleEnd::unreachable);
    EXPECT_GT(results_["a"].seconds, 0);
    EXPECT_TRUE(fs::is_empty(play_.work)) << "something of the play stayed";
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1)
        << "something of Ansible stayed";
}

TEST_F(RunPlay, a_host_is_told_of_while_others_still_run) {
    TempFolder door(fs::temp_directory_path(), "door");
    play_.variables = {{"door", (door.path() / "open").string()}};
    // `a` waits for what only the answer of `b` brings about
    play_.tasks = R"(
- ansible.builtin.wait_for: {path: "{{ door }}", timeout: 40, sleep: 1}
  when: inventory_hostname == 'a'
)";
    run_play(runner_, play_, [&](const std::string& host, const AnsibleResult& result) {
        EXPECT_EQ(result.end, AnsibleEnd::ok) << host << ": " << result.detail;
        if (host == "b") write_file_atomic(door.path() / "open", "");
        order_.push_back(host);
    });
    ASSERT_EQ(order_.size(), 3U);
    EXPECT_EQ(order_.back(), "a");
}

TEST_F(RunPlay, a_registered_result_is_told_without_internals_and_a_module_of_the_play_is_found) {
    play_.hosts.resize(1);
    play_.modules = {{"patchlab_try.py",
                      "from ansible.module_utils.basic import "
                      "AnsibleModule\nAnsibleModule(argument_spec={}).exit_json(answer=42)\n"}};
    play_.tasks = "- patchlab_try:\n  register: patchlab_result\n";
    run();
    EXPECT_EQ(results_["a"].end, AnsibleEnd::ok) << results_["a"].detail;
    EXPECT_EQ(results_["a"].result["answer"], 42);
    EXPECT_FALSE(results_["a"].result.contains("invocation"));
}

TEST_F(RunPlay, text_of_hosts_is_told_as_it_is_and_never_evaluated) {
    play_.hosts.resize(1);
    play_.tasks = R"(
- ansible.builtin.command: {argv: [python3, -c, 'import sys; sys.stdout.buffer.write(bytes([123, 123, 32, 49, 32, 43, 32, 49, 32, 125, 125, 255, 195, 164]))']}
  register: patchlab_result_said
- block: [{name: a part, ansible.builtin.command: {argv: [sh, -c, "echo no >&2; exit 4"]}, register: patchlab_result_part}]
  rescue: [{ansible.builtin.debug: {msg: go on}}]
)";
    run();
    EXPECT_EQ(results_["a"].end, AnsibleEnd::ok) << results_["a"].detail;
    EXPECT_EQ(results_["a"].result["said"]["stdout"], "{{ 1 + 1 }}?\xc3\xa4")
        << "a byte that is no text becomes a question mark";
    EXPECT_EQ(results_["a"].result["part"]["rc"], 4);
    EXPECT_THAT(results_["a"].detail, HasSubstr("a part")) << "what was rescued";
}

TEST_F(RunPlay, the_callers_ansible_settings_are_not_obeyed) {
    ::setenv("ANSIBLE_STDOUT_CALLBACK", "minimal", 1);
    ::setenv("ANSIBLE_CONFIG", "/nonexistent.cfg", 1);
    play_.tasks =
        "- ansible.builtin.set_fact: {patchlab_result: {seen: \"{{ lookup('env', "
        "'ANSIBLE_STDOUT_CALLBACK') }}\"}}\n";
    run();
    ::unsetenv("ANSIBLE_STDOUT_CALLBACK");
    ::unsetenv("ANSIBLE_CONFIG");
    EXPECT_EQ(results_["a"].end, AnsibleEnd::ok);
    EXPECT_EQ(results_["a"].result["seen"], "");
}

TEST_F(RunPlay, what_is_no_play_is_refused_and_no_host_is_told_of) {
    play_.tasks = "- no_such_module_at_all: {}\n";
    try {
        run();
        FAIL() << "the play was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::lab);
        EXPECT_THAT(error.what(), ::testing::AllOf(HasSubstr("trying a play"),
                                                   HasSubstr("no_such_module_at_all")));
    }
    EXPECT_TRUE(results_.empty());
}

TEST_F(RunPlay, values_that_ansible_would_evaluate_and_odd_names_are_refused) {
    play_.tasks = "- ansible.builtin.debug: {msg: x}\n";
    play_.variables = {{"list", {"{{ lookup('pipe', 'id') }}"}}};
    EXPECT_THROW(run(), Error);
    play_.variables = Json::object();
    play_.hosts = {{"all", here_}};
    EXPECT_THROW(run(), Error);
    play_.hosts = {{"a[1:3]", here_}};
    EXPECT_THROW(run(), Error);
    play_.hosts = {{"a", here_}, {"a", here_}};
    EXPECT_THROW(run(), Error);
}

TEST_F(RunPlay, at_the_deadline_everything_is_killed_and_who_was_silent_is_unknown) {
    play_.hosts.resize(2);
    play_.deadline = Seconds(6);
    TempFolder door(fs::temp_directory_path(), "door");
    play_.variables = {{"note", (door.path() / "pid").string()}};
    play_.tasks = R"(
- ansible.builtin.command: {argv: [sh, -c, "readlink /proc/self/ns/pid > '{{ note }}'; exec sleep 1000"]}
  when: inventory_hostname == 'a'
)";
    run();
    EXPECT_EQ(results_["a"].end, AnsibleEnd::unknown);
    EXPECT_THAT(results_["a"].detail, HasSubstr("time for all hosts was over"));
    EXPECT_EQ(results_["b"].end, AnsibleEnd::ok);
    // nobody is left in the namespace that the command ran in
    ASSERT_TRUE(fs::exists(door.path() / "pid"));
    const std::string space = read_file(door.path() / "pid");
    if (space.substr(0, space.find('\n')) == fs::read_symlink("/proc/self/ns/pid").string())
        return;  // no namespaces on this host
    for (const auto& process : fs::directory_iterator("/proc")) {
        std::error_code gone;
        const fs::path of = fs::read_symlink(process.path() / "ns/pid", gone);
        if (gone || of.string() + "\n" != space) continue;
        // killed, yet perhaps not gone this very moment
        const UniqueFd dying(
            static_cast<int>(::syscall(SYS_pidfd_open, std::stoi(process.path().filename()), 0)));
        pollfd end{dying.get(), POLLIN, 0};
        EXPECT_TRUE(!dying || ::poll(&end, 1, 10'000) == 1) << process.path() << " goes on";
    }
}

TEST_F(RunPlay, the_folder_of_a_killed_play_goes_with_the_next_one) {
    const fs::path orphan = play_.work / "ansible-orphan", alive = play_.work / "ansible-alive";
    for (const fs::path& path : {orphan, alive}) {
        make_folder(path, 0700);
        write_file_atomic(path / "inventory.json", "secret");
        write_file_atomic(fs::path(path) += ".lock", "");
    }
    const FileLock held = FileLock::acquire(fs::path(alive) += ".lock");
    play_.tasks = "- ansible.builtin.debug: {msg: x}\n";
    run();
    EXPECT_FALSE(fs::exists(orphan));
    EXPECT_TRUE(fs::exists(alive));
}

TEST_F(RunPlay, opens_nothing_that_somebody_put_among_the_temporary_files) {
    const fs::path victim = folder_.path() / "victim";
    write_file_atomic(victim, "secret", 0600);
    for (const char* name : {"patchlab-ansible-x", "ansible-x"}) {
        make_folder(folder_.path() / name, 0700);
        fs::create_symlink(victim, folder_.path() / name / "lock");
        fs::create_symlink(victim, folder_.path() / (std::string(name) + ".lock"));
    }
    const FileLock held = FileLock::acquire(victim);  // whoever opened it would wait, or fail
    play_.tasks = "- ansible.builtin.debug: {msg: x}\n";
    run();
    EXPECT_EQ(results_["a"].end, AnsibleEnd::ok) << results_["a"].detail;
    EXPECT_TRUE(fs::exists(folder_.path() / "ansible-x"));
}

TEST_F(RunPlay, follows_no_link_in_its_own_folder) {
    const fs::path victim = folder_.path() / "victim";
    make_folder(play_.work / "ansible-x", 0700);
    fs::create_symlink(victim, play_.work / "ansible-x.lock");
    play_.tasks = "- ansible.builtin.debug: {msg: x}\n";
    run();
    EXPECT_FALSE(fs::exists(victim)) << "a lock was made through the link";
}

}  // namespace
}  // namespace patchlab::inventory
