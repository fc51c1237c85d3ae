// SPDX-License-Identifier: Apache-2.0
//
// What a Deployer keeps to (orchestrator/rollout/engine/deployer.hpp), held against the one that
// drives Ansible, with Ansible and hosts played. The same on real hosts: tests/live/fleet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "orchestrator/rollout/push/ansible_deployer.hpp"
#include "platform/core/error.hpp"
#include "tests/contract/deployer/played_ansible.hpp"

namespace patchlab::rollout {
namespace {

using ::testing::HasSubstr;

class DeployerContract : public ::testing::Test {
  protected:
    DeployerContract() {
        for (const char* name : {"a", "b", "c"})
            ansible_.hosts[name].versions = {{"web", "1"}, {"other", "5"}};
        order_.step = Step::install;
        order_.packages = {"web", "other", "absent"};
        for (const char* name : {"a", "b", "c"})
            order_.hosts.push_back({name, {package("2")}, {}, false});
        testsuites::Check check;
        check.name = "answers";
        check.body = testsuites::TcpCheck{};
        testsuites::Suite suite;
        suite.name = "web";
        suite.checks = {check, check};
        order_.suites = {suite};
    }
    static catalog::ExactPackage package(const std::string& version) {
        return {"web", "amd64", "deb", version, std::string(64, 'a'), "/pool/web.deb"};
    }

    std::map<std::string, Observation> carry_out() {
        std::map<std::string, Observation> heard;
        const auto here = std::this_thread::get_id();
        deployer_.carry_out(order_, [&](const std::string& host, const Observation& seen) {
            EXPECT_TRUE(heard.emplace(host, seen).second) << host << " was told of twice";
            EXPECT_EQ(std::this_thread::get_id(), here);
            EXPECT_EQ(seen.checks.size(), 2U) << "one result for each check, whatever happened";
            if (seen.answer != Answer::done) {
                EXPECT_FALSE(seen.detail.empty());
            }
            EXPECT_EQ(seen.detail.find('\n'), std::string::npos);
        });
        EXPECT_EQ(heard.size(), order_.hosts.size());
        return heard;
    }

    PlayedAnsible ansible_;
    AnsibleDeployer deployer_{ansible_, [](const std::string& name) -> inventory::AnsibleHost {
                                  if (name == "nobody")
                                      throw Error(ErrorCode::not_found,
                                                  "there is no host 'nobody'");
                                  return {name, {{"ansible_host", "192.0.2.1"}}};
                              }};
    Order order_;
};

TEST_F(DeployerContract, a_look_changes_nothing_and_tells_of_every_package_asked_for) {
    order_.step = Step::inspect;
    for (const auto& [host, seen] : carry_out()) {
        EXPECT_EQ(seen.answer, Answer::done) << seen.detail;
        EXPECT_EQ(*seen.installed, (std::map<std::string, std::string>{
                                       {"web", "1"}, {"other", "5"}, {"absent", ""}}));
        EXPECT_FALSE(seen.boot_id.empty());
        EXPECT_EQ(ansible_.hosts[host].installations, 0);
    }
}

TEST_F(DeployerContract, an_installation_is_done_once_however_often_it_is_ordered) {
    for (int i = 0; i < 2; ++i)
        for (const auto& [host, seen] : carry_out()) {
            EXPECT_EQ(seen.answer, Answer::done) << seen.detail;
            EXPECT_EQ(seen.installed->at("web"), "2");
            EXPECT_EQ(ansible_.hosts[host].installations, 1);
        }
}

TEST_F(DeployerContract, the_way_back_takes_away_what_was_not_there_before) {
    ansible_.hosts["a"].versions["absent"] = "3";
    order_.step = Step::back_out;
    order_.hosts = {{"a", {package("0.9")}, {"absent"}, false}};
    const Observation seen = carry_out().at("a");
    EXPECT_EQ(seen.answer, Answer::done) << seen.detail;
    EXPECT_EQ(seen.installed->at("web"), "0.9");
    EXPECT_EQ(seen.installed->at("absent"), "");
}

TEST_F(DeployerContract, a_reboot_shows_in_the_boot_id_and_is_not_repeated) {
    order_.hosts = {{"a", {package("2")}, {}, true}};
    const std::string first = carry_out().at("a").boot_id;
    EXPECT_EQ(ansible_.hosts["a"].boots, 2);
    EXPECT_EQ(carry_out().at("a").boot_id, first);
    EXPECT_EQ(ansible_.hosts["a"].boots, 2);
}

TEST_F(DeployerContract,
       hosts_that_fail_are_off_or_not_known_do_not_keep_others_from_being_served) {
    ansible_.hosts["a"].off = true;
    ansible_.hosts["b"].refuses = "apt would also remove bash";
    order_.hosts.push_back({"nobody", {package("2")}, {}, false});
    catalog::ExactPackage rpm = package("2");
    rpm.format = "rpm";
    ansible_.hosts["red"];
    order_.hosts.push_back({"red", {rpm}, {}, false});
    const auto heard = carry_out();
    EXPECT_EQ(heard.at("a").answer, Answer::unreachable);
    EXPECT_FALSE(heard.at("a").installed);
    EXPECT_EQ(heard.at("b").answer, Answer::failed);
    EXPECT_EQ(heard.at("b").detail, "apt would also remove bash");
    EXPECT_EQ(heard.at("b").installed->at("web"), "1");
    EXPECT_EQ(heard.at("c").answer, Answer::done);
    EXPECT_EQ(heard.at("nobody").answer, Answer::unreachable);
    EXPECT_EQ(heard.at("red").answer, Answer::failed);
    EXPECT_THAT(heard.at("red").detail, HasSubstr("rpm"));
    EXPECT_EQ(ansible_.hosts["red"].installations, 0);
}

TEST_F(DeployerContract, a_host_that_falls_silent_after_it_began_is_unknown) {
    ansible_.hosts["a"].silent = true;
    EXPECT_EQ(carry_out().at("a").answer, Answer::unknown);
}

TEST_F(DeployerContract, a_tool_that_does_not_start_is_an_error_and_nobody_is_told_of) {
    ansible_.broken = true;
    order_.hosts.push_back({"nobody", {package("2")}, {}, false});
    try {
        deployer_.carry_out(
            order_, [](const std::string& host, const Observation&) { ADD_FAILURE() << host; });
        FAIL() << "it did not throw";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::lab);
        EXPECT_THAT(error.what(), HasSubstr("it is broken"));
    }
}

}  // namespace
}  // namespace patchlab::rollout
