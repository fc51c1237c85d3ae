// SPDX-License-Identifier: Apache-2.0
//
// The builders of repositories and the key that signs them; rpm-md as dnf sees it.
#include "orchestrator/catalog/composition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "orchestrator/catalog/openpgp_key.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "tests/support/catalog.hpp"

namespace patchlab::tests {
namespace {

using catalog::OpenPgpKey;
using families::RepositoryPackage;
using families::RepositoryRequest;
using testing::HasSubstr;
using testing::IsEmpty;

class Repositories : public testing::Test {
  protected:
    RepositoryPackage package(const std::string& name, const std::string& version,
                              const std::string& architecture = "amd64",
                              const std::string& format = "deb") {
        const fs::path file = catalog_.build(name, version, architecture, format);
        return {name,
                architecture,
                version,
                sha256_file(file),
                fs::file_size(file),
                file,
                file.filename().string()};
    }
    std::string refusal(const RepositoryRequest& request, bool rpm = false) {
        OpenPgpKey key(folder_.path() / "key", catalog_.runner());
        make_folder(request.work);
        try {
            catalog::build_repository(families::family(rpm ? "rpm" : "deb"), request, key,
                                      catalog_.runner());
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }
    RepositoryRequest request(const std::vector<RepositoryPackage>& packages) {
        ++count_;
        const fs::path work = folder_.path() / std::to_string(count_);
        const TimePoint until = SystemClock().now() + std::chrono::hours(24);
        return {"ring-0", "20261123T120000Z", until,       {"amd64"},
                packages, work / "work",      work / "out"};
    }
    process::CommandResult dnf(const fs::path& root, const fs::path& repository,
                               const fs::path& key, std::vector<std::string> words) {
        process::CommandSpec spec;
        spec.program = "dnf";
        spec.args = {"-q",
                     "-y",
                     "--config=" + (root / "dnf.conf").string(),
                     "--installroot=" + (root / "root").string(),
                     "--releasever=1",
                     "--setopt=cachedir=" + (root / "cache").string(),
                     "--setopt=reposdir=" + (root / "repos").string(),
                     "--setopt=varsdir=" + (root / "vars").string(),
                     "--setopt=logdir=" + (root / "log").string(),
                     "--setopt=persistdir=" + (root / "persist").string(),
                     "--setopt=pluginpath=" + (root / "plugins").string(),
                     "--setopt=install_weak_deps=0"};
        spec.args.insert(spec.args.end(), words.begin(), words.end());
        spec.purpose = "a host's dnf";
        spec.deadline = Seconds(120);
        make_folder(root / "repos");
        make_folder(root / "root");
        make_folder(root / "log");
        write_file_atomic(root / "dnf.conf", "[main]\n");
        write_file_atomic(
            root / "repos" / "patchlab.repo",
            catalog::yum_repository("ring-0", "file://" + repository.string(), key.string()));
        return catalog_.runner().run(spec);
    }

    ApprovedCatalog catalog_;
    TempFolder folder_{fs::temp_directory_path(), "repositories"};
    int count_ = 0;
};

TEST_F(Repositories, hold_exactly_what_was_asked_for) {
    EXPECT_EQ(refusal(request({package("hello", "1.0"), package("hello", "2.0"),
                               package("hello-data", "2.0", "all")})),
              "");
    RepositoryPackage other_version = package("hello", "2.0");
    other_version.version = "2.1";
    EXPECT_THAT(refusal(request({other_version})), HasSubstr("it lacks hello 2.1"));
    RepositoryPackage other_name = package("hello", "2.0");
    other_name.name = "nginx";
    EXPECT_THAT(refusal(request({other_name})), HasSubstr("it has hello 2.0"));
    RepositoryPackage other_bytes = package("hello", "2.0");
    other_bytes.sha256 = std::string(64, '0');
    EXPECT_THAT(refusal(request({other_bytes})), HasSubstr("is not of the approved packages"));
    RepositoryPackage no_package = package("hello", "2.0");
    no_package.file = folder_.path() / "text";
    write_file_atomic(no_package.file, "no package");
    EXPECT_THAT(refusal(request({no_package})), HasSubstr("reading the packages"));
}

TEST_F(Repositories, of_rpm_packages_hold_exactly_what_was_asked_for) {
    EXPECT_EQ(refusal(request({package("hello", "1.0-1", "noarch", "rpm"),
                               package("hello", "2.0-1", "noarch", "rpm")}),
                      true),
              "");
    RepositoryPackage other_version = package("hello", "2.0-1", "noarch", "rpm");
    other_version.version = "2.0-2";
    EXPECT_THAT(refusal(request({other_version}), true), HasSubstr("it lacks hello 2.0-2"));
    EXPECT_EQ(refusal(request({}), true), "");
}

TEST_F(Repositories, a_host_with_dnf_installs_from_the_channel_and_goes_back) {
    const std::string entry = catalog_.make({{"hello", {"1.0-1"}, "2.0-1", "noarch", "rpm"}});
    catalog_.entries().add_to_channel(entry, "ring-0", catalog_.clock.now());
    catalog_.publisher().publish("ring-0");
    const catalog::ChannelAccess access = catalog_.publisher().access("ring-0");
    EXPECT_TRUE(access.rpm);
    const fs::path root = folder_.path() / "dnf";
    const auto installed = dnf(root, access.folder, access.public_key, {"install", "hello"});
    EXPECT_EQ(installed.exit_code, 0) << installed.out << installed.err;
    EXPECT_EQ(read_file(root / "root/usr/share/hello/version"), "2.0-1\n");
    catalog_.entries().set_state(entry, catalog::EntryState::withdrawn, "it broke",
                                 catalog_.clock.now());
    catalog_.clock.advance(Seconds(60));
    catalog_.publisher().publish("ring-0");
    const auto back = dnf(root, access.folder, access.public_key, {"--refresh", "distro-sync"});
    EXPECT_EQ(back.exit_code, 0) << back.out << back.err;
    EXPECT_EQ(read_file(root / "root/usr/share/hello/version"), "1.0-1\n");
}

TEST_F(Repositories, a_host_with_dnf_refuses_an_index_that_was_tampered_with) {
    catalog_.entries().add_to_channel(
        catalog_.make({{"hello", {"1.0-1"}, "2.0-1", "noarch", "rpm"}}), "ring-0",
        catalog_.clock.now());
    catalog_.publisher().publish("ring-0");
    const catalog::ChannelAccess access = catalog_.publisher().access("ring-0");
    const fs::path copy = folder_.path() / "copy";
    fs::copy(access.folder / ".", copy, fs::copy_options::recursive);
    tamper(copy / "rpm/repodata/repomd.xml", [](std::string& text) { text += "\n"; });
    EXPECT_NE(dnf(folder_.path() / "dnf", copy, access.public_key, {"install", "hello"}).exit_code,
              0);
    EXPECT_FALSE(fs::exists(folder_.path() / "dnf/root/usr/share/hello/version"));
}

TEST_F(Repositories, an_rpm_index_whose_parts_do_not_fit_is_refused) {
    const RepositoryRequest made = request({package("hello", "1.0-1", "noarch", "rpm")});
    ASSERT_EQ(refusal(made, true), "");
    for (const auto& item : fs::directory_iterator(made.out / "repodata"))
        if (item.path().filename().string().ends_with("-primary.xml.gz"))
            tamper(item.path(), flip_a_bit);
    EXPECT_THROW(families::rpm::read_rpm_index(made.out), Error);
}

TEST_F(Repositories, an_rpm_index_is_read_however_it_is_packed) {
    const RepositoryRequest made = request({package("hello", "1.0-1", "noarch", "rpm")});
    ASSERT_EQ(refusal(made, true), "");
    const auto read = [&](const char* packing) {
        catalog_.runner().require(families::bound_command(
            "createrepo_c",
            {"--quiet", "--no-database", "--general-compress-type", packing, made.out.string()},
            "packing the index otherwise"));
        return families::rpm::read_rpm_index(made.out);
    };
    for (const char* packing : {"xz", "bz2", "gz"}) {
        const auto packages = read(packing);
        ASSERT_EQ(packages.size(), 1U) << packing;
        EXPECT_EQ(packages[0].name, "hello") << packing;
    }
}

TEST_F(Repositories, the_key_is_made_once_lies_in_a_private_home_and_leaves_no_agent_behind) {
    const fs::path home = folder_.path() / "keys" / "openpgp";
    std::string fingerprint, text;
    {
        OpenPgpKey key(home, catalog_.runner());
        fingerprint = key.fingerprint();
        text = key.public_key(true);
        write_file_atomic(folder_.path() / "key.gpg", key.public_key(false));
        write_file_atomic(folder_.path() / "text", "text\n");
        write_file_atomic(folder_.path() / "text.asc", key.detached_signature("text\n"));
        write_file_atomic(folder_.path() / "signed", key.clear_sign("text\n"));
    }
    EXPECT_THAT(text, HasSubstr("BEGIN PGP PUBLIC KEY BLOCK"));
    EXPECT_THAT(text, testing::Not(HasSubstr("PRIVATE")));
    EXPECT_EQ(OpenPgpKey(home, catalog_.runner()).fingerprint(), fingerprint);
    EXPECT_EQ(fs::status(home).permissions(), fs::perms::owner_all);
    EXPECT_FALSE(fs::exists(home / "S.gpg-agent"));
    const fs::path ring = folder_.path() / "key.gpg";
    EXPECT_EQ(catalog::openpgp_problem(folder_.path() / "text", folder_.path() / "text.asc", ring,
                                       catalog_.runner()),
              "");
    EXPECT_EQ(catalog::openpgp_problem(folder_.path() / "signed", {}, ring, catalog_.runner()), "");
    tamper(folder_.path() / "text", flip_a_bit);
    EXPECT_NE(catalog::openpgp_problem(folder_.path() / "text", folder_.path() / "text.asc", ring,
                                       catalog_.runner()),
              "");
    EXPECT_NE(catalog::openpgp_problem(folder_.path() / "missing", {}, ring, catalog_.runner()),
              "");
}

TEST_F(Repositories, the_key_works_in_a_home_with_a_long_name) {
    const fs::path home = folder_.path() / std::string(100, 'a') / std::string(100, 'b');
    make_folder(home);
    OpenPgpKey key(home / "openpgp", catalog_.runner());
    EXPECT_THAT(key.clear_sign("text\n"), HasSubstr("BEGIN PGP SIGNATURE"));
}

TEST(RpmOrder, is_that_of_rpm) {
    process::SystemCommandRunner runner;
    const std::vector<std::string> words{
        "1.0",       "1.0.1",    "1.0a",  "1.0.a", "1.01",   "1.10", "2",   "1.0~rc1",
        "1.0~rc1~x", "1.0^git1", "1.0^",  "a",     "A",      "1",    "01",  "1..0",
        "1.0.",      "10a1",     "10b",   "",      "~",      "^",    "1-1", "1_1",
        "0001",      "5.5p10",   "5.5p1", "xyz10", "xyz10.1"};
    std::string script;
    for (const std::string& a : words)
        for (const std::string& b : words)
            if (!a.empty() && !b.empty())
                script += "%{lua:print(rpm.vercmp(\"" + a + "\", \"" + b + "\"))}\n";
    process::CommandSpec spec;
    spec.program = "rpm";
    spec.args = {"--eval", script};
    spec.purpose = "asking rpm for the order of versions";
    const std::string said = runner.require(spec).out;
    std::size_t at = 0;
    for (const std::string& a : words)
        for (const std::string& b : words) {
            if (a.empty() || b.empty()) continue;
            at = said.find_first_of("-01", at);
            ASSERT_NE(at, std::string::npos);
            const int wanted = said[at] == '-' ? -1 : said[at] == '1' ? 1 : 0;
            at += said[at] == '-' ? 2 : 1;
            // a dash is the release's, so it stands for itself only without one
            if (a.find('-') != std::string::npos || b.find('-') != std::string::npos) continue;
            EXPECT_EQ(families::family("rpm").compare_versions(a, b), wanted) << a << " and " << b;
        }
}

TEST(RpmOrder, looks_at_the_epoch_first_and_at_releases_only_when_there_are_two) {
    EXPECT_GT(families::family("rpm").compare_versions("1:1.0-1", "2.0-1"), 0);
    EXPECT_EQ(families::family("rpm").compare_versions("0:1.0-1", "1.0-1"), 0);
    EXPECT_LT(families::family("rpm").compare_versions("1.0-1", "1.0-2"), 0);
    EXPECT_EQ(families::family("rpm").compare_versions("1.0", "1.0-2"), 0);
}

}  // namespace
}  // namespace patchlab::tests
