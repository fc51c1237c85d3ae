// SPDX-License-Identifier: Apache-2.0
//
// What rpm leaves of configuration files: the administrator's with the new version beside it
// (.rpmnew), or the new version with the administrator's moved away (.rpmsave).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using testing::added;
using testing::file;
using testing::find;
using ::testing::HasSubstr;
using testing::removed;
using testing::Scene;

const std::string shipped_before(64, 'a'), shipped_now(64, 'b'), edited(64, 'e');

PatchedPackage web_server() {
    PatchedPackage package = testing::nginx();
    package.old_contents["/etc/nginx/nginx.conf"] = shipped_before;
    package.contents["/etc/nginx/nginx.conf"] = shipped_now;
    return package;
}

std::vector<Change> by_rpm(const Scene& scene, const PatchedPackage& package) {
    auto all = scene.changes();
    attribute(all, {package}, families::family("rpm").attribution_rules(),
              {scene.observation.before, scene.observation.after});
    return all;
}

disk::FileChange from_to(const std::string& before, const std::string& after) {
    return {"/etc/nginx/nginx.conf", disk::FileChangeKind::changed, file(0644, before),
            file(0644, after), ""};
}

TEST(RpmConfiguration, an_untouched_file_is_replaced_and_that_is_explained) {
    const auto all = by_rpm(Scene().disk(from_to(shipped_before, shipped_now)), web_server());
    EXPECT_EQ(find(all, "/etc/nginx/nginx.conf")->attribution.package(), "nginx");
}

TEST(RpmConfiguration, an_edited_file_that_stays_has_the_new_version_beside_it) {
    const auto all = by_rpm(Scene().disk(added("/etc/nginx/nginx.conf.rpmnew")), web_server());
    const Change* change = find(all, "/etc/nginx/nginx.conf.rpmnew");
    EXPECT_EQ(change->attribution.package(), "nginx");
    EXPECT_THAT(change->why, HasSubstr("the new version of a configuration file of nginx"));
}

TEST(RpmConfiguration, an_edited_file_that_was_moved_away_is_named_with_its_new_place) {
    const auto all = by_rpm(
        Scene().disk(from_to(edited, shipped_now)).disk(added("/etc/nginx/nginx.conf.rpmsave")),
        web_server());
    const Change* change = find(all, "/etc/nginx/nginx.conf");
    EXPECT_EQ(change->attribution.package(), "");
    EXPECT_THAT(change->why, HasSubstr("has no effect any more"));
    EXPECT_THAT(change->why, HasSubstr("it is in /etc/nginx/nginx.conf.rpmsave"));
    EXPECT_THAT(find(all, "/etc/nginx/nginx.conf.rpmsave")->why,
                HasSubstr("what an administrator wrote into a configuration file of nginx, moved "
                          "away by rpm"));
}

TEST(RpmConfiguration, an_edited_file_that_is_shipped_no_more_is_not_simply_explained) {
    PatchedPackage package = web_server();
    package.files.erase(package.files.begin() + 2);
    package.contents.clear();
    package.conffiles.clear();
    const auto gone = [&](const std::string& content) {
        return by_rpm(Scene()
                          .disk(removed("/etc/nginx/nginx.conf", file(0644, content)))
                          .disk(added("/etc/nginx/nginx.conf.rpmsave")),
                      package);
    };
    const auto all = gone(edited);
    const Change* change = find(all, "/etc/nginx/nginx.conf");
    EXPECT_EQ(change->attribution.package(), "");
    EXPECT_THAT(change->why, HasSubstr("nginx ships no such file now"));
    EXPECT_EQ(find(all, "/etc/nginx/nginx.conf.rpmsave")->attribution.package(), "nginx");
    EXPECT_EQ(find(gone(shipped_before), "/etc/nginx/nginx.conf")->attribution.package(), "nginx")
        << "nobody had written into it";
}

TEST(RpmConfiguration, what_a_script_wrote_into_it_is_no_doing_of_rpm) {
    const auto all = by_rpm(Scene().disk(from_to(shipped_before, edited)), web_server());
    EXPECT_EQ(find(all, "/etc/nginx/nginx.conf")->attribution.package(), "");
    EXPECT_THAT(find(all, "/etc/nginx/nginx.conf")->why, HasSubstr("a script wrote"));
}

}  // namespace
}  // namespace patchlab::snapshots
