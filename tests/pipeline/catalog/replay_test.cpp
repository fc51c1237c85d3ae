// SPDX-License-Identifier: Apache-2.0
//
// A mirror that serves an old snapshot of a channel, which is signed and whole: stock apt must
// neither go back to it nor trust it for ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apt_host.hpp"
#include "tests/support/catalog.hpp"

namespace patchlab::tests {
namespace {

using catalog::EntryState;
using testing::HasSubstr;

class Replay : public testing::Test {
  protected:
    std::string promote(const std::vector<TestedPackage>& packages) {
        const std::string entry = catalog_.make(packages);
        catalog_.promote(entry);
        return entry;
    }
    fs::path snapshot(const std::string& id) {
        return catalog_.publisher().access("ring-0").folder.parent_path() / id;
    }
    /// What the host's sources name from now on; apt's memory of the newer index is gone, as on a
    /// new host or after a cleaned cache.
    void serve(AptHost& host, const fs::path& folder) {
        host.follow("ring-0", "file://" + folder.string());
        host.forget_lists();
    }

    ApprovedCatalog catalog_;
};

TEST_F(Replay, an_old_snapshot_leads_no_patched_host_back) {
    promote({{"hello", {"1.0"}, "2.0"}});
    const catalog::Published old = catalog_.publish();
    promote({{"hello", {"2.0"}, "3.0"}});
    catalog_.publish();
    const catalog::ChannelAccess access = catalog_.publisher().access("ring-0");
    AptHost host("ring-0", "file://" + access.folder.string(), access.public_key);
    ASSERT_EQ(host.update().exit_code, 0);
    ASSERT_EQ(host.install({"hello"}).exit_code, 0);
    ASSERT_EQ(host.installed("hello"), "3.0");
    serve(host, snapshot(old.snapshot));
    ASSERT_EQ(host.update().exit_code, 0);
    const auto upgraded = host.upgrade();
    EXPECT_EQ(upgraded.exit_code, 0) << upgraded.out << upgraded.err;
    EXPECT_EQ(host.installed("hello"), "3.0");
}

TEST_F(Replay, a_withdrawal_leads_back_to_exactly_the_version_that_it_names) {
    const std::string entry = promote({{"hello", {"1.0"}, "2.0"}});
    promote({{"other", {"1.0"}, "2.0"}});
    catalog_.publish();
    const catalog::ChannelAccess access = catalog_.publisher().access("ring-0");
    AptHost host("ring-0", "file://" + access.folder.string(), access.public_key);
    ASSERT_EQ(host.update().exit_code, 0);
    ASSERT_EQ(host.install({"hello", "other"}).exit_code, 0);
    catalog_.entries().set_state(entry, EntryState::withdrawn, "it broke", catalog_.clock.now());
    catalog_.publish();
    ASSERT_EQ(host.update().exit_code, 0);
    ASSERT_EQ(host.upgrade().exit_code, 0);
    EXPECT_EQ(host.installed("hello"), "1.0");
    EXPECT_EQ(host.installed("other"), "2.0");
    // a newer version ends that: the old one holds nobody back
    promote({{"hello", {"1.0"}, "3.0"}});
    catalog_.publish();
    ASSERT_EQ(host.update().exit_code, 0);
    ASSERT_EQ(host.upgrade().exit_code, 0);
    EXPECT_EQ(host.installed("hello"), "3.0");
}

TEST_F(Replay, a_snapshot_is_not_trusted_for_ever) {
    promote({{"hello", {"1.0"}, "2.0"}});
    catalog_.clock.advance(catalog::snapshot_validity * -1 - Seconds(3600));
    catalog_.publish();
    const catalog::ChannelAccess access = catalog_.publisher().access("ring-0");
    AptHost host("ring-0", "file://" + access.folder.string(), access.public_key);
    const auto updated = host.update();
    EXPECT_NE(updated.exit_code, 0);
    EXPECT_THAT(updated.err + updated.out, HasSubstr("xpired"));
    EXPECT_EQ(host.candidate("hello"), "");
    // a refresh is all that it takes
    catalog_.clock.set(to_rfc3339(SystemClock().now()));
    catalog_.publish("ring-0", {.renew = true});
    serve(host, catalog_.publisher().access("ring-0").folder);
    const auto again = host.update();
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(host.candidate("hello"), "2.0");
}

TEST_F(Replay, an_ageing_snapshot_is_published_again_although_nothing_changed) {
    promote({{"hello", {"1.0"}, "2.0"}});
    const catalog::Published first = catalog_.publish();
    EXPECT_FALSE(catalog_.publish().changed);
    catalog_.clock.advance(catalog::snapshot_validity - catalog::snapshot_renewal);
    const catalog::Published renewed = catalog_.publish();
    EXPECT_TRUE(renewed.changed);
    EXPECT_NE(renewed.snapshot, first.snapshot);
    EXPECT_TRUE(catalog_.publish("ring-0", {.renew = true}).changed);
}

}  // namespace
}  // namespace patchlab::tests
