// SPDX-License-Identifier: Apache-2.0
//
// The front and the back end in the middle of what was asked over HTTP: nothing is lost, and
// nothing is half done.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <optional>
#include <thread>

#include "tests/pipeline/service/passwords.hpp"
#include "tests/support/service.hpp"
#include "tests/support/web_user.hpp"

namespace patchlab::tests {
namespace {

using std::chrono::milliseconds;

const Json rehearsal{{"lab", "shop"}, {"patches", {"hello_2.0"}}, {"drill", false}};

class LostOverHttp : public testing::Test {
  protected:
    LostOverHttp() {
        lab_.add_people();
        for (const char* user : {"tess", "bob"}) give_password(lab_, user);
    }
    void takes_long() {
        lab_.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}}, {"install_seconds", 3}});
    }
    void serve(const PlayedLab& lab) {
        service_.emplace(lab, std::map<std::string, std::string>{}, http_at(port_));
    }
    WebUser user(const std::string& name) const {
        WebUser one(port_);
        EXPECT_TRUE(one.sign_in(name, usual_password)) << name;
        return one;
    }
    void kill_the_back() {
        std::vector<pid_t> all = service_->workers();
        const pid_t front = service_->front();
        service_->send(SIGKILL);
        for (const pid_t worker : all) ::kill(worker, SIGKILL);
        if (front > 0) ::kill(front, SIGKILL);
        service_->wait();
    }
    Json finished() {
        for (int tries = 0; tries < 600; ++tries) {
            if (lab_.newest().at("state") == "finished") break;
            std::this_thread::sleep_for(milliseconds(50));
        }
        return lab_.newest();
    }
    static bool answers(const WebUser& user) {
        try {
            return user.get("/healthz").status == 200;
        } catch (const std::exception&) {  // nobody listens just now
            return false;
        }
    }

    PlayedLab lab_;
    std::uint16_t port_ = free_port();
    std::optional<RunningService> service_;
};

TEST_F(LostOverHttp, a_front_that_is_killed_comes_back_and_the_run_and_the_session_go_on) {
    takes_long();
    serve(lab_);
    const WebUser tester = user("tess");
    ASSERT_NE(
        tester.begin("POST", "/api/v1/runs", to_line(rehearsal), "run_event").find("run_event"),
        std::string::npos);
    const pid_t front = service_->front();
    ASSERT_GT(front, 0);
    ::kill(front, SIGKILL);
    ASSERT_TRUE(comes_true([&] { return answers(tester); }));
    EXPECT_NE(service_->front(), front);
    EXPECT_EQ(finished().at("verdict"), "validated");
    const WebReply shown = tester.get("/api/v1/runs/" + lab_.newest_id());
    EXPECT_EQ(shown.status, 200) << shown.body;
}

TEST_F(LostOverHttp, a_back_that_is_killed_costs_neither_the_run_nor_the_session) {
    takes_long();
    serve(lab_);
    const WebUser tester = user("tess");
    ASSERT_NE(
        tester.begin("POST", "/api/v1/runs", to_line(rehearsal), "run_event").find("run_event"),
        std::string::npos);
    kill_the_back();
    EXPECT_EQ(finished().at("verdict"), "validated");
    serve(lab_);
    EXPECT_EQ(tester.get("/api/v1/runs/" + lab_.newest_id()).status, 200);
}

/// Of a process, as the kernel says.
pid_t parent_of(pid_t process) {
    const std::string status = read_file("/proc/" + std::to_string(process) + "/status");
    const auto at = status.find("PPid:");
    return at == std::string::npos ? 0 : std::stoi(status.substr(at + 5));
}

TEST_F(LostOverHttp, a_service_that_cannot_keep_its_front_any_more_ends_as_a_failure) {
    serve(lab_);
    ASSERT_TRUE(comes_true([&] { return answers(WebUser(port_)); }));
    const pid_t front = service_->front();
    ASSERT_GT(front, 0);
    ::kill(parent_of(front), SIGKILL);
    EXPECT_EQ(service_->wait(), 3) << "so that it is started again";
    serve(lab_);
    EXPECT_TRUE(comes_true([&] { return answers(WebUser(port_)); }));
}

/// The decisions on record, and what the audit trail knows of them.
struct OnRecord {
    std::size_t decisions = 0, rows = 0;
};

OnRecord on_record(PlayedLab& lab, const std::string& run) {
    const Json policy = parse_json(lab.run({"policy", "explain", run, "--json"}).out, "decision");
    const auto listed = lab.run({"audit", "list", "--action", "approve", "--json"});
    OnRecord found;
    found.decisions = policy.value("rulings", Json::array()).size();
    const Json trail = parse_json(listed.out, "rows");
    for (const Json& row : trail.at("rows"))
        if (row.at("action") == "approve") ++found.rows;
    return found;
}

TEST_F(LostOverHttp, a_decision_is_taken_whole_or_not_at_all_and_can_be_taken_again) {
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const std::string run = lab_.newest_id(), path = "/api/v1/runs/" + run;
    for (const int delay : {0, 5, 10, 20, 40, 80}) {
        PlayedLab lab = lab_.copy();
        serve(lab);
        const WebUser approver = user("bob");
        const std::string seen = approver.get(path + "/decision").field("ETag");
        ASSERT_FALSE(seen.empty());
        std::thread asking([&] {
            try {
                approver.post(path + "/approve", {{"reason", "read"}},
                              "If-Match: " + seen + "\r\n");
            } catch (const std::exception&) {  // the front was gone before it was asked
            }
        });
        std::this_thread::sleep_for(milliseconds(delay));
        kill_the_back();
        asking.join();
        const OnRecord after = on_record(lab, run);
        EXPECT_LE(after.decisions, 1U) << delay;
        EXPECT_EQ(after.decisions, after.rows) << "after " << delay << " ms";
        EXPECT_EQ(lab.run({"audit", "verify"}).exit_code, 0) << "after " << delay << " ms";
        serve(lab);
        const std::string now = approver.get(path + "/decision").field("ETag");
        const WebReply again =
            approver.post(path + "/approve", {{"reason", "read"}}, "If-Match: " + now + "\r\n");
        EXPECT_TRUE(again.status == 200 || again.status == 409) << again.status << again.body;
        EXPECT_GE(on_record(lab, run).decisions, 1U);
        service_.reset();
    }
}

TEST_F(LostOverHttp, what_is_at_work_is_answered_to_its_end_when_the_service_is_told_to_end) {
    takes_long();
    serve(lab_);
    const WebUser tester = user("tess");
    std::string answer;
    std::thread asking(
        [&] { answer = tester.begin("POST", "/api/v1/runs", to_line(rehearsal), "\"exit\":0"); });
    ASSERT_TRUE(comes_true([&] { return lab_.run_count() == 1; }));
    service_->send(SIGTERM);
    const Stopwatch watch;
    EXPECT_TRUE(comes_true([&] { return !answers(tester); })) << "nobody new is let in";
    asking.join();
    EXPECT_NE(answer.find("{\"response\":"), std::string::npos) << answer;
    EXPECT_EQ(service_->wait(), 0);
    EXPECT_LT(watch.seconds(), 20);
    serve(lab_);  // at the same port, at once
    EXPECT_EQ(tester.get("/api/v1/runs").status, 200);
}

}  // namespace
}  // namespace patchlab::tests
