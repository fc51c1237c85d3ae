// SPDX-License-Identifier: Apache-2.0
//
// Fetching with the real apt from repositories made here: nothing of the host's apt is touched,
// nothing of the network is needed.
#include "orchestrator/intake/fetcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/intake/adder.hpp"
#include "platform/core/error.hpp"
#include "tests/pipeline/intake/vendor.hpp"

namespace patchlab::intake {
namespace {

using test::Vendor;
using test::VendorPackage;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string entry(const std::string& source, const std::string& version, const std::string& text,
                  const std::string& urgency = "medium") {
    return source + " (" + version + ") stable; urgency=" + urgency + "\n\n  * " + text +
           "\n\n -- V <v@example.org>  Mon, 01 Sep 2025 10:00:00 +0000\n\n";
}

class FetchTest : public ::testing::Test {
  protected:
    process::SystemCommandRunner runner_;
    Vendor vendor_{runner_};
    store::Database database_{vendor_.state() / "db", migrations()};
    PatchStore store_{vendor_.state(), database_};
    SystemClock clock_;
    std::vector<std::string> notices_;
    FetchRequest request_;

    FetchTest() {
        request_.state = vendor_.state();
        request_.notice = [this](const std::string& text) { notices_.push_back(text); };
    }
    void machine_has(const std::vector<VendorPackage>& packages) {
        request_.images = {{"img", Vendor::status(packages), {}}};
    }
    std::vector<Patch> fetch(const std::vector<std::string>& suites = {"stable", "security"}) {
        request_.sources["deb"] = {vendor_.sources(suites), ""};
        return fetch_patches(request_, store_, runner_, clock_);
    }
    Error failure(const std::vector<std::string>& suites = {"stable", "security"}) {
        try {
            fetch(suites);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "it was accepted";
        return Error(ErrorCode::internal, "accepted");
    }
};

TEST_F(FetchTest, groups_by_source_solves_prerequisites_and_keeps_the_old_versions) {
    const std::string old_log =
        entry("websrc", "1:2.0-1", "CVE-2001-1111 was long ago", "critical");
    const std::string log =
        entry("websrc", "1:2.0-1+deb12u2", "CVE-2026-2222, CVE-2026-11111", "high") +
        entry("websrc", "1:2.0-1+deb12u1", "CVE-2025-3333") + old_log;
    vendor_.publish("stable", {{"web", "1:2.0-1", "Source: websrc\n", old_log},
                               {"web-data", "1:2.0-1", "Source: websrc\n"},
                               {"calm", "1.0~rc1-1"},
                               {"newlib", "1-1"}});
    vendor_.publish("security", {{"web", "1:2.0-1+deb12u2+b1",
                                  "Source: websrc (1:2.0-1+deb12u2)\nDepends: newlib\n", log},
                                 {"web-data", "1:2.0-1+deb12u2", "Source: websrc\n"},
                                 {"web-extra", "1:2.0-1+deb12u2", "Source: websrc\n"}});
    machine_has(
        {{"web", "1:2.0-1"}, {"web-data", "1:2.0-1", "Source: websrc\n"}, {"calm", "1.0-1"}});
    const auto patches = fetch();
    ASSERT_EQ(patches.size(), 1U) << "1.0~rc1-1 is older than 1.0-1, so calm has nothing pending";
    const Patch& patch = patches[0];
    EXPECT_EQ(patch.id, "websrc_2.0-1+deb12u2");
    EXPECT_EQ(patch.version, "1:2.0-1+deb12u2");
    EXPECT_THAT(patch.advisories, ElementsAre("CVE-2025-3333", "CVE-2026-2222", "CVE-2026-11111"));
    EXPECT_EQ(patch.urgency, "high");
    EXPECT_TRUE(patch.verified);
    ASSERT_EQ(patch.packages.size(), 3U);
    for (const PatchPackage& package : patch.packages) {
        EXPECT_EQ(package.prerequisite, package.name == "newlib");
        EXPECT_EQ(package.from.empty(), package.name == "newlib");
        EXPECT_EQ(package.old_file.empty(), package.name == "newlib") << package.name;
        EXPECT_EQ(package.origin, package.name == "newlib" ? "Vendor:stable" : "Vendor:security");
        EXPECT_TRUE(fs::exists(patch.folder / "new" / package.file));
    }
    EXPECT_TRUE(fs::exists(patch.folder / "old" / "web_2.0-1_amd64.deb"));
    EXPECT_TRUE(notices_.empty());

    const auto before = fs::last_write_time(patch.folder / "patch.json");
    EXPECT_EQ(fetch()[0].digest, patch.digest);
    EXPECT_EQ(fs::last_write_time(patch.folder / "patch.json"), before)
        << "the second call fetches nothing again";
}

TEST_F(FetchTest, takes_a_new_kernel_package_that_a_metapackage_pulls_and_says_reboot) {
    vendor_.publish("stable", {{"linux-image-6.1.0-50-cloud-amd64", "6.1.176-1",
                                "Source: linux-signed-amd64 (6.1.176+1)\n"}});
    vendor_.publish(
        "security",
        {{"linux-image-cloud-amd64", "6.1.192-2",
          "Source: linux-signed-amd64 (6.1.192+2)\nDepends: linux-image-6.1.0-56-cloud-amd64\n"},
         {"linux-image-6.1.0-56-cloud-amd64", "6.1.192-2",
          "Source: linux-signed-amd64 (6.1.192+2)\n"}});
    machine_has(
        {{"linux-image-cloud-amd64", "6.1.176-1", "Source: linux-signed-amd64 (6.1.176+1)\n"}});
    const auto patches = fetch();
    ASSERT_EQ(patches.size(), 1U);
    EXPECT_TRUE(patches[0].reboot);
    ASSERT_EQ(patches[0].packages.size(), 2U);
    for (const PatchPackage& package : patches[0].packages)
        EXPECT_FALSE(package.prerequisite) << package.name;
}

TEST_F(FetchTest, tells_what_is_pending_but_cannot_be_installed) {
    vendor_.publish("stable", {{"other", "1-1"}});
    vendor_.publish("security", {{"web", "2-1", "Depends: nowhere (>= 3)\n"},
                                 {"pushy", "2-1", "Conflicts: other\n"},
                                 {"held", "2-1"},
                                 {"fine", "2-1"}});
    machine_has({{"web", "1-1"}, {"pushy", "1-1"}, {"other", "1-1"}, {"fine", "1-1"}});
    request_.images[0].database +=
        "Package: held\nStatus: hold ok installed\nArchitecture: amd64\nMaintainer: V "
        "<v@example.org>\nVersion: 1-1\nDescription: x\n\n";
    const auto patches = fetch();
    ASSERT_EQ(patches.size(), 1U);
    EXPECT_EQ(patches[0].id, "fine_2-1");
    EXPECT_THAT(patches[0].packages[0].old_file, "") << "nobody offers fine 1-1 any more";
    EXPECT_THAT(notices_, Contains(HasSubstr("nowhere")));
    EXPECT_THAT(notices_, Contains(HasSubstr("it would remove other")));
    EXPECT_THAT(notices_, Contains(HasSubstr("held")));
}

TEST_F(FetchTest, takes_old_versions_from_the_pool_of_the_image_when_nobody_offers_them) {
    vendor_.publish("security", {{"web", "1:2-1"}});
    machine_has({{"web", "1:1-1"}});
    const fs::path pool = vendor_.state() / "pool";
    make_folder(pool);
    fs::copy_file(vendor_.build({"web", "1:1-1"}), pool / "web_1%3a1-1_amd64.deb");
    request_.images[0].package_pool = pool;
    const auto patches = fetch({"security"});
    EXPECT_EQ(patches.at(0).packages.at(0).old_file, "web_1-1_amd64.deb");
}

TEST_F(FetchTest, looks_only_at_what_is_asked_for_and_downloads_nothing_for_a_list) {
    vendor_.publish("security", {{"web", "2-1"}, {"db", "2-1", "Source: dbsrc\n"}});
    machine_has({{"web", "1-1"}, {"db", "1-1"}});
    request_.list_only = true;
    EXPECT_EQ(fetch({"security"}).size(), 2U);
    EXPECT_TRUE(store_.list().empty());
    request_.list_only = false;
    request_.only = {"dbsrc"};
    EXPECT_EQ(fetch({"security"}).at(0).id, "dbsrc_2-1");
    EXPECT_EQ(store_.list().size(), 1U);
    request_.only = {"web", "nothing"};
    EXPECT_EQ(failure({"security"}).code(), ErrorCode::not_found);
}

TEST_F(FetchTest, leaves_backports_alone) {
    vendor_.publish("security", {{"web", "2-1"}});
    vendor_.publish("backports", {{"web", "9-1"}},
                    "NotAutomatic: yes\nButAutomaticUpgrades: yes\n");
    machine_has({{"web", "1-1"}});
    EXPECT_EQ(fetch({"security", "backports"}).at(0).id, "web_2-1");
}

TEST_F(FetchTest, refuses_repositories_that_cannot_be_trusted) {
    vendor_.publish("security", {{"web", "2-1"}});
    machine_has({{"web", "1-1"}});
    vendor_.unsign("security");
    EXPECT_EQ(failure({"security"}).code(), ErrorCode::refused);

    vendor_.sign("security");
    const fs::path index = vendor_.suite_folder("security") / "main/binary-amd64/Packages";
    const std::string good = read_file(index);
    std::string forged = good;
    forged.replace(forged.find("2-1"), 3, "3-1");
    write_file_atomic(index, forged);
    EXPECT_EQ(failure({"security"}).code(), ErrorCode::refused)
        << "the index is not what Release says";
    write_file_atomic(index, good);

    request_.sources["deb"].sources = vendor_.sources({"security"}) + "Trusted: yes\n";
    EXPECT_THROW(fetch_patches(request_, store_, runner_, clock_), Error);

    vendor_.publish("old", {{"web", "2-1"}}, "Valid-Until: Mon, 01 Jan 2024 00:00:00 UTC\n");
    const Error expired = failure({"old"});
    EXPECT_EQ(expired.code(), ErrorCode::refused);
    EXPECT_THAT(expired.what(), HasSubstr("expired"));
    EXPECT_FALSE(expired.advice().empty());
    EXPECT_TRUE(store_.list().empty());
}

TEST_F(FetchTest, refuses_a_package_that_is_not_what_the_signed_index_says) {
    vendor_.publish("security", {{"web", "2-1"}});
    machine_has({{"web", "1-1"}});
    const fs::path deb = vendor_.pool("security") / "web_2-1_amd64.deb";
    std::string bytes = read_file(deb);
    bytes[bytes.size() - 20] = static_cast<char>(bytes[bytes.size() - 20] ^ 1);
    write_file_atomic(deb, bytes);
    EXPECT_EQ(failure({"security"}).code(), ErrorCode::refused);
    EXPECT_TRUE(store_.list().empty());
    EXPECT_TRUE(fs::is_empty(vendor_.state() / "tmp"));
}

TEST_F(FetchTest, adds_local_files_signed_by_a_known_key_and_no_others) {
    const fs::path deb = vendor_.build({"web", "2-1"});
    AddRequest add{vendor_.state(), {deb}, {"amd64"}, true, vendor_.keyring()};
    EXPECT_THROW(add_files(add, store_, runner_, clock_), Error);
    vendor_.sign_file(deb);
    const fs::path good = deb.parent_path() / "keep.deb";
    fs::copy_file(deb, good);
    std::string bytes = read_file(deb);
    bytes[bytes.size() - 20] = static_cast<char>(bytes[bytes.size() - 20] ^ 1);
    write_file_atomic(deb, bytes);
    EXPECT_THROW(add_files(add, store_, runner_, clock_), Error) << "one bit was turned";
    AddRequest unsigned_one{vendor_.state(), {deb}, {"amd64"}, false, {}};
    EXPECT_THROW(add_files(unsigned_one, store_, runner_, clock_), Error)
        << "damaged inside a gzip stream whose tar still reads";
    fs::rename(good, deb);
    EXPECT_TRUE(add_files(add, store_, runner_, clock_).at(0).verified);
}

}  // namespace
}  // namespace patchlab::intake
