// SPDX-License-Identifier: Apache-2.0
//
// Inventories as people write them, read by the real ansible-inventory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/inventory/import.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::inventory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AnsibleImport : public testing::Test {
  protected:
    void write(const std::string& file, const std::string& text, unsigned mode = 0644) {
        make_folder((folder_.path() / file).parent_path());
        write_file_atomic(folder_.path() / file, text, mode);
    }
    std::vector<Host> read(const std::string& file, bool scripts = false) {
        Diagnostics mistakes;
        auto hosts = hosts_of_ansible(list_ansible(runner_, {folder_.path() / file, scripts}), file,
                                      {{"night"}}, mistakes);
        mistakes.throw_if_any("reading " + file);
        return hosts;
    }
    ErrorCode refused(const std::string& file) {
        try {
            read(file);
            ADD_FAILURE() << "taken";
            return ErrorCode::internal;
        } catch (const Error& error) {
            why_ = std::string(error.what()) + "\n" + error.advice();
            return error.code();
        }
    }

    TempFolder folder_{fs::temp_directory_path(), "ansible"};
    process::SystemCommandRunner runner_;
    std::string why_;
};

TEST_F(AnsibleImport, ini_with_ranges_children_and_variables) {
    write("hosts",
          "[web]\nweb[1:3] "
          "ansible_port=2222\n[prod:children]\nweb\n[prod:vars]\npatchlab_window=night\npatchlab_"
          "owners=alice,bob\n[mission_critical]"
          "\nweb2\n");
    const auto hosts = read("hosts");
    ASSERT_EQ(hosts.size(), 3U);
    EXPECT_THAT(hosts[1].groups, ElementsAre("mission_critical", "prod", "web"));
    EXPECT_EQ(hosts[1].criticality, assessment::Criticality::mission_critical);
    EXPECT_EQ(hosts[2].window, "night");
    EXPECT_THAT(hosts[2].owners, ElementsAre("alice", "bob"));
    EXPECT_EQ(hosts[0].variables.at("ansible_port"), 2222);
}

TEST_F(AnsibleImport, yaml_in_a_folder_with_variables_beside_it) {
    write("site/hosts.yml",
          "all:\n  children:\n    db:\n      hosts:\n        db1: { ansible_host: 10.0.0.9 }\n");
    write("site/group_vars/db.yml",
          "patchlab_criticality: business-critical\nshop_password: not for us\n");
    write("site/host_vars/db1.yml", "patchlab_function: orders\n");
    const auto hosts = read("site");
    ASSERT_EQ(hosts.size(), 1U);
    EXPECT_EQ(hosts[0].criticality, assessment::Criticality::business_critical);
    EXPECT_EQ(hosts[0].function, "orders");
    EXPECT_EQ(hosts[0].variables, (Json{{"ansible_host", "10.0.0.9"}}));
}

TEST_F(AnsibleImport, never_runs_a_program_unasked) {
    const fs::path ran = folder_.path() / "ran";
    write("cloud.sh",
          "#!/bin/sh\ntouch '" + ran.string() +
              "'\necho '{\"web\":{\"hosts\":[\"a\"]},\"_meta\":{\"hostvars\":{}}}'\n",
          0755);
    EXPECT_EQ(refused("cloud.sh"), ErrorCode::refused);
    EXPECT_FALSE(fs::exists(ran));
    write("aws.yml", "plugin: ansible.builtin.generator\nhosts: { name: 'x' }\nlayers: {}\n");
    EXPECT_EQ(refused("aws.yml"), ErrorCode::invalid) << "a plugin is a program too";
    EXPECT_THAT(read("cloud.sh", true).at(0).groups, ElementsAre("web"));
    EXPECT_TRUE(fs::exists(ran));
}

TEST_F(AnsibleImport, what_ansible_cannot_read_is_told_in_its_words) {
    write("hosts", "[web]\na b c\n");
    EXPECT_EQ(refused("hosts"), ErrorCode::invalid);
    EXPECT_THAT(why_, HasSubstr("hosts:2: Expected key=value"));
    EXPECT_EQ(refused("nowhere"), ErrorCode::not_found);
}

TEST_F(AnsibleImport, refuses_passwords_in_clear_and_in_a_vault) {
    write("hosts", "a ansible_password=geheim\n");
    EXPECT_EQ(refused("hosts"), ErrorCode::invalid);
    EXPECT_THAT(why_, testing::AllOf(HasSubstr("/a/ansible_password: holds a secret"),
                                     testing::Not(HasSubstr("geheim"))));
    write("v.yml",
          "all:\n  hosts:\n    a:\n      ansible_become_password: !vault |\n        "
          "$ANSIBLE_VAULT;1.1;AES256\n        6162\n");
    EXPECT_EQ(refused("v.yml"), ErrorCode::invalid);
    EXPECT_THAT(why_, HasSubstr("/a/ansible_become_password: holds a secret"));
}

}  // namespace
}  // namespace patchlab::inventory
