// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "orchestrator/operations/event_stream.hpp"
#include "orchestrator/operations/operation.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/operations/session_fixture.hpp"

namespace patchlab::operations {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Events : public SessionTest {
  protected:
    Session& session() {
        if (!session_)
            session_ = std::make_unique<Session>(
                SessionOptions{folder_.path() / "state", "", "fake"}, commands_, clock_);
        return *session_;
    }
    /// Text of the events behind a position, a page of so many at a time.
    std::vector<std::string> texts(const std::string& after = "", std::size_t page = 100) {
        std::vector<std::string> all;
        next_ = after;
        for (;;) {
            NoEvents events;
            const Json answer =
                invoke(session(), events, "event.list", {{"after", next_}, {"limit", page}})
                    .document;
            for (const Json& event : answer.at("events")) {
                EXPECT_TRUE(ids_.insert(event.at("id").get<std::string>()).second)
                    << "an id stands twice";
                all.push_back(event.at("text").get<std::string>());
            }
            next_ = answer.at("next").get<std::string>();
            if (answer.at("events").empty()) return all;
        }
    }
    pipeline::RunFolder add_run(const std::string& id, const std::string& progress = "running") {
        pipeline::RunStore runs(session().state(), session().database());
        if (!runs.has(id))
            runs.record({id,
                         "rehearse",
                         "web",
                         {},
                         progress,
                         "clone",
                         "",
                         "root",
                         "2020-01-01T00:00:00Z",
                         ""});
        pipeline::RunFolder folder = runs.folder(id);
        make_folder(folder.root());
        pipeline::RunState state;
        state.id = id;
        state.progress = progress == "finished" ? pipeline::RunProgress::finished
                                                : pipeline::RunProgress::running;
        folder.save(state);
        return folder;
    }
    static void log(const pipeline::RunFolder& folder, const std::string& time,
                    const std::string& text) {
        append_line_durable(
            folder.events(),
            to_line(Json{{"time", time}, {"level", "info"}, {"stage", "apply"}, {"text", text}}));
    }
    void record(const std::string& action, const std::string& subject) {
        session().governance().audit.append({{"root", "root"}, action, subject, {}});
    }
    std::unique_ptr<Session> session_;
    std::string next_;
    std::set<std::string> ids_;
};

TEST_F(Events, come_by_their_times_from_every_source) {
    const auto one = add_run("r-20261130-0001"), two = add_run("r-20261130-0002");
    log(one, "2020-01-01T00:00:01Z", "first");
    log(two, "2020-01-01T00:00:02Z", "second");
    log(one, "2020-01-01T00:00:03Z", "third");
    record("approve", "r-20261130-0001");
    EXPECT_THAT(texts(), ElementsAre("first", "second", "third", HasSubstr("user-added"),
                                     "root: approve r-20261130-0001"));
    NoEvents events;
    const Json answer = invoke(session(), events, "event.list", Json::object()).document;
    EXPECT_EQ(answer.at("events").back().at("kind"), "decision");
    EXPECT_EQ(answer.at("events").front().at("subject"), "r-20261130-0001");
}

TEST_F(Events, are_the_same_whatever_the_page_and_missed_by_nobody_who_resumes) {
    for (int run = 1; run <= 5; ++run) {
        const auto folder = add_run("r-20261130-000" + std::to_string(run));
        for (int line = 0; line < 7; ++line)
            log(folder, "2020-01-01T00:00:0" + std::to_string(line) + "Z",
                std::to_string(run) + "/" + std::to_string(line));
        record("note", std::to_string(run));
    }
    const std::vector<std::string> whole = texts();
    EXPECT_EQ(whole.size(), 5U * 7 + 5 + 1);
    for (const std::size_t page : {1U, 2U, 3U, 10U}) {
        ids_.clear();
        EXPECT_THAT(texts("", page), testing::UnorderedElementsAreArray(whole)) << page;
    }
}

TEST_F(Events, of_a_run_go_on_while_it_does_and_end_with_it) {
    auto folder = add_run("r-20261130-0001");
    log(folder, "2020-01-01T00:00:01Z", "first");
    texts();
    EXPECT_THAT(next_, HasSubstr("20261130-0001."));
    log(folder, "2020-01-01T00:00:00Z", "later, whatever time it bears");
    EXPECT_THAT(texts(next_), ElementsAre("later, whatever time it bears"));
    add_run("r-20261130-0001", "finished");
    EXPECT_THAT(texts(next_), testing::IsEmpty());
    EXPECT_THAT(next_, testing::Not(HasSubstr("0001."))) << "it is read, and over";
}

TEST_F(Events, a_line_that_is_half_written_comes_when_it_is_whole) {
    const auto folder = add_run("r-20261130-0001");
    write_file_atomic(folder.events(), R"({"time":"2020-01-01T00:00:01Z","stage":"ap)");
    texts();
    write_file_atomic(folder.events(),
                      "{\"time\":\"2020-01-01T00:00:01Z\",\"stage\":\"apply\",\"text\":\"whole\"}\n"
                      "not an event\n");
    EXPECT_THAT(texts(next_), ElementsAre("whole", HasSubstr("cannot be read")));
}

TEST_F(Events, go_on_behind_a_line_that_is_too_long) {
    const auto folder = add_run("r-20261130-0001");
    log(folder, "2020-01-01T00:00:01Z", "before");
    log(folder, "2020-01-01T00:00:02Z", std::string(600'000, 'x'));
    log(folder, "2020-01-01T00:00:03Z", "after");
    record("approve", "r-20261130-0001");
    EXPECT_THAT(texts(), ElementsAre("before", HasSubstr("too long"), "after",
                                     HasSubstr("user-added"), "root: approve r-20261130-0001"));
}

TEST_F(Events, wait_for_the_end_of_a_long_line_and_end_with_the_run) {
    const auto folder = add_run("r-20261130-0001");
    write_file_atomic(folder.events(), std::string(600'000, 'x'));
    texts();
    EXPECT_THAT(next_, HasSubstr("0001.0"));
    add_run("r-20261130-0001", "finished");
    EXPECT_THAT(texts(next_), ElementsAre(HasSubstr("too long")));
    EXPECT_THAT(texts(next_), testing::IsEmpty());
    EXPECT_THAT(next_, testing::Not(HasSubstr("0001.")));
}

TEST_F(Events, that_begin_now_begin_with_a_whole_line) {
    const auto folder = add_run("r-20261130-0001");
    const std::string line = R"({"time":"2020-01-01T00:00:01Z","stage":"apply","text":"it"})";
    write_file_atomic(folder.events(), line + "\n" + line.substr(0, 30));
    EXPECT_THAT(texts("now"), testing::IsEmpty());
    write_file_atomic(folder.events(), line + "\n" + line + "\n");
    EXPECT_THAT(texts(next_), ElementsAre("it"));
}

TEST_F(Events, of_many_runs_come_to_their_end) {
    for (int run = 1; run <= 150; ++run) {
        const std::string number = std::to_string(10000 + run).substr(1);
        log(add_run("r-20261130-" + number, "finished"), "2020-01-01T00:00:00Z", number);
    }
    EXPECT_EQ(texts("", 40).size(), 151U);
    EXPECT_LT(next_.size(), 60U) << next_;
}

TEST_F(Events, begin_now_for_whoever_says_so) {
    const auto folder = add_run("r-20261130-0001");
    log(folder, "2020-01-01T00:00:01Z", "before");
    EXPECT_THAT(texts("now"), testing::IsEmpty());
    log(folder, "2020-01-01T00:00:02Z", "after");
    EXPECT_THAT(texts(next_), ElementsAre("after"));
}

TEST_F(Events, a_position_that_is_none_is_refused) {
    for (const char* bad :
         {"2~a1", "1~x", "1~a-1", "1~a1~../../etc.5", "1~n../x", "1~a99999999999999999999"})
        EXPECT_THROW(position_from(bad), Error) << bad;
    StreamPosition position{3, 7, "r-20261130-0002", {{"r-20261130-0001", 99}}};
    EXPECT_EQ(to_text(position_from(to_text(position))), to_text(position));
}

/// Ends after so many events.
class Collector : public NoEvents {
  public:
    explicit Collector(std::size_t wanted) : wanted_(wanted) {}
    void event(const Json& event) override { texts.push_back(event.at("text")); }
    bool interrupted() override {
        ++asked;
        return texts.size() >= wanted_;
    }
    std::vector<std::string> texts;
    std::atomic<int> asked = 0;

  private:
    std::size_t wanted_;
};

TEST_F(Events, are_told_as_they_happen_without_being_asked_for_again_and_again) {
    const auto folder = add_run("r-20261130-0001");
    session();  // the store is there
    Collector collector(2);
    std::thread follower([&] {
        Session own({folder_.path() / "state", "", "fake"}, commands_, clock_);
        invoke(own, collector, "event.follow", {{"after", "now"}});
    });
    while (collector.asked == 0) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_LE(collector.asked, 3) << "it sleeps";
    const Stopwatch since;
    log(folder, "2020-01-01T00:00:02Z", "a line");
    record("note", "a row");
    follower.join();
    EXPECT_LT(since.seconds(), 5);
    EXPECT_THAT(collector.texts, testing::UnorderedElementsAre("a line", "root: note a row"));
}

}  // namespace
}  // namespace patchlab::operations
