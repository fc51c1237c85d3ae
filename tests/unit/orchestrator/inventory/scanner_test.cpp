// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/scanner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/inventory/host_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "tests/unit/orchestrator/inventory/answers.hpp"

namespace patchlab::inventory {
namespace {

using testing::HasSubstr;
using tests::calm_answer;
using tests::package_line;

AnsibleResult says(const std::string& answer) {
    AnsibleResult result;
    result.end = AnsibleEnd::ok;
    result.result = {{"answer", answer}};
    return result;
}

AnsibleResult ends(AnsibleEnd end, const std::string& detail) {
    AnsibleResult result;
    result.end = end;
    result.detail = detail;
    return result;
}

class ScannerTest : public testing::Test {
  protected:
    void hosts(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            Host host;
            host.name = "h" + std::to_string(i);
            host.variables = {{"ansible_port", 2200 + i}};
            request_.hosts.push_back(host);
        }
        database_.transaction([&] {
            HostStore(database_).import_inside({"s", request_.hosts, false, false},
                                               "2026-11-23T12:00:00Z");
        });
    }
    void run(const PlayRunner& runner) { scan_hosts(runner, scans_, clock_, request_); }
    ScanOutcome outcome(const std::string& host) { return scans_.status(host).outcome; }

    TempFolder folder_{fs::temp_directory_path(), "scanner"};
    store::Database database_{folder_.path() / "db", migrations()};
    ScanStore scans_{database_};
    SystemClock clock_;
    ScanRequest request_;
};

TEST_F(ScannerTest, every_host_ends_with_exactly_one_outcome_and_is_stored_at_once) {
    hosts(6);
    std::map<std::string, int> told;
    request_.scanned = [&](const HostScanned& host) {
        ++told[host.host];
        EXPECT_EQ(outcome(host.host), host.outcome) << "stored before it is told";
    };
    run([&](const AnsiblePlay& play, const AnsibleAnswered& answered) {
        EXPECT_THAT(play.tasks, HasSubstr("look.sh"));
        EXPECT_THAT(play.files.at("look.sh"), HasSubstr("patchlab scan 1"));
        EXPECT_EQ(play.hosts.at(1).variables.at("ansible_port"), 2201);
        answered("h0", says(calm_answer({package_line("bash", "5")})));
        answered("h0", ends(AnsibleEnd::failed, "again"));
        answered("stranger", says(calm_answer({package_line("bash", "5")})));
        answered("h1", ends(AnsibleEnd::unreachable, "no route\nto host"));
        answered("h2", ends(AnsibleEnd::failed, "no python"));
        answered("h3", says("patchlab scan 1\n"));
        answered("h4", ends(AnsibleEnd::ok, ""));
    });
    EXPECT_EQ(outcome("h0"), ScanOutcome::scanned);
    EXPECT_EQ(outcome("h1"), ScanOutcome::unreachable);
    EXPECT_EQ(scans_.status("h1").detail, "no route to host");
    EXPECT_EQ(outcome("h2"), ScanOutcome::failed);
    EXPECT_EQ(scans_.status("h3").detail, "the answer of the host is not whole");
    EXPECT_THAT(scans_.status("h4").detail, HasSubstr("answer"));
    EXPECT_THAT(scans_.status("h5").detail, HasSubstr("ended before"));
    for (const Host& host : request_.hosts) EXPECT_EQ(told[host.name], 1) << host.name;
    EXPECT_EQ(scans_.statuses().size(), 6U);
}

TEST_F(ScannerTest, many_hosts_are_looked_at_in_plays_of_bounded_size) {
    hosts(1201);
    std::vector<std::size_t> sizes;
    run([&](const AnsiblePlay& play, const AnsibleAnswered& answered) {
        sizes.push_back(play.hosts.size());
        EXPECT_GE(play.deadline, request_.host_deadline * (static_cast<double>(play.hosts.size()) /
                                                           static_cast<double>(play.forks)));
        for (const AnsibleHost& host : play.hosts)
            answered(host.name, ends(AnsibleEnd::unreachable, ""));
    });
    EXPECT_THAT(sizes, testing::ElementsAre(500, 500, 201));
    EXPECT_EQ(outcome("h1200"), ScanOutcome::unreachable);
}

TEST_F(ScannerTest, without_ansible_what_was_known_stays) {
    hosts(1);
    run([](const AnsiblePlay&, const AnsibleAnswered& answered) {
        answered("h0", says(calm_answer({package_line("bash", "5")})));
    });
    EXPECT_THROW(run([](const AnsiblePlay&, const AnsibleAnswered&) {
                     throw Error(ErrorCode::lab, "there is no ansible-playbook");
                 }),
                 Error);
    EXPECT_EQ(outcome("h0"), ScanOutcome::scanned);
}

}  // namespace
}  // namespace patchlab::inventory
