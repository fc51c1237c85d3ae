// SPDX-License-Identifier: Apache-2.0
//
// Fetching from rpm repositories made here: solved for a system whose database rpm wrote; nothing
// of the network is needed, and dnf is not.
#include "platform/core/digest.hpp"
#include "tests/pipeline/rpm/rpm_store.hpp"

namespace patchlab::intake {
namespace {

using test::RpmRecipe;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string advisory(const std::string& id, const std::string& status, const std::string& version,
                     const std::string& more = {}) {
    return "<update from=\"v\" status=\"" + status + "\" type=\"security\"><id>" + id +
           "</id><severity>Important</severity>" + more +
           "<references><reference id=\"CVE-2026-1007\" type=\"cve\"/></references><pkglist>"
           "<collection><package name=\"acme\" version=\"" +
           version +
           "\" release=\"1.el9\" epoch=\"0\" arch=\"x86_64\"/></collection></pkglist>"
           "</update>";
}

class RpmFetchTest : public test::RpmStoreTest {
  protected:
    FetchRequest request_;
    std::vector<std::string> notices_;
    std::string checks_ = "gpgcheck=0\n";

    RpmFetchTest() {
        request_.state = state_;
        request_.notice = [this](const std::string& text) { notices_.push_back(text); };
    }
    void machine_has(const std::vector<fs::path>& files) {
        request_.images = {{"img", database_of(builder_.system("root", files)), {}, "rpm"}};
    }
    std::vector<Patch> fetch(const fs::path& repository) {
        request_.sources["rpm"] = {"[updates]\nname=Updates\nbaseurl=file://" +
                                       repository.string() + "\nenabled=1\n" + checks_,
                                   ""};
        return fetch_patches(request_, store_, runner_, clock_);
    }
};

TEST_F(RpmFetchTest, takes_what_is_newer_with_its_advisory_and_its_prerequisites) {
    const fs::path old_acme = builder_.build({});
    machine_has({old_acme, builder_.build({.name = "other"})});
    const fs::path new_acme = builder_.build({.version = "1.1", .requirements = {"library >= 2"}});
    const fs::path library = builder_.build({.name = "library", .version = "2.0"});
    const fs::path repository = builder_.repository(
        "updates", {old_acme, new_acme, library, builder_.build({.name = "unrelated"})},
        "<updates>" + advisory("A-1", "final", "1.1", "<reboot_suggested>True</reboot_suggested>") +
            "</updates>");
    const auto patches = fetch(repository);
    ASSERT_EQ(patches.size(), 1U) << notices_.size();
    const Patch& patch = patches[0];
    EXPECT_EQ(patch.id, "acme_1.1-1.el9");
    EXPECT_EQ(patch.urgency, "high");
    EXPECT_THAT(patch.advisories, ElementsAre("CVE-2026-1007"));
    EXPECT_THAT(patch.reboot_why, HasSubstr("A-1"));
    EXPECT_FALSE(patch.verified) << "nothing of this repository is signed";
    ASSERT_EQ(patch.packages.size(), 2U);
    const bool first = patch.packages[0].name == "acme";
    const PatchPackage& acme = patch.packages[first ? 0 : 1];
    const PatchPackage& needed = patch.packages[first ? 1 : 0];
    EXPECT_EQ(acme.from, "1.0-1.el9");
    EXPECT_EQ(acme.old_file, "acme-1.0-1.el9.x86_64.rpm");
    EXPECT_EQ(needed.name, "library");
    EXPECT_TRUE(needed.prerequisite);
    EXPECT_EQ(needed.from, "");
    EXPECT_TRUE(fs::exists(patch.folder / "new" / acme.file));
}

TEST_F(RpmFetchTest, leaves_out_what_the_vendor_retracted_and_takes_the_version_before) {
    machine_has({builder_.build({})});
    const fs::path repository = builder_.repository(
        "updates", {builder_.build({.version = "1.1"}), builder_.build({.version = "1.2"})},
        "<updates>" + advisory("A-1", "final", "1.1") + advisory("A-2", "retracted", "1.2") +
            "</updates>");
    const auto patches = fetch(repository);
    ASSERT_EQ(patches.size(), 1U);
    EXPECT_EQ(patches[0].id, "acme_1.1-1.el9");
    EXPECT_THAT(notices_, Contains(HasSubstr("A-2 was retracted")));
    const auto vendor =
        families::family("rpm").open_vendor({state_, request_.sources["rpm"], "x86_64"}, runner_);
    vendor->update();
    EXPECT_THAT(vendor->taken_back({"acme", "1.2-1.el9", "x86_64", "updates"}).value_or(""),
                HasSubstr("A-2"));
    EXPECT_FALSE(vendor->taken_back({"acme", "1.1-1.el9", "x86_64", "updates"}));
    EXPECT_FALSE(vendor->taken_back({"acme", "1.0-1.el9", "x86_64", "updates"})) << "superseded";
    EXPECT_TRUE(vendor->taken_back({"acme", "3-1", "x86_64", "updates"}));
}

TEST_F(RpmFetchTest, installs_a_new_kernel_beside_the_old_one) {
    const std::vector<std::string> several{"installonlypkg(kernel)"};
    machine_has({builder_.build({.name = "kernel-core", .version = "5.1", .provided = several})});
    const auto patches = fetch(builder_.repository(
        "updates",
        {builder_.build({.name = "kernel-core", .version = "5.2", .provided = several})}));
    ASSERT_EQ(patches.size(), 1U);
    EXPECT_TRUE(patches[0].reboot);
    EXPECT_EQ(patches[0].packages.at(0).from, "5.1-1.el9");
}

TEST_F(RpmFetchTest, tells_what_is_pending_but_cannot_be_installed) {
    machine_has(
        {builder_.build({}), builder_.build({.name = "user", .requirements = {"acme = 1.0"}})});
    EXPECT_TRUE(
        fetch(builder_.repository("updates", {builder_.build({.version = "1.1"})})).empty());
    EXPECT_THAT(notices_,
                Contains(HasSubstr("acme 1.1-1.el9 is pending, but cannot be installed")));
}

TEST_F(RpmFetchTest, downloads_nothing_for_a_list_and_knows_names) {
    machine_has({builder_.build({})});
    const fs::path repository =
        builder_.repository("updates", {builder_.build({.version = "1.1"})});
    request_.list_only = true;
    EXPECT_EQ(fetch(repository).at(0).packages.at(0).to, "1.1-1.el9");
    EXPECT_TRUE(store_.list().empty());
    request_.only = {"nobody"};
    EXPECT_THAT(failure([&] { fetch(repository); }, ErrorCode::not_found), HasSubstr("nobody"));
}

TEST_F(RpmFetchTest, refuses_packages_and_indexes_without_the_signature_that_is_asked_for) {
    const fs::path key = builder_.make_key("vendor"), other = builder_.make_key("other");
    machine_has({builder_.build({})});
    const fs::path file = builder_.build({.version = "1.1"});
    checks_ = "gpgcheck=1\n";
    EXPECT_THAT(failure([&] { fetch(builder_.repository("a", {file})); }, ErrorCode::refused),
                HasSubstr("names no key"));
    checks_ = "gpgcheck=1\ngpgkey=file://" + key.string() + "\n";
    EXPECT_THAT(failure([&] { fetch(builder_.repository("b", {file})); }, ErrorCode::refused),
                HasSubstr("is not signed"));
    builder_.sign(file, "vendor");
    const fs::path signed_one = builder_.repository("c", {file});
    EXPECT_TRUE(fetch(signed_one).at(0).verified);
    checks_ = "gpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file://" + key.string() + "\n";
    failure([&] { fetch(signed_one); }, ErrorCode::lab);
    builder_.sign_index(signed_one, "vendor");
    EXPECT_NO_THROW(fetch(signed_one));
    checks_ = "gpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file://" + other.string() + "\n";
    EXPECT_THAT(failure([&] { fetch(signed_one); }, ErrorCode::refused),
                HasSubstr("no good signature"));
}

TEST_F(RpmFetchTest, refuses_an_index_and_a_package_that_are_not_what_was_announced) {
    machine_has({builder_.build({})});
    const fs::path file = builder_.build({.version = "1.1"});
    const fs::path repository = builder_.repository("updates", {file});
    const fs::path offered = repository / file.filename();
    std::string bytes = read_file(offered);
    bytes[bytes.size() - 30] = static_cast<char>(bytes[bytes.size() - 30] ^ 1);
    write_file_atomic(offered, bytes);
    EXPECT_THAT(failure([&] { fetch(repository); }, ErrorCode::refused),
                HasSubstr("sha256 differs"));
    EXPECT_TRUE(store_.list().empty());
    std::string repomd = read_file(repository / "repodata/repomd.xml");
    const auto sum = repomd.find("<checksum type=\"sha256\">") + 24;
    repomd[sum] = repomd[sum] == '0' ? '1' : '0';
    write_file_atomic(repository / "repodata/repomd.xml", repomd);
    EXPECT_NO_THROW(fetch(builder_.repository("good", {builder_.build({.version = "1.1"})})));
}

}  // namespace
}  // namespace patchlab::intake
