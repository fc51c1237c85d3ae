// SPDX-License-Identifier: Apache-2.0
//
// Deliveries: what is written down before and after each attempt, what is tried again and when, and
// that nothing of it reaches the caller.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "orchestrator/notify/notifier.hpp"
#include "orchestrator/rollout/plan/definition.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"
#include "tests/support/receivers.hpp"

namespace patchlab::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using tests::HookServer;

class SetClock final : public Clock {
  public:
    TimePoint now() const override { return time; }
    TimePoint time = from_rfc3339("2026-11-24T22:00:00Z");
};

class Told : public testing::Test {
  protected:
    Told() { write_file_atomic(folder.path() / "secret", "s3cret-k3y", 0600); }
    NotifyTarget hook(const HookServer& server, std::vector<NoticeKind> on = {}) const {
        NotifyTarget target;
        target.on = std::move(on);
        target.url = server.url();
        target.secret_file = folder.path() / "secret";
        return target;
    }
    Notifier notifier(std::vector<NotifyTarget> targets) {
        return {folder.path(), std::move(targets), runner, clock,
                [this](Seconds pause) { pauses.push_back(pause.count()); }};
    }
    static Notice notice(NoticeKind kind = NoticeKind::ring_started) {
        Notice notice;
        notice.kind = kind;
        notice.rollout = "ro-1";
        notice.text = "ring canary started";
        return notice;
    }
    std::vector<Delivery> deliveries() { return Outbox(folder.path()).list(); }
    fs::path outbox() const { return folder.path() / "notify" / "outbox"; }

    TempFolder folder{fs::temp_directory_path(), "notify"};
    process::SystemCommandRunner runner;
    SetClock clock;
    std::vector<double> pauses;
};

TEST_F(Told, every_target_that_wants_it_and_no_other) {
    HookServer all({"200 OK"}), halts({"200 OK"});
    notifier({hook(all), hook(halts, {NoticeKind::halted})}).send(notice());
    EXPECT_EQ(all.posted().size(), 1U);
    EXPECT_TRUE(halts.posted().empty());
    notifier({hook(all), hook(halts, {NoticeKind::halted})}).send(notice(NoticeKind::halted));
    EXPECT_EQ(halts.posted().size(), 1U);
    ASSERT_EQ(deliveries().size(), 3U);
    for (const Delivery& delivery : deliveries())
        EXPECT_EQ(delivery.state, DeliveryState::delivered);
}

TEST_F(Told, a_busy_target_is_tried_again_after_growing_pauses_under_the_same_id) {
    HookServer server({"503 Busy", "500 Oops", "200 OK"});
    notifier({hook(server)}).send(notice());
    EXPECT_THAT(pauses, ElementsAre(1, 4));
    const auto posted = server.posted();
    ASSERT_EQ(posted.size(), 3U);
    EXPECT_EQ(posted[0].headers.at("x-patchlab-delivery"),
              posted[2].headers.at("x-patchlab-delivery"));
    const Delivery delivery = deliveries().front();
    EXPECT_EQ(delivery.state, DeliveryState::delivered);
    ASSERT_EQ(delivery.tries.size(), 3U);
    EXPECT_EQ(delivery.tries[0].attempt.detail, "answered 503");
}

TEST_F(Told, a_target_that_says_no_is_not_bothered_again_by_itself) {
    HookServer server({"404 Not Found", "404 Not Found", "200 OK"});
    notifier({hook(server)}).send(notice());
    EXPECT_TRUE(pauses.empty());
    EXPECT_EQ(deliveries().front().state, DeliveryState::failed);
    notifier({}).send(notice());
    EXPECT_EQ(server.posted().size(), 1U);
    EXPECT_EQ(notifier({}).retry().front().state, DeliveryState::failed);
    EXPECT_EQ(notifier({}).retry({deliveries().front().message.id}).front().state,
              DeliveryState::delivered);
    EXPECT_TRUE(notifier({}).retry().empty()) << "nothing is left to try";
}

TEST_F(Told, what_was_not_taken_is_tried_again_with_later_notices_when_it_is_due) {
    HookServer server({"503 Busy", "503 Busy", "503 Busy", "200 OK"});
    notifier({hook(server)}).send(notice());
    EXPECT_EQ(deliveries().front().state, DeliveryState::queued);
    notifier({}).send(notice());
    EXPECT_EQ(server.posted().size(), 3U) << "it is not due yet";
    clock.time += std::chrono::minutes(2);
    notifier({}).send(notice());
    EXPECT_EQ(server.posted().size(), 4U);
    EXPECT_EQ(deliveries().front().state, DeliveryState::delivered);
}

TEST_F(Told, a_silent_target_costs_a_rollout_its_pauses_once_whatever_waits_for_it) {
    HookServer silent({""}), other({"200 OK"});
    for (int i = 0; i < 4; ++i) {
        pauses.clear();
        clock.time += std::chrono::hours(2);
        notifier({hook(silent), hook(other)}).send(notice());
        EXPECT_EQ(pauses.size(), 2U);
        EXPECT_EQ(other.posted().size(), static_cast<std::size_t>(i + 1))
            << "the other one is told all the same";
    }
}

TEST_F(Told, it_is_written_down_before_the_first_attempt_so_that_a_crash_loses_nothing) {
    std::size_t written = 0;
    struct Dies final : process::CommandRunner {
        explicit Dies(std::function<void()> look) : look_(std::move(look)) {}
        process::CommandResult run(const process::CommandSpec&) override {
            look_();
            throw std::runtime_error("killed");  // nothing of the carrier runs on
        }
        std::function<void()> look_;
    } dies([&] { written = deliveries().size(); });
    HookServer server({"200 OK"});
    Notifier(folder.path(), {hook(server), hook(server)}, dies, clock, [](Seconds) {
    }).send(notice());
    EXPECT_EQ(written, 2U);
    ASSERT_EQ(deliveries().size(), 2U);
    EXPECT_EQ(deliveries().front().state, DeliveryState::queued);
    notifier({}).send(notice());
    EXPECT_EQ(server.posted().size(), 2U) << "another process finishes it";
}

TEST_F(Told, nothing_that_goes_wrong_reaches_the_caller) {
    write_file_atomic(folder.path() / "notify", "a file where the folder should be");
    HookServer server({"200 OK"});
    EXPECT_NO_THROW(notifier({hook(server)}).send(notice()));
    fs::remove(folder.path() / "notify");
    make_folder(outbox());
    for (const char* text :
         {"", "{", "{}", "[1]",
          R"({"schema":"patchlab/delivery/v1","id":"n-1","target":{"webhook":{}}})"}) {
        write_file_atomic(outbox() / "n-20260101T000000Z-00000000.json", text);
        EXPECT_NO_THROW(notifier({hook(server)}).send(notice())) << text;
    }
    EXPECT_EQ(server.posted().size(), 5U)
        << "a broken file does not keep the others from being sent";
}

TEST_F(Told, no_secret_is_written_down) {
    HookServer server({"503 Busy"});
    notifier({hook(server)}).send(notice());
    for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "notify"))
        if (entry.is_regular_file()) {
            EXPECT_THAT(read_file(entry.path()), Not(HasSubstr("s3cret-k3y")));
            EXPECT_EQ(static_cast<unsigned>(entry.status().permissions()) & 077U, 0U)
                << entry.path();
        }
}

TEST_F(Told, only_one_process_carries_a_delivery) {
    HookServer server({"503 Busy", "503 Busy", "503 Busy", "200 OK"});
    notifier({hook(server)}).send(notice());
    const std::string id = deliveries().front().message.id;
    {
        const auto lock = Outbox(folder.path()).lock(id);
        ASSERT_TRUE(lock);
        EXPECT_EQ(notifier({}).retry({id}).front().state, DeliveryState::queued);
        EXPECT_EQ(server.posted().size(), 3U);
    }
    EXPECT_EQ(notifier({}).retry({id}).front().state, DeliveryState::delivered);
    std::string words;
    EXPECT_THROW(notifier({}).retry({"n-none"}), Error);
    EXPECT_THROW(notifier({}).retry({"../../etc/passwd"}), Error);
}

TEST_F(Told, the_newest_of_what_was_delivered_are_kept) {
    HookServer server({"200 OK"});
    for (int i = 0; i < 5; ++i) {
        clock.time += std::chrono::seconds(1);
        notifier({hook(server)}).send(notice());
    }
    Outbox(folder.path()).prune(2);
    ASSERT_EQ(deliveries().size(), 2U);
    EXPECT_EQ(deliveries().back().message.time, "2026-11-24T22:00:05Z");
}

TEST(NotifyTargets, of_the_installation_come_besides_those_of_a_rollout_each_once) {
    const TempFolder folder(fs::temp_directory_path(), "notify");
    EXPECT_TRUE(installed_targets(folder.path()).empty());
    NotifyTarget mail, page;
    mail.mail_to = {"ops@example.org"};
    page.command = {"/usr/local/bin/page"};
    page.on = {NoticeKind::halted};
    install_targets(folder.path(), {mail, page});
    const auto all = all_targets(folder.path(), {mail});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(to_json(all[1]), to_json(page));
    write_file_atomic(folder.path() / "notify" / "targets.json", "{");
    EXPECT_EQ(all_targets(folder.path(), {mail}).size(), 1U)
        << "a broken file does not keep a rollout from telling its own";
}

TEST(NotifyTargets, with_a_name_are_told_of_the_rollouts_that_name_them_alone) {
    const TempFolder folder(fs::temp_directory_path(), "notify");
    NotifyTarget mail, pager, named, unknown, own_program;
    mail.mail_to = {"ops@example.org"};
    pager.command = {"/usr/local/bin/page"};
    pager.name = "pager";
    install_targets(folder.path(), {mail, pager});
    ASSERT_EQ(general_targets(folder.path()).size(), 1U);
    EXPECT_EQ(all_targets(folder.path(), {}).size(), 1U);
    named.target = "pager";
    named.on = {NoticeKind::halted};
    const auto all = all_targets(folder.path(), {named});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].command, pager.command);
    EXPECT_THAT(all[0].on, ElementsAre(NoticeKind::halted));
    unknown.target = "pagre";
    own_program.command = {"/bin/sh", "-c", "id"};
    EXPECT_EQ(all_targets(folder.path(), {unknown, own_program}).size(), 1U)
        << "a program of a definition from before is not run";
    EXPECT_NO_THROW(require_known_targets(folder.path(), {named, mail}));
    EXPECT_THROW(require_known_targets(folder.path(), {unknown}), Error);
}

TEST(NotifyTargets, are_read_with_every_mistake_named) {
    Diagnostics diagnostics;
    parse_notify(
        "schema: patchlab/notify/v1\ntargets:\n  - { mail: { to: [a@example.org], tls: none } }\n  "
        "- { mail: { to: [a@example.org], smtp: "
        "\"smtp://mail.example.org\", user: u } }\n"
        "  - { mail: { to: [a@example.org], smtp: \"smtp://mail.example.org\", user: u, "
        "password-file: p, tls: none } }\n"
        "  - { command: [x], mail: { to: [a@example.org] } }\n",
        "notify.yaml", "/etc/patchlab", diagnostics);
    std::vector<std::string> found;
    for (const Diagnostic& item : diagnostics.items) found.push_back(item.text());
    EXPECT_THAT(found, ElementsAre(testing::StartsWith("notify.yaml:3: /targets/0/mail/tls"),
                                   testing::StartsWith("notify.yaml:4: /targets/1/mail"),
                                   testing::StartsWith("notify.yaml:5: /targets/2/mail/tls"),
                                   testing::StartsWith("notify.yaml:6: /targets/3")));
    Diagnostics none;
    const auto targets = parse_notify(
        "schema: patchlab/notify/v1\ntargets:\n  - { on: [halted], webhook: { url: "
        "\"https://user:pw@hooks.example.org/T0/secret\", "
        "secret-file: hook.key } }\n",
        "n", "/etc/patchlab", none);
    ASSERT_TRUE(none.ok());
    EXPECT_EQ(targets.front().secret_file, "/etc/patchlab/hook.key");
    EXPECT_EQ(label(targets.front()), "webhook https://hooks.example.org");
    for (const char* address : {"-oQ/tmp@example.org", "a@b\\nBcc: x@y", "a b@example.org"}) {
        Diagnostics mistakes;
        parse_notify("schema: patchlab/notify/v1\ntargets: [{ mail: { to: [\"" +
                         std::string(address) + "\"] } }]\n",
                     "n", "/", mistakes);
        EXPECT_FALSE(mistakes.ok()) << address;
    }
    for (const char* url : {"file:///etc/passwd", "ftp://example.org/", "https://a b/"}) {
        Diagnostics mistakes;
        parse_notify("schema: patchlab/notify/v1\ntargets: [{ webhook: { url: \"" +
                         std::string(url) + "\", secret-file: s } }]\n",
                     "n", "/", mistakes);
        EXPECT_FALSE(mistakes.ok()) << url;
    }
}

TEST(NotifyTargets, are_written_the_same_way_in_rollouts_and_by_themselves) {
    const Json alone = parse_json(notify_schema(), "notify.schema.json"),
               rollout = parse_json(rollout::definition_schema(), "rollout.schema.json");
    const auto way = [](const Json& document, const char* of) {
        return document.at("$defs").at("notify").at("properties").at(of);
    };
    for (const char* of : {"on", "webhook", "mail"})
        EXPECT_EQ(way(alone, of), way(rollout, of)) << of;
    for (const char* shared : {"mail-server", "address"})
        EXPECT_EQ(alone.at("$defs").at(shared), rollout.at("$defs").at(shared)) << shared;
}

}  // namespace
}  // namespace patchlab::notify
