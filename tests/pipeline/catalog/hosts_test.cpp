// SPDX-License-Identifier: Apache-2.0
//
// What hosts with stock apt or dnf and only the public key get from a channel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "platform/core/error.hpp"
#include "tests/support/apt_host.hpp"
#include "tests/support/catalog.hpp"
#include "tests/support/file_server.hpp"

namespace patchlab::tests {
namespace {

using catalog::EntryState;
using testing::HasSubstr;
using testing::IsEmpty;

class Hosts : public testing::Test {
  protected:
    std::string url(const std::string& channel = "ring-0") {
        return "file://" + catalog_.publisher().access(channel).folder.string();
    }
    fs::path key() { return catalog_.publisher().access("ring-0").public_key; }
    void withdraw(const std::string& entry) {
        catalog_.entries().set_state(entry, EntryState::withdrawn, "it broke",
                                     catalog_.clock.now());
    }

    ApprovedCatalog catalog_;
};

TEST_F(Hosts, install_from_the_channel_with_nothing_but_the_public_key) {
    catalog_.promote(catalog_.make({{"hello", {"1.0"}, "2.0"}, {"hello-data", {}, "2.0", "all"}}));
    const catalog::Published published = catalog_.publish();
    EXPECT_EQ(published.packages, 3U);
    AptHost host("ring-0", url(), key());
    const auto updated = host.update();
    ASSERT_EQ(updated.exit_code, 0) << updated.err;
    EXPECT_EQ(updated.err, "");  // not even a warning
    const auto installed = host.install({"hello", "hello-data"});
    ASSERT_EQ(installed.exit_code, 0) << installed.out << installed.err;
    EXPECT_EQ(host.installed("hello"), "2.0");
    EXPECT_EQ(host.installed("hello-data"), "2.0");
    EXPECT_THAT(catalog_.publisher().verify("ring-0"), IsEmpty());
}

TEST_F(Hosts, see_only_what_was_promoted_into_their_channel) {
    catalog_.promote(catalog_.make({{"hello", {"1.0"}, "2.0"}}), "ring-0");
    catalog_.promote(catalog_.make({{"other", {"1.0"}, "2.0"}}), "ring-1");
    catalog_.publish("ring-0");
    catalog_.publish("ring-1");
    AptHost host("ring-0", url("ring-0"), key());
    ASSERT_EQ(host.update().exit_code, 0);
    EXPECT_EQ(host.candidate("hello"), "2.0");
    EXPECT_EQ(host.candidate("other"), "");
    EXPECT_NE(AptHost("ring-1", url("ring-0"), key()).update().exit_code, 0)
        << "a channel may not be passed off as another";
}

TEST_F(Hosts, that_have_a_withdrawn_version_go_back_to_the_exact_old_one) {
    const std::string entry = catalog_.make({{"hello", {"1.0"}, "2.0"}});
    catalog_.promote(entry);
    catalog_.publish();
    AptHost follows("ring-0", url(), key()), unpinned("ring-0", url(), key(), false);
    for (AptHost* host : {&follows, &unpinned}) {
        ASSERT_EQ(host->update().exit_code, 0);
        ASSERT_EQ(host->install({"hello"}).exit_code, 0);
        ASSERT_EQ(host->installed("hello"), "2.0");
    }
    withdraw(entry);
    catalog_.publish();
    for (AptHost* host : {&follows, &unpinned}) ASSERT_EQ(host->update().exit_code, 0);
    // the preferences file lets the channel decide, downwards as well
    EXPECT_EQ(follows.candidate("hello"), "1.0");
    const auto upgraded = follows.upgrade();
    EXPECT_EQ(upgraded.exit_code, 0) << upgraded.out << upgraded.err;
    EXPECT_EQ(follows.installed("hello"), "1.0");
    // without it nothing happens by itself, but the exact version is there to be asked for
    EXPECT_EQ(unpinned.upgrade().exit_code, 0);
    EXPECT_EQ(unpinned.installed("hello"), "2.0");
    EXPECT_EQ(unpinned.install({"--allow-downgrades", "hello=1.0"}).exit_code, 0);
    EXPECT_EQ(unpinned.installed("hello"), "1.0");
    // and nobody gets the withdrawn one any more
    EXPECT_NE(follows.install({"hello=2.0"}).exit_code, 0);
}

TEST_F(Hosts, return_to_the_older_entry_when_the_newer_is_withdrawn) {
    catalog_.promote(catalog_.make({{"hello", {"1.0"}, "2.0"}}));
    const std::string newer = catalog_.make({{"hello", {"1.0"}, "3.0"}});
    catalog_.promote(newer);
    catalog_.publish();
    AptHost host("ring-0", url(), key());
    ASSERT_EQ(host.update().exit_code, 0);
    ASSERT_EQ(host.install({"hello"}).exit_code, 0);
    EXPECT_EQ(host.installed("hello"), "3.0");
    withdraw(newer);
    catalog_.publish();
    ASSERT_EQ(host.update().exit_code, 0);
    ASSERT_EQ(host.upgrade().exit_code, 0);
    EXPECT_EQ(host.installed("hello"), "2.0");
}

TEST_F(Hosts, find_old_and_new_version_when_only_the_epoch_tells_them_apart) {
    catalog_.promote(catalog_.make({{"hello", {"2.0"}, "1:2.0"}}));
    catalog_.publish();
    AptHost host("ring-0", url(), key());
    ASSERT_EQ(host.update().exit_code, 0);
    ASSERT_EQ(host.install({"hello"}).exit_code, 0);
    EXPECT_EQ(host.installed("hello"), "1:2.0");
    EXPECT_EQ(host.install({"--allow-downgrades", "hello=2.0"}).exit_code, 0);
    EXPECT_EQ(host.installed("hello"), "2.0");
}

TEST_F(Hosts, may_follow_a_channel_before_anything_is_in_it) {
    EXPECT_THROW(catalog_.publisher().publish("ring-0"), Error);  // perhaps a slip of the pen
    const catalog::Published published =
        catalog_.publisher().publish("ring-0", {.may_be_empty = true});
    EXPECT_EQ(published.packages, 0U);
    AptHost host("ring-0", url(), key());
    const auto updated = host.update();
    EXPECT_EQ(updated.exit_code, 0) << updated.err;
}

TEST_F(Hosts, can_stay_at_a_dated_snapshot) {
    catalog_.promote(catalog_.make({{"hello", {"1.0"}, "2.0"}}));
    const catalog::Published first = catalog_.publish();
    catalog_.promote(catalog_.make({{"hello", {"2.0"}, "3.0"}}));
    catalog_.publish();
    AptHost host(
        "ring-0",
        "file://" +
            (catalog_.publisher().access("ring-0").folder.parent_path() / first.snapshot).string(),
        key());
    ASSERT_EQ(host.update().exit_code, 0);
    EXPECT_EQ(host.candidate("hello"), "2.0");
}

TEST_F(Hosts, that_read_the_index_while_the_channel_is_switched_read_it_to_its_end) {
    catalog_.promote(catalog_.make({{"hello", {"1.0"}, "2.0"}}));
    const catalog::Published first = catalog_.publish();
    catalog_.promote(catalog_.make({{"hello", {"2.0"}, "3.0"}}));
    const catalog::Published second = catalog_.publish();
    const fs::path link = catalog_.publisher().access("ring-0").folder;
    const auto point_to = [&](const std::string& id) {
        fs::create_directory_symlink(id, link.parent_path() / ".test");
        fs::rename(link.parent_path() / ".test", link);
    };
    point_to(first.snapshot);
    int indexes = 0;
    const FileServer server(link.parent_path().parent_path(), [&](const std::string& path) {
        if (path.find("/by-hash/") != std::string::npos && ++indexes == 1)
            point_to(second.snapshot);
    });
    AptHost host("ring-0", server.url() + "/ring-0/current", key());
    const auto updated = host.update();
    EXPECT_EQ(updated.exit_code, 0) << updated.out << updated.err;
    EXPECT_GE(indexes, 1);
    EXPECT_EQ(host.candidate("hello"), "2.0");  // what it began to read
    EXPECT_EQ(host.install({"hello"}).exit_code, 0)
        << "a package that is still approved is there for those who read of it before";
    ASSERT_EQ(host.update().exit_code, 0);
    EXPECT_EQ(host.candidate("hello"), "3.0");
}

TEST_F(Hosts, that_read_of_a_package_before_it_was_withdrawn_do_not_get_it_any_more) {
    const std::string entry = catalog_.make({{"hello", {"1.0"}, "2.0"}});
    catalog_.promote(entry);
    catalog_.publish();
    AptHost host("ring-0", url(), key());
    ASSERT_EQ(host.update().exit_code, 0);
    withdraw(entry);
    catalog_.publish();
    EXPECT_NE(host.install({"hello"}).exit_code, 0);
    EXPECT_EQ(host.installed("hello"), "");
}

TEST_F(Hosts, refuse_a_repository_that_was_tampered_with) {
    catalog_.promote(catalog_.make({{"hello", {"1.0"}, "2.0"}}));
    catalog_.publish();
    const fs::path folder = catalog_.publisher().access("ring-0").folder;
    const fs::path dist = folder / "dists/ring-0";
    const auto tampered_copy = [&](const fs::path& file,
                                   const std::function<void(std::string&)>& change) {
        auto copy = std::make_unique<TempFolder>(fs::temp_directory_path(), "tampered");
        ::chmod(copy->path().c_str(), 0755);
        fs::copy(folder / ".", copy->path(), fs::copy_options::recursive);
        for (const auto& item :
             fs::recursive_directory_iterator(copy->path()))  // every name of the same bytes
            if (item.is_regular_file() && read_file(item.path()) == read_file(folder / file))
                tamper(item.path(), change);
        return copy;
    };
    const auto append = [](std::string& text) {
        text +=
            "\nPackage: evil\nVersion: 1\nArchitecture: amd64\nFilename: pool/evil.deb\nSize: "
            "1\nSHA256: " +
            std::string(64, '0') + "\n";
    };
    for (const char* file :
         {"dists/ring-0/InRelease", "dists/ring-0/main/binary-amd64/Packages.gz"}) {
        const auto copy = tampered_copy(file, flip_a_bit);
        AptHost host("ring-0", "file://" + copy->path().string(), key());
        if (std::string(file).ends_with(".gz")) {
            for (const auto& item : fs::recursive_directory_iterator(copy->path()))
                if (item.is_regular_file() &&
                    read_file(item.path()) == read_file(dist / "main/binary-amd64/Packages"))
                    tamper(item.path(), append);
        }
        EXPECT_NE(host.update().exit_code, 0) << file;
        EXPECT_EQ(host.candidate("evil"), "") << file;
    }
    const auto copy = tampered_copy("pool/main/h/hello/hello_2.0_amd64.deb", flip_a_bit);
    AptHost host("ring-0", "file://" + copy->path().string(), key());
    ASSERT_EQ(host.update().exit_code, 0);
    EXPECT_NE(host.install({"hello"}).exit_code, 0);
    EXPECT_EQ(host.installed("hello"), "");
}

TEST_F(Hosts, refuse_a_repository_that_somebody_else_signed) {
    catalog_.promote(catalog_.make({{"hello", {"1.0"}, "2.0"}}));
    catalog_.publish();
    ApprovedCatalog stranger;
    stranger.promote(stranger.make({{"hello", {"1.0"}, "9.0"}}));
    stranger.publisher().publish("ring-0");
    AptHost host("ring-0", "file://" + stranger.publisher().access("ring-0").folder.string(),
                 key());
    EXPECT_NE(host.update().exit_code, 0);
    EXPECT_EQ(host.candidate("hello"), "");
}

}  // namespace
}  // namespace patchlab::tests
