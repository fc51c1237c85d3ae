// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/inventory/same_host.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::inventory {
namespace {

using assessment::Criticality;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const KnownNames known{{"night", "weekend"}};

std::vector<std::string> texts(const Diagnostics& mistakes) {
    std::vector<std::string> lines;
    for (const Diagnostic& item : mistakes.items) lines.push_back(item.text());
    return lines;
}

std::vector<Host> table(const std::string& text) {
    Diagnostics mistakes;
    std::vector<Host> hosts = hosts_of_csv(text, "t.csv", known, mistakes);
    EXPECT_THAT(texts(mistakes), IsEmpty());
    return hosts;
}

std::vector<std::string> table_mistakes(const std::string& text) {
    Diagnostics mistakes;
    hosts_of_csv(text, "t.csv", known, mistakes);
    return texts(mistakes);
}

std::vector<Host> listing(const Json& json, Diagnostics& mistakes) {
    return hosts_of_ansible(json.dump(), "hosts", known, mistakes);
}

TEST(TableOfHosts, says_all_that_is_kept_of_a_host) {
    const auto hosts = table(
        "name,patchlab_criticality,owners,window,location,function,image,tags,groups,ansible_host,"
        "ansible_port,ansible_become,ansible_"
        "user\n"
        "web1,mission-critical,\"bob, "
        "alice\",night,Zurich,shop,debian-12-web,a;b,web;dmz,10.0.0.1,2222,true,007\n");
    ASSERT_EQ(hosts.size(), 1U);
    const Host& host = hosts[0];
    EXPECT_EQ(host.criticality, Criticality::mission_critical);
    EXPECT_THAT(host.owners, ElementsAre("alice", "bob"));
    EXPECT_THAT(host.groups, ElementsAre("dmz", "web"));
    EXPECT_THAT(host.tags, ElementsAre("a", "b"));
    EXPECT_EQ(host.window + host.location + host.function + host.image,
              "nightZurichshopdebian-12-web");
    EXPECT_EQ(host.variables, (Json{{"ansible_host", "10.0.0.1"},
                                    {"ansible_port", 2222},
                                    {"ansible_become", true},
                                    {"ansible_user", "007"}}));
}

TEST(TableOfHosts, every_mistake_is_told_with_line_and_column) {
    EXPECT_THAT(
        table_mistakes("name,criticality,window\nweb 1,high,nigth\nweb2,,\nweb2,,\n"),
        ElementsAre(
            HasSubstr("t.csv:2: /name: 'web 1' cannot be the name"),
            HasSubstr("t.csv:2: /criticality: 'high' is none of"),
            HasSubstr("t.csv:2: /window: there is no window 'nigth'; did you mean 'night'?"),
            HasSubstr("t.csv:4: /: host 'web2' stands in line 3 already")));
    EXPECT_THAT(
        table_mistakes("name,ownr\na,b\n"),
        ElementsAre(HasSubstr("t.csv:1: /ownr: there is no column 'ownr'; did you mean 'owner'?")));
    EXPECT_THAT(table_mistakes("owner\nb\n"), testing::Contains(HasSubstr("no column 'name'")));
    EXPECT_THAT(table_mistakes("name\n"), ElementsAre(HasSubstr("there is no host")));
}

TEST(TableOfHosts, refuses_secrets_and_templates) {
    EXPECT_THAT(table_mistakes("name,ansible_password\na,geheim\n"),
                ElementsAre(testing::AllOf(HasSubstr("holds a secret"), HasSubstr("SSH keys"),
                                           testing::Not(HasSubstr("geheim")))));
    EXPECT_THAT(table_mistakes("name,ansible_host\na,{{ lookup('pipe'; 'id') }}\n"),
                ElementsAre(HasSubstr("t.csv:2: /ansible_host: is a template")));
}

TEST(AnsibleInventory, hosts_are_in_their_groups_and_in_those_above) {
    Diagnostics mistakes;
    const auto hosts = listing(
        {{"_meta",
          {{"hostvars",
            {{"db1", {{"ansible_port", 22}, {"shop_token", "x"}, {"patchlab_owner", "dora"}}}}}}},
         {"all", {{"children", {"ungrouped", "db"}}}},
         {"db", {{"children", {"pg"}}}},
         {"pg", {{"hosts", {"db1", "db2"}}}},
         {"business_critical", {{"hosts", {"db2"}}}}},
        mistakes);
    EXPECT_THAT(texts(mistakes), IsEmpty());
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_THAT(hosts[0].groups, ElementsAre("db", "pg"));
    EXPECT_EQ(hosts[0].variables, (Json{{"ansible_port", 22}}))
        << "nothing but how to connect is kept";
    EXPECT_THAT(hosts[0].owners, ElementsAre("dora"));
    EXPECT_EQ(hosts[0].criticality, std::nullopt);
    EXPECT_EQ(hosts[0].counts_as(), Criticality::mission_critical) << "nobody said";
    EXPECT_EQ(hosts[1].name, "db2");
    EXPECT_EQ(hosts[1].criticality, Criticality::business_critical) << "its group says so";
}

TEST(AnsibleInventory, a_circle_of_groups_ends) {
    Diagnostics mistakes;
    const auto hosts = listing(
        {{"a", {{"children", {"b"}}, {"hosts", {"h"}}}}, {"b", {{"children", {"a"}}}}}, mistakes);
    EXPECT_THAT(hosts.at(0).groups, ElementsAre("a", "b"));
}

TEST(AnsibleInventory, refuses_secrets_vaults_and_contradictions) {
    Diagnostics mistakes;
    listing({{"_meta",
              {{"hostvars",
                {{"a", {{"ansible_become_pass", "x"}}},
                 {"b", {{"ansible_user", {{"__ansible_vault", "$ANSIBLE_VAULT;1.1;AES256"}}}}},
                 {"c", {{"patchlab_criticalty", "x"}}},
                 {"d:22", Json::object()}}}}},
             {"mission_critical", {{"hosts", {"a"}}}},
             {"business-operational", {{"hosts", {"a"}}}}},
            mistakes);
    EXPECT_THAT(texts(mistakes),
                UnorderedElementsAre(HasSubstr("/a/ansible_become_pass: holds a secret"),
                                     HasSubstr("/a: is in groups of different criticality"),
                                     HasSubstr("/b/ansible_user: is encrypted"),
                                     HasSubstr("/c/patchlab_criticalty: patchlab has no such word"),
                                     HasSubstr("/d:22: cannot be the name")));
}

/// Remembers what was to be run, and answers.
class Listening final : public process::CommandRunner {
  public:
    process::CommandResult run(const process::CommandSpec& command) override {
        spec = command;
        return result;
    }
    process::CommandSpec spec;
    process::CommandResult result;
};

TEST(AnsibleInventory, is_read_by_ansible_without_programs_and_without_this_hosts_configuration) {
    const TempFolder folder(fs::temp_directory_path(), "inventory");
    write_file_atomic(folder.path() / "hosts", "[web]\na\n");
    Listening runner;
    runner.result.exit_code = 0;
    runner.result.out = "{}";
    EXPECT_EQ(list_ansible(runner, {folder.path() / "hosts", false}), "{}");
    EXPECT_EQ(runner.spec.environment.at("ANSIBLE_INVENTORY_ENABLED"), "yaml,ini");
    EXPECT_NE(runner.spec.environment.at("ANSIBLE_CONFIG"), "");
    EXPECT_THAT(runner.spec.args, ElementsAre("-i", (folder.path() / "hosts").string(), "--list"));
    runner.result.exit_code = 1;
    runner.result.err = "[WARNING]: hosts:3: Expected key=value\nERROR! no\n";
    try {
        list_ansible(runner, {folder.path() / "hosts", false});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        EXPECT_THAT(error.advice(), HasSubstr("hosts:3: Expected key=value"));
    }
}

TEST(AnsibleInventory, never_runs_a_program_unasked_wherever_it_lies) {
    const TempFolder folder(fs::temp_directory_path(), "inventory");
    make_folder(folder.path() / "inner");
    write_file_atomic(folder.path() / "inner" / "cloud.py", "#!/bin/sh\n", 0755);
    Listening runner;
    runner.result.exit_code = 0;
    for (const fs::path& path : {folder.path(), folder.path() / "inner" / "cloud.py"}) {
        try {
            list_ansible(runner, {path, false});
            FAIL();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::refused);
            EXPECT_THAT(error.what(), HasSubstr("cloud.py is executable"));
        }
        EXPECT_EQ(runner.spec.program, "");
    }
    list_ansible(runner, {folder.path(), true});
    EXPECT_EQ(runner.spec.environment.at("ANSIBLE_INVENTORY_ENABLED"), "script,auto,yaml,ini");
}

TEST(HostNames, differ_by_more_than_capital_letters_and_a_dot) {
    Diagnostics mistakes;
    hosts_of_csv("name\nweb-1\nWEB-1\nweb-1.\n", "t.csv", known, mistakes);
    EXPECT_THAT(texts(mistakes),
                ElementsAre(HasSubstr("host 'WEB-1' stands in line 2 already, as 'web-1'"),
                            HasSubstr("host 'web-1.' stands in line 2 already, as 'web-1'")));
    Diagnostics in_ansible;
    hosts_of_ansible(R"({"web": {"hosts": ["web-1", "Web-1"]}})", "hosts", known, in_ansible);
    EXPECT_THAT(texts(in_ansible), ElementsAre(HasSubstr("is host 'Web-1' once more")));
}

Host at(const std::string& name, const Json& variables) {
    Host host;
    host.name = name;
    host.variables = variables;
    return host;
}

TEST(HostAddresses, are_told_when_several_hosts_have_one) {
    const auto shared = shared_addresses(
        {at("web-3", {{"ansible_host", "192.0.2.1"}}), at("web-4", {{"ansible_host", "192.0.2.1"}}),
         at("192.0.2.1", Json::object()), at("web-5", {{"ansible_host", "192.0.2.2"}})});
    ASSERT_EQ(shared.size(), 1U);
    EXPECT_EQ(shared[0].address, "192.0.2.1");
    EXPECT_THAT(shared[0].hosts, UnorderedElementsAre("web-3", "web-4", "192.0.2.1"));
    EXPECT_THAT(shared[0].warning(), HasSubstr("have the same address 192.0.2.1"));
}

TEST(HostAddresses, are_the_same_in_any_spelling) {
    EXPECT_EQ(address_key("2001:DB8:0:0::1"), address_key("[2001:db8::1]"));
    EXPECT_EQ(address_key("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address_key("Web.example.org."), "web.example.org");
}

TEST(HostAddresses, behind_different_ports_and_gateways_are_different) {
    EXPECT_THAT(
        shared_addresses(
            {at("a", {{"ansible_host", "192.0.2.1"}, {"ansible_port", 2201}}),
             at("b", {{"ansible_host", "192.0.2.1"}, {"ansible_port", 2202}}),
             at("c", {{"ansible_host", "192.0.2.1"}, {"ansible_ssh_common_args", "-J gate-1"}}),
             at("d", {{"ansible_host", "192.0.2.1"}, {"ansible_ssh_common_args", "-J gate-2"}})}),
        IsEmpty());
}

}  // namespace
}  // namespace patchlab::inventory
