// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "orchestrator/service/events/events.hpp"
#include "orchestrator/service/wire/connection.hpp"
#include "orchestrator/service/wire/message.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service {
namespace {

/// All messages in these bytes, which come in pieces of these sizes; nullopt when they are refused.
std::optional<std::vector<Json>> read(std::string_view bytes, const std::vector<std::size_t>& sizes,
                                      std::size_t most) {
    FrameReader reader(most);
    std::vector<Json> all;
    std::size_t piece = 0;
    try {
        while (!bytes.empty()) {
            const std::size_t size =
                sizes.empty() ? bytes.size() : 1 + sizes[piece++ % sizes.size()] % 100;
            const std::size_t now = std::min({size, bytes.size(), reader.wanted()});
            reader.feed(bytes.substr(0, now));
            bytes.remove_prefix(now);
            if (auto message = reader.take()) all.push_back(*std::move(message));
        }
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid) << error.what();
        return std::nullopt;
    }
    return all;
}

RC_GTEST_PROP(Frames, come_out_as_they_went_in_however_they_are_cut,
              (const std::vector<std::string>& texts, const std::vector<std::size_t>& sizes)) {
    std::string bytes;
    std::vector<Json> sent;
    for (const std::string& text : texts) {
        // as it comes out: what is no UTF-8 is replaced
        sent.push_back(parse_json(to_line({{"text", text}}), "message"));
        bytes += frame_of({{"text", text}}, most_from_caller);
    }
    const auto got = read(bytes, sizes, most_from_caller);
    RC_ASSERT(got.has_value());
    RC_ASSERT(*got == sent);
}

RC_GTEST_PROP(Frames, of_any_bytes_are_messages_or_refused,
              (const std::string& bytes, const std::vector<std::size_t>& sizes)) {
    const auto got = read(bytes, sizes, 1000);
    if (got)
        for (const Json& message : *got) RC_ASSERT(message.is_object());
}

TEST(Asks, name_as_many_groups_as_the_proxy_does) {
    Json groups = Json::array();
    for (int i = 0; i < 900; ++i) groups.push_back("group-" + std::to_string(i));
    const FromCaller said =
        from_caller({{"call", "run.list"},
                     {"credential", {{"proxy", {{"user", "vera"}, {"groups", groups}}}}}});
    EXPECT_EQ(std::get<Ask>(said).credential->groups.size(), 900U);
}

RC_GTEST_PROP(Asks, survive_the_way, (const std::string& call, const std::string& as)) {
    RC_PRE(!call.empty() && call.size() < 200 && call.find('\0') == std::string::npos);
    RC_PRE(as.size() < 200 && as.find('\0') == std::string::npos);
    const Ask ask{call, {{"run", "r-1"}}, as, {}, {}};
    const FromCaller back = from_caller(to_json(ask));
    RC_ASSERT(std::get<Ask>(back).call == call);
    RC_ASSERT(std::get<Ask>(back).as == as);
}

TEST(Frames, are_refused_by_their_length_before_their_content_comes) {
    FrameReader reader(most_from_caller);
    EXPECT_THROW(reader.feed(std::string("\x01\x00\x00\x01", 4)), Error);
    FrameReader empty(most_from_caller);
    EXPECT_THROW(empty.feed(std::string(4, '\0')), Error);
    EXPECT_THROW(frame_of({{"text", std::string(2000, 'x')}}, 1000), Error);
}

TEST(Errors, keep_their_cause_apart_from_what_was_tried) {
    Error error(ErrorCode::conflict, "there is one already", "give another name");
    error.during("adding x").during("doing it");
    try {
        end_in(error_message(error));
        FAIL() << "it is an error";
    } catch (const Error& same) {
        EXPECT_EQ(same.code(), ErrorCode::conflict);
        EXPECT_STREQ(same.what(), error.what());
        EXPECT_EQ(same.message(), error.message());
        EXPECT_EQ(same.advice(), error.advice());
    }
}

/// Remembers the last words.
class Words : public operations::NoEvents {
  public:
    void progress(std::string_view text) override { said = text; }
    void run_event(const operations::RunEvent& event) override { said = event.text + event.share; }
    void rollout_event(const operations::RolloutEvent& event) override { said = event.host; }
    void rollout_status(const Json& status) override { said = to_line(status); }
    void notice(const notify::Notice& notice) override { said = notice.text; }
    void note(std::string_view text) override { said = text; }
    void warning(std::string_view text) override { said = text; }
    std::string said;
};

TEST(Events, say_at_the_other_end_what_was_said) {
    Words words;
    const auto told = [&](const Json& message) {
        EXPECT_TRUE(deliver(message, words)) << message;
        return words.said;
    };
    EXPECT_EQ(told(progress_message("a")), "a");
    EXPECT_EQ(told(note_message("b")), "b");
    EXPECT_EQ(told(warning_message("c")), "c");
    EXPECT_EQ(told(run_event_message({"r", "t", "now", "apply", "text", "half"})), "texthalf");
    EXPECT_EQ(told(rollout_event_message({"ro", "now", "kind", "ring", "host", "x"})), "host");
    EXPECT_EQ(told(rollout_status_message({{"id", 1}})), "{\"id\":1}");
    notify::Notice notice;
    notice.text = "halted";
    EXPECT_EQ(told(notice_message(notice)), "halted");
    EXPECT_FALSE(deliver({{"response", Json::object()}}, words));
}

std::pair<Connection, Connection> pair_of_connections() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    return {Connection(UniqueFd(ends[0]), most_from_caller, most_from_back),
            Connection(UniqueFd(ends[1]), most_from_back, most_from_caller)};
}

TEST(Connections, bring_files_with_the_message_they_belong_to) {
    auto [back, caller] = pair_of_connections();
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    caller.send({{"n", 1}});
    caller.send({{"n", 2}}, {file.get(), file.get()});
    caller.send({{"n", 3}});
    for (const std::size_t files : {0U, 2U, 0U}) {
        const auto received = back.receive(Seconds(5));
        ASSERT_TRUE(received);
        EXPECT_EQ(received->files.size(), files) << received->message;
    }
}

TEST(Connections, wait_only_so_long) {
    auto [back, caller] = pair_of_connections();
    EXPECT_THROW(back.receive(Seconds(0.05)), Error);
    ASSERT_EQ(::send(caller.fd(), "\0\0", 2, 0), 2);
    EXPECT_THROW(back.receive(Seconds(0.05)), Error);
    EXPECT_THROW(back.send({{"text", std::string(8U << 20, 'x')}}, {}, Seconds(0.05)), Error)
        << "nobody reads";
}

TEST(Connections, end_between_two_messages_or_break_off) {
    auto [back, caller] = pair_of_connections();
    caller.send({{"n", 1}});
    ASSERT_EQ(::send(caller.fd(), "\0\0\0", 3, 0), 3);
    caller.release();
    EXPECT_TRUE(back.receive(Seconds(5)));
    EXPECT_THROW(back.receive(Seconds(5)), Error);
}

}  // namespace
}  // namespace patchlab::service
