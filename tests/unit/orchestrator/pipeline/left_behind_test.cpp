// SPDX-License-Identifier: Apache-2.0
//
// What counts as left behind by a backout, and what stays on purpose.
#include "orchestrator/pipeline/verdict/left_behind.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/package_family.hpp"

namespace patchlab::pipeline {
namespace {

using snapshots::Attribution;
using snapshots::Change;
using snapshots::ChangeClass;
using snapshots::ChangeKind;
using snapshots::FileState;
using snapshots::FileType;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Change file(const std::string& path, ChangeKind kind, const std::string& by,
            FileType type = FileType::file) {
    Change change;
    change.machine = "web";
    change.subject = path;
    change.about = snapshots::DiskFile{};
    change.kind = kind;
    if (kind != ChangeKind::added) change.before = FileState{type, 0644};
    if (kind != ChangeKind::removed) change.after = FileState{type, 0644};
    if (!by.empty()) change.attribution = Attribution::by(by);
    return change;
}

Change passing(Change change) {
    change.lasting = false;
    return change;
}

Change fact(ChangeClass cls, const std::string& subject, ChangeKind kind, snapshots::State after,
            const std::string& by) {
    Change change;
    change.machine = "web";
    change.cls = cls;
    change.subject = subject;
    change.about = snapshots::PlainSubject{};
    change.kind = kind;
    change.after = std::move(after);
    change.attribution = Attribution::by(by);
    return change;
}

class LeftBehind : public testing::Test {
  protected:
    LeftBehind() {
        snapshots::PatchedPackage nginx;
        nginx.name = "nginx-common";
        nginx.from = "1";
        nginx.to = "2";
        nginx.conffiles = {"/etc/nginx/extra.conf", "/etc/nginx/conf.d/rate.conf"};
        snapshots::PatchedPackage agent;
        agent.name = "acme-agent";
        agent.to = "2";
        agent.conffiles = {"/etc/acme-agent/agent.conf", "/etc/cron.d/acme-agent"};
        packages_ = {nginx, agent};
    }
    std::vector<std::string> left(const std::vector<Change>& changes) {
        std::vector<std::string> subjects;
        for (const Change& change : left_behind(changes, packages_, {"acme-agent"},
                                                families::family("deb").attribution_rules()))
            subjects.push_back(change.subject);
        return subjects;
    }

    std::vector<snapshots::PatchedPackage> packages_;
};

TEST_F(LeftBehind, is_no_folder_that_a_package_which_is_gone_did_not_own) {
    const Change folder =
        file("/usr/share/acme-agent", ChangeKind::added, "acme-agent", FileType::directory);
    EXPECT_THAT(left({folder}), IsEmpty());
    EXPECT_THAT(left({folder, file("/usr/share/acme-agent/x", ChangeKind::added, "acme-agent")}),
                ElementsAre("/usr/share/acme-agent/x"));
    Change open = folder;
    open.sensitive = true;
    EXPECT_THAT(left({open}), ElementsAre("/usr/share/acme-agent"));
    EXPECT_THAT(
        left({file("/usr/share/nginx/x", ChangeKind::added, "nginx-common", FileType::directory)}),
        ElementsAre("/usr/share/nginx/x"))
        << "that package is still there";
    EXPECT_THAT(left({file("/usr/share/other", ChangeKind::added, "", FileType::directory)}),
                ElementsAre("/usr/share/other"));
}

TEST_F(LeftBehind, is_whatever_differs_though_a_package_of_the_patch_explains_it) {
    EXPECT_THAT(
        left({file("/usr/share/nginx/html", ChangeKind::changed, "nginx-common", FileType::symlink),
              file("/usr/share/nginx/www", ChangeKind::added, "nginx-common", FileType::directory),
              file("/usr/share/nginx/old.js", ChangeKind::removed, "nginx-common"),
              file("/srv/ledger", ChangeKind::changed, "")}),
        ElementsAre("/usr/share/nginx/html", "/usr/share/nginx/www", "/usr/share/nginx/old.js",
                    "/srv/ledger"));
}

TEST_F(LeftBehind, is_nothing_that_is_written_anew_or_only_grows_nor_what_changes_by_itself) {
    Change noise = file("/var/lib/misc/counter", ChangeKind::changed, "");
    noise.attribution = Attribution::noise();
    EXPECT_THAT(
        left({passing(file("/var/lib/dpkg/status", ChangeKind::changed, "nginx-common")),
              passing(file("/etc/ld.so.cache", ChangeKind::changed, "nginx-common")), noise}),
        IsEmpty());
}

TEST_F(LeftBehind, is_no_configuration_state_or_account_of_a_package_that_was_taken_away) {
    EXPECT_THAT(left({file("/etc/acme-agent", ChangeKind::added, "acme-agent", FileType::directory),
                      file("/etc/acme-agent/agent.conf", ChangeKind::added, "acme-agent"),
                      file("/etc/acme-agent/limits.conf", ChangeKind::added, "acme-agent"),
                      file("/var/lib/acme-agent/key", ChangeKind::added, "acme-agent"),
                      fact(ChangeClass::user, "acme", ChangeKind::added,
                           snapshots::PlainState{"998"}, "acme-agent"),
                      fact(ChangeClass::process, "nginx", ChangeKind::changed,
                           snapshots::ProcessCount{3}, "nginx-common")}),
                IsEmpty());
    EXPECT_THAT(left({file("/usr/lib/acme-agent/left", ChangeKind::added, "acme-agent")}),
                ElementsAre("/usr/lib/acme-agent/left"));
}

TEST_F(LeftBehind, is_a_configuration_file_of_an_update_where_other_files_are_read_by_their_place) {
    EXPECT_THAT(left({file("/etc/nginx/extra.conf", ChangeKind::added, "nginx-common"),
                      file("/etc/nginx/conf.d/rate.conf", ChangeKind::added, "nginx-common")}),
                ElementsAre("/etc/nginx/conf.d/rate.conf"))
        << "dpkg keeps both, and nginx still reads the second";
}

TEST_F(LeftBehind, is_a_version_that_did_not_come_back) {
    const auto installed = [](snapshots::PackageStatus status) {
        return fact(ChangeClass::package, "acme-agent", ChangeKind::added,
                    snapshots::PackageState{"2", status}, "acme-agent");
    };
    EXPECT_THAT(left({installed(snapshots::PackageStatus::config_files)}), IsEmpty());
    EXPECT_THAT(left({installed(snapshots::PackageStatus::installed)}), ElementsAre("acme-agent"));
}

}  // namespace
}  // namespace patchlab::pipeline
