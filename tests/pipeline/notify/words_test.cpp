// SPDX-License-Identifier: Apache-2.0
//
// Notices through the program itself: a run that waits for people tells them, whoever follows it or
// nobody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/digest.hpp"
#include "tests/support/program.hpp"
#include "tests/support/receivers.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

class NotifyWords : public testing::Test {
  protected:
    NotifyWords() {
        lab_.add_people();
        write_file_atomic(lab_.state() / "hook.key", "the key\n", 0600);
    }
    fs::path targets(const HookServer& server) {
        const fs::path file = lab_.state() / "notify.yaml";
        write_file_atomic(file, "schema: patchlab/notify/v1\ntargets:\n  - { webhook: { url: \"" +
                                    server.url() + "\", secret-file: hook.key } }\n");
        return file;
    }
    Json json(std::vector<std::string> words, int exit = 0) {
        words.emplace_back("--json");
        const auto result = lab_.run(words);
        EXPECT_EQ(result.exit_code, exit) << result.err;
        return parse_json(result.out, "the output");
    }

    PlayedLab lab_;
};

TEST_F(NotifyWords, tell_who_is_wanted_when_a_run_lacks_nothing_but_approvals) {
    HookServer server({"200 OK"});
    ASSERT_EQ(lab_.run({"notify", "add", targets(server).string()}).exit_code, 0);
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    ASSERT_EQ(server.posted().size(), 1U) << "told by the time `run start` is back";
    const Posted posted = server.posted().front();
    EXPECT_EQ(posted.headers.at("x-patchlab-event"), "approval-wanted");
    EXPECT_EQ(posted.headers.at("x-patchlab-signature-256"),
              "sha256=" + hmac_sha256_hex("the key", posted.body));
    const Json details = parse_json(posted.body, "the body").at("details");
    EXPECT_EQ(details.at("run"), lab_.newest_id());
    EXPECT_EQ(details.at("requester"), "tess");
    EXPECT_EQ(details.at("roles"), Json::array({"release-manager"}));
    EXPECT_EQ(json({"notify", "list"}).at("deliveries").at(0).at("state"), "delivered");
}

TEST_F(NotifyWords, tell_it_also_when_nobody_follows_the_run) {
    HookServer server({"200 OK"});
    ASSERT_EQ(lab_.run({"notify", "add", targets(server).string()}).exit_code, 0);
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}, {"--detach"}).exit_code, 0);
    EXPECT_TRUE(server.wait_for(1));
}

TEST_F(NotifyWords, ask_nobody_to_approve_what_the_lab_rejected) {
    HookServer server({"200 OK"});
    ASSERT_EQ(lab_.run({"notify", "add", targets(server).string()}).exit_code, 0);
    lab_.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}},
               {"fail_after", {"nginx/front page answers"}}});
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 1);
    EXPECT_TRUE(server.posted().empty());
}

TEST_F(NotifyWords, leave_the_verdict_alone_when_a_target_fails_and_deliver_it_later) {
    HookServer server({"404 Not Found", "404 Not Found", "200 OK"});
    ASSERT_EQ(lab_.run({"notify", "add", targets(server).string()}).exit_code, 0);
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const Json open = json({"notify", "list", "--open"}).at("deliveries");
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.at(0).at("state"), "failed");
    EXPECT_THAT(lab_.run({"notify", "list"}).out, HasSubstr("answered 404"));
    EXPECT_THAT(lab_.run({"notify", "show", open.at(0).at("id").get<std::string>()}).out,
                HasSubstr("approval wanted of release-manager"));
    EXPECT_EQ(lab_.run({"notify", "retry"}).exit_code, 1);
    EXPECT_EQ(lab_.run({"notify", "retry"}).exit_code, 0);
    EXPECT_TRUE(json({"notify", "list", "--open"}).at("deliveries").empty());
}

TEST_F(NotifyWords, check_a_file_and_test_its_targets) {
    HookServer server({"200 OK", "401 Unauthorized"});
    const std::string file = targets(server).string();
    EXPECT_EQ(lab_.run({"notify", "check", file}).exit_code, 0);
    EXPECT_EQ(lab_.run({"notify", "test", file}).exit_code, 0);
    EXPECT_TRUE(
        parse_json(server.posted().front().body, "body").at("details").at("test").get<bool>());
    EXPECT_EQ(parse_json(server.posted().front().body, "body").at("event"), "test");
    const Json refused = json({"notify", "test", file}, 1);
    EXPECT_EQ(refused.at("attempts").at(0).at("detail"), "answered 401");
    EXPECT_TRUE(json({"notify", "list"}).at("deliveries").empty()) << "a test is not queued";
    write_file_atomic(file, "schema: patchlab/notify/v1\ntargets:\n  - { webhok: { url: x } }\n");
    const auto bad = lab_.run({"notify", "check", file});
    EXPECT_EQ(bad.exit_code, 2);
    EXPECT_THAT(bad.err, HasSubstr("notify.yaml:3: /targets/0/webhok"));
    EXPECT_EQ(json({"notify", "check", file}, 2).at("ok"), false);
    EXPECT_EQ(lab_.run({"notify", "test"}).exit_code, 2) << "no targets";
    EXPECT_EQ(lab_.run({"notify", "retry", "n-none"}).exit_code, 2);
}

TEST_F(NotifyWords, let_only_an_administrator_say_who_is_told) {
    HookServer server({"200 OK"});
    const std::string file = targets(server).string();
    EXPECT_EQ(lab_.run({"--as", "bob", "notify", "add", file}).exit_code, 4);
    EXPECT_EQ(lab_.run({"notify", "add", file}).exit_code, 0);
    EXPECT_THAT(lab_.run({"audit", "list"}).out, HasSubstr("notify-set"));
    EXPECT_THAT(lab_.run({"notify", "show"}).out, HasSubstr("webhook http://127.0.0.1:"));
    fs::permissions(lab_.state() / "hook.key", fs::perms::owner_read | fs::perms::others_read);
    const auto refused = lab_.run({"notify", "add", file});
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.err, HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace patchlab::tests
