// SPDX-License-Identifier: Apache-2.0
//
// kill -9 in the middle of a publish: hosts see the snapshot before or the new one, whole, and what
// is left is gone after the next publish.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include "orchestrator/catalog/publisher.hpp"
#include "orchestrator/pipeline/fake/fault_injection.hpp"
#include "platform/core/error.hpp"
#include "tests/support/apt_host.hpp"
#include "tests/support/catalog.hpp"

namespace patchlab::tests {
namespace {

using testing::IsEmpty;

class KilledPublish : public testing::Test {
  protected:
    KilledPublish() {
        pipeline::obey_fail_points();
        promote("2.0", "1.0");
        catalog_.publisher().publish("ring-0");
        before_ = catalog_.publisher().access("ring-0").snapshot;
    }

    void promote(const std::string& to, const std::string& from) {
        catalog_.clock.advance(Seconds(60));
        catalog_.promote(catalog_.make({{"hello", {from}, to}}));
    }

    /// Publishes in a child process; gives its id.
    pid_t publish_in_child() {
        const pid_t child = ::fork();
        if (child != 0) return child;
        try {
            store::Database own(catalog_.state() / "patchlab.db",
                                all_migrations());  // not the parent's
            process::SystemCommandRunner runner;
            catalog::Publisher(catalog_.state(), own, runner, catalog_.clock,
                               [&](const catalog::Published&, const std::function<void()>& change) {
                                   own.transaction(change);
                               })
                .publish("ring-0");
        } catch (const std::exception& error) {
            std::fprintf(stderr, "child: %s\n", error.what());
            ::_exit(1);
        }
        ::_exit(0);
    }

    /// What a host gets now: the version before or the new one; and the channel is whole either
    /// way.
    std::string version_seen(const std::string& before, const std::string& after) {
        const catalog::ChannelAccess access = catalog_.publisher().access("ring-0");
        EXPECT_THAT(catalog::verify_snapshot(access.folder, catalog_.trust(), "ring-0"), IsEmpty());
        AptHost host("ring-0", "file://" + access.folder.string(), access.public_key);
        const auto updated = host.update();
        EXPECT_EQ(updated.exit_code, 0) << updated.err;
        const std::string seen = host.candidate("hello");
        EXPECT_TRUE(seen == before || seen == after) << seen;
        if (before != after) {
            EXPECT_EQ(seen == before, access.snapshot == before_);
        }
        return seen;
    }

    /// After a publish that came to its end: what stands there was published, and nothing else
    /// does.
    void expect_nothing_left() {
        EXPECT_TRUE(fs::is_empty(catalog_.state() / "catalog" / "work"));
        std::set<std::string> known{"current"};
        for (const catalog::SnapshotRow& row : catalog_.publisher().snapshots("ring-0")) {
            EXPECT_NE(row.state, catalog::SnapshotState::building) << row.id;
            if (row.state == catalog::SnapshotState::published) known.insert(row.id);
        }
        std::set<std::string> found;
        for (const auto& item :
             fs::directory_iterator(catalog_.state() / "catalog" / "public" / "ring-0"))
            found.insert(item.path().filename().string());
        EXPECT_EQ(found, known);
        EXPECT_THAT(catalog_.publisher().verify("ring-0"), IsEmpty());
    }

    ApprovedCatalog catalog_;
    std::string before_;
};

class AtPoint : public KilledPublish, public testing::WithParamInterface<std::string_view> {};

TEST_P(AtPoint, leaves_the_channel_as_it_was_or_as_it_shall_be) {
    promote("3.0", "2.0");
    ASSERT_EQ(
        ::setenv("PATCHLAB_FAULT", ("publish-" + std::string(GetParam()) + ":kill").c_str(), 1), 0);
    const pid_t child = publish_in_child();
    ::unsetenv("PATCHLAB_FAULT");
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    const bool switched = GetParam() == "switched" || GetParam() == "recorded";
    EXPECT_EQ(version_seen("2.0", "3.0"), switched ? "3.0" : "2.0");
    catalog_.clock.advance(Seconds(60));
    const catalog::Published next = catalog_.publisher().publish("ring-0");
    EXPECT_EQ(next.changed, !switched);
    EXPECT_EQ(version_seen("3.0", "3.0"), "3.0");
    expect_nothing_left();
}

std::string title(const testing::TestParamInfo<std::string_view>& info) {
    return std::string(info.param);
}

INSTANTIATE_TEST_SUITE_P(Publish, AtPoint, testing::ValuesIn(catalog::publish_points), title);

TEST_F(KilledPublish, at_any_moment_leaves_the_channel_whole) {
    Stopwatch whole;
    promote("3.0", "2.0");
    const pid_t undisturbed = publish_in_child();
    int status = 0;
    ASSERT_EQ(::waitpid(undisturbed, &status, 0), undisturbed);
    ASSERT_EQ(status, 0);
    const double seconds = whole.seconds();
    before_ = catalog_.publisher().access("ring-0").snapshot;
    constexpr int moments = 12;
    int killed = 0;
    std::string before = "3.0";
    for (int i = 0; i < moments; ++i) {
        const std::string after = std::to_string(4 + i) + ".0";
        promote(after, before);
        const pid_t child = publish_in_child();
        ::usleep(static_cast<useconds_t>(seconds * 1e6 * (i + 0.5) / moments));
        ::kill(child, SIGKILL);
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        if (WIFSIGNALED(status)) ++killed;
        const catalog::ChannelAccess access = catalog_.publisher().access("ring-0");
        EXPECT_THAT(catalog::verify_snapshot(access.folder, catalog_.trust(), "ring-0"), IsEmpty());
        catalog_.clock.advance(Seconds(60));
        catalog_.publisher().publish("ring-0");
        expect_nothing_left();
        EXPECT_EQ(catalog_.publisher().access("ring-0").packages, 2U);
        before_ = catalog_.publisher().access("ring-0").snapshot;
        before = after;
    }
    EXPECT_GE(killed, 1);
    EXPECT_EQ(version_seen(before, before), before);
}

TEST_F(KilledPublish, is_cleared_away_by_reap_as_well) {
    promote("3.0", "2.0");
    ASSERT_EQ(::setenv("PATCHLAB_FAULT", "publish-moved:kill", 1), 0);
    const pid_t child = publish_in_child();
    ::unsetenv("PATCHLAB_FAULT");
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_EQ(catalog_.publisher().reap().size(), 1U);
    EXPECT_THAT(catalog_.publisher().reap(), IsEmpty());
    expect_nothing_left();
    EXPECT_EQ(version_seen("2.0", "3.0"), "2.0");
}

}  // namespace
}  // namespace patchlab::tests
