// SPDX-License-Identifier: Apache-2.0
//
// Local rpm packages as candidate patches, with the tools that vendors build and sign them with.
#include "tests/pipeline/rpm/rpm_store.hpp"

#include "platform/core/digest.hpp"

namespace patchlab::intake {
namespace {

using test::RpmRecipe;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const families::PackageFamily& rpm() { return families::family("rpm"); }

class RpmAddTest : public test::RpmStoreTest {
  protected:
    AddRequest request_{state_, {}, {}, false, {}};

    std::vector<Patch> add(const std::vector<fs::path>& files) {
        request_.files = files;
        return add_files(request_, store_, runner_, clock_);
    }
    void make_key(const std::string& name) { request_.keyring = builder_.make_key(name); }
};

TEST_F(RpmAddTest, groups_packages_by_their_source_and_says_what_they_say_of_themselves) {
    const std::string changes =
        "* Mon Nov 02 2026 M <m@example.org> - 2:1.0-1.el9\n- Fix CVE-2026-0001\n\n"
        "* Mon Oct 05 2026 M <m@example.org> - 2:0.9-1.el9\n- Fix CVE-2025-0001";
    RpmRecipe main{.name = "acme", .epoch = 2, .changelog = changes};
    RpmRecipe libs{.name = "acme-libs", .epoch = 2, .source = "acme"};
    const auto patches = add({builder_.build(main), builder_.build(libs)});
    ASSERT_EQ(patches.size(), 1U);
    const Patch& patch = patches[0];
    EXPECT_EQ(patch.id, "acme_1.0-1.el9");
    EXPECT_EQ(patch.kind, "rpm");
    EXPECT_EQ(patch.version, "2:1.0-1.el9");
    EXPECT_EQ(patch.packages.size(), 2U);
    EXPECT_THAT(patch.advisories, ElementsAre("CVE-2026-0001"));
    EXPECT_THAT(patch.restarts, ::testing::Contains("acme.service"));
    EXPECT_FALSE(patch.reboot);
    EXPECT_EQ(store_.list().size(), 1U);
}

TEST_F(RpmAddTest, knows_a_kernel_and_a_script_that_ask_for_a_reboot) {
    EXPECT_TRUE(add({builder_.build({.name = "kernel-core"})}).at(0).reboot);
    EXPECT_THAT(
        add({builder_.build({.name = "agent", .scripts = "%post\ntouch /run/reboot-required\n"})})
            .at(0)
            .reboot_why,
        HasSubstr("scripts ask for a reboot"));
}

TEST_F(RpmAddTest, refuses_damaged_packages_in_whatever_way_they_are_packed) {
    for (const char* compression : {"w1.gzdio", "w1.xzdio", "w1.zstdio", "w1.bzdio", "w.ufdio"}) {
        const fs::path file = builder_.build({.compression = compression});
        EXPECT_NO_THROW(rpm().read_facts(file)) << compression;
        EXPECT_NO_THROW(rpm().require_undamaged(file, runner_)) << compression;
        std::string bytes = read_file(file);
        bytes[bytes.size() - 30] = static_cast<char>(bytes[bytes.size() - 30] ^ 1);
        write_file_atomic(file, bytes);
        EXPECT_THAT(failure([&] { add({file}); }, ErrorCode::invalid), HasSubstr("damaged"));
        EXPECT_THROW(rpm().require_undamaged(file, runner_), Error) << compression;
        fs::resize_file(file, bytes.size() - 60);
        failure([&] { add({file}); }, ErrorCode::invalid);
    }
    EXPECT_TRUE(store_.list().empty());
}

TEST_F(RpmAddTest, takes_packages_signed_by_a_given_key_and_no_others) {
    make_key("vendor");
    request_.require_signature = true;
    const fs::path file = builder_.build({});
    EXPECT_THAT(failure([&] { add({file}); }, ErrorCode::refused), HasSubstr("is not signed"));
    builder_.sign(file, "vendor");
    const auto patches = add({file});
    ASSERT_EQ(patches.size(), 1U);
    EXPECT_TRUE(patches[0].verified);
    make_key("stranger");
    EXPECT_THAT(failure([&] { add({file}); }, ErrorCode::refused), HasSubstr("no good signature"));
    request_.keyring.reset();
    EXPECT_THAT(failure([&] { add({file}); }, ErrorCode::refused), HasSubstr("is not signed"));
}

TEST_F(RpmAddTest, a_signature_does_not_cover_a_payload_that_was_exchanged) {
    make_key("vendor");
    const fs::path file = builder_.build({});
    builder_.sign(file, "vendor");
    std::string bytes = read_file(file);
    bytes[bytes.size() - 30] = static_cast<char>(bytes[bytes.size() - 30] ^ 1);
    write_file_atomic(file, bytes);
    EXPECT_THROW(rpm().signed_by(file, *request_.keyring, runner_), Error);
}

TEST_F(RpmAddTest, refuses_packages_for_another_architecture) {
    request_.architectures = {"x86_64"};
    EXPECT_THAT(
        failure([&] { add({builder_.build({.architecture = "aarch64"})}); }, ErrorCode::invalid),
        HasSubstr("is for aarch64"));
    EXPECT_NO_THROW(add({builder_.build({.architecture = "noarch"})}));
}

TEST_F(RpmAddTest, keeps_the_old_version_that_an_image_was_built_from) {
    const fs::path old_file = builder_.build({});
    const fs::path pool = folder_.path() / "pool";
    make_folder(pool);
    fs::copy_file(old_file, pool / old_file.filename());
    HoldingImage image{{{"acme", "1.0-1.el9"}}, pool, "x86_64"};
    request_.images = {image};
    const auto patches = add({builder_.build({.version = "1.1"})});
    ASSERT_EQ(patches.at(0).packages.size(), 1U);
    EXPECT_EQ(patches[0].packages[0].from, "1.0-1.el9");
    EXPECT_EQ(patches[0].packages[0].old_file, "acme-1.0-1.el9.x86_64.rpm");
}

TEST_F(RpmAddTest, reads_of_a_package_what_rpm_unpacks) {
    const fs::path file =
        builder_.build({.prepare = "ln %{buildroot}/usr/bin/acme %{buildroot}/usr/bin/hard\n"
                                   "ln -s acme %{buildroot}/usr/bin/soft\n",
                        .files = "/usr/bin/hard\n/usr/bin/soft\n%ghost /var/log/acme.log\n"
                                 "%attr(4711,root,root) /usr/share/acme/version\n"});
    std::map<std::string, families::PackagedFile> files;
    for (const auto& one : rpm().read_facts(file, families::Contents::digested).files)
        files[one.path] = one;
    EXPECT_EQ(files.at("/usr/bin/acme").type, "file");
    EXPECT_EQ(files.at("/usr/bin/hard").type, "hardlink");
    EXPECT_EQ(files.at("/usr/bin/hard").target, "/usr/bin/acme");
    EXPECT_EQ(files.at("/usr/bin/hard").sha256, files.at("/usr/bin/acme").sha256);
    EXPECT_EQ(files.at("/usr/bin/soft").target, "acme");
    EXPECT_EQ(files.at("/usr/share/acme/version").mode, 04711U);
    EXPECT_EQ(files.at("/usr/share/acme/version").sha256, sha256_hex("1.0-1.el9\n"));
    EXPECT_FALSE(files.contains("/var/log/acme.log"));
}

TEST_F(RpmAddTest, lists_what_a_system_has_installed_without_running_anything_of_it) {
    const fs::path root = builder_.system(
        "root",
        {builder_.build({.epoch = 1}), builder_.build({.name = "docs", .architecture = "noarch"})});
    const std::string database = database_of(root);
    const auto packages = rpm().installed({"web", database});
    ASSERT_EQ(packages.size(), 2U);
    EXPECT_EQ(packages[0].name, "acme");
    EXPECT_EQ(packages[0].version, "1:1.0-1.el9");
    EXPECT_EQ(packages[0].source_version, "1:1.0-1.el9");
    EXPECT_EQ(packages[1].architecture, "noarch");
    EXPECT_EQ(rpm().architecture_of({"web", database}), "x86_64");
    EXPECT_EQ(database_of(folder_.path()), "") << "no rpm system";
    write_file_atomic(root / "var/lib/rpm/rpmdb.sqlite", "SQLite format 3, or so it says");
    EXPECT_THAT(failure([&] { database_of(root); }, ErrorCode::invalid), HasSubstr("damaged"));
}

}  // namespace
}  // namespace patchlab::intake
