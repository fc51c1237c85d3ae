// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/adder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "tests/unit/orchestrator/families/deb/forged_deb.hpp"

namespace patchlab::intake {
namespace {

using test::control_of;
using test::deb_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// dpkg-deb and gpgv, as they would answer.
class Tools final : public process::CommandRunner {
  public:
    process::CommandResult run(const process::CommandSpec& spec) override {
        process::CommandResult result;
        result.exit_code = spec.program == "gpgv" && !good_signature ? 1 : 0;
        if (spec.program == "gpgv" && good_signature)
            result.out = "[GNUPG:] VALIDSIG ABCDEF 2026\n";
        return result;
    }
    bool good_signature = true;
};

class AdderTest : public ::testing::Test {
  protected:
    TempFolder state_{fs::temp_directory_path(), "patchlab-test"};
    store::Database database_{state_.path() / "db", migrations()};
    PatchStore store_{state_.path(), database_};
    Tools tools_;
    SystemClock clock_;
    AddRequest request_;

    AdderTest() {
        request_.state = state_.path();
        request_.architectures = {"amd64"};
    }
    fs::path file(const std::string& name, const std::string& bytes) {
        return test::write_deb(state_.path() / name, bytes);
    }
    std::vector<Patch> add(std::vector<fs::path> files) {
        request_.files = std::move(files);
        return add_files(request_, store_, tools_, clock_);
    }
    std::string refusal(std::vector<fs::path> files) {
        try {
            add(std::move(files));
        } catch (const Error& error) {
            EXPECT_TRUE(!fs::exists(state_.path() / "tmp") || fs::is_empty(state_.path() / "tmp"))
                << "something was left behind";
            return error.what();
        }
        return "accepted";
    }
};

TEST_F(AdderTest, groups_packages_by_their_source) {
    const auto patches = add(
        {file("a.deb",
              deb_of(control_of("web-common", "2-1", "Source: web\n"), {{"./usr/share/a", "a"}})),
         file("b.deb",
              deb_of(control_of("web", "2-1+b1", "Source: web (2-1)\n"), {{"./usr/share/b", "b"}})),
         file("c.deb", deb_of(control_of("other", "1"), {{"./usr/share/c", "c"}}))});
    ASSERT_EQ(patches.size(), 2U);
    EXPECT_EQ(patches[1].id, "web_2-1");
    EXPECT_EQ(patches[1].packages.size(), 2U);
    EXPECT_FALSE(patches[1].verified);
    EXPECT_EQ(patches[1].packages[0].origin, "local file");
    EXPECT_TRUE(patches[1].packages[0].from.empty());
    EXPECT_EQ(store_.list().size(), 2U);
}

TEST_F(AdderTest, keeps_the_exact_old_versions_that_images_were_built_from) {
    const fs::path pool = state_.path() / "pool";
    make_folder(pool);
    test::write_deb(pool / "web_1-1_amd64.deb",
                    deb_of(control_of("web", "1-1"), {{"./usr/share/a", "old"}}));
    test::write_deb(
        pool / "forged_1_amd64.deb",
        deb_of(control_of("forged", "7"), {{"./usr/share/a", "not what its name says"}}));
    request_.images = {{{{"web", "1-1"}, {"forged", "1"}}, pool},
                       {{{"web", "0-9"}}, state_.path() / "no-pool"},
                       {{{"web", "2-1"}}, pool}};
    const auto patches =
        add({file("web.deb", deb_of(control_of("web", "2-1"), {{"./usr/share/a", "a"}})),
             file("forged.deb", deb_of(control_of("forged", "2"), {{"./usr/share/f", "f"}}))});
    ASSERT_EQ(patches.size(), 2U);
    EXPECT_EQ(patches[0].id, "forged_2");
    ASSERT_EQ(patches[0].packages.size(), 1U);
    EXPECT_TRUE(patches[0].packages[0].old_file.empty())
        << "another version under that name is no way back";
    ASSERT_EQ(patches[1].packages.size(), 1U);
    EXPECT_EQ(patches[1].packages[0].from, "1-1");
    EXPECT_EQ(patches[1].packages[0].old_sha256, sha256_file(pool / "web_1-1_amd64.deb"));
    EXPECT_TRUE(fs::exists(patches[1].folder / "old" / patches[1].packages[0].old_file));
}

TEST_F(AdderTest, takes_the_old_versions_of_the_images_that_a_file_fits_and_of_no_others) {
    const fs::path pool = state_.path() / "pool";
    make_folder(pool);
    for (const char* version : {"1.22-1+deb12u1", "1.26-3+deb13u1", "0.9-1"})
        test::write_deb(pool / (std::string("web_") + version + "_amd64.deb"),
                        deb_of(control_of("web", version), {{"./usr/share/a", version}}));
    request_.images = {
        {{{"web", "1.22-1+deb12u1"}, {"base-files", "12.4"}, {"libc6", "2.36-9"}}, pool, "amd64"},
        {{{"web", "1.26-3+deb13u1"}, {"base-files", "13.8"}, {"libc6", "2.41-12"}}, pool, "amd64"},
        {{{"web", "0.9-1"}, {"base-files", "12.4"}}, pool, "arm64"}};
    const auto from = [&](const std::string& version, const std::string& more = "") {
        const auto patches = add({file(version + ".deb", deb_of(control_of("web", version, more),
                                                                {{"./usr/share/a", "new"}}))});
        std::vector<std::string> found;
        for (const PatchPackage& package : patches.at(0).packages) found.push_back(package.from);
        return found;
    };
    EXPECT_THAT(from("1.22-1+deb12u2"), ElementsAre("1.22-1+deb12u1"));
    EXPECT_THAT(from("1.26-3+deb13u2"), ElementsAre("1.26-3+deb13u1"));
    EXPECT_THAT(from("1.23-1"), ElementsAre("1.22-1+deb12u1")) << "it does not replace a later one";
    EXPECT_THAT(from("1.27-1", "Depends: libc6 (>= 2.38)\n"), ElementsAre("1.26-3+deb13u1"))
        << "the other image does not hold what it requires";
    EXPECT_THAT(from("1.27-2"), ElementsAre("1.22-1+deb12u1", "1.26-3+deb13u1"))
        << "nothing says for which it is";
}

TEST_F(AdderTest, changes_nothing_when_one_file_of_many_is_bad) {
    const fs::path good =
        file("good.deb", deb_of(control_of("good", "1"), {{"./usr/share/a", "a"}}));
    EXPECT_THAT(refusal({good, file("bad.deb",
                                    deb_of(control_of("bad", "1"), {{"../../etc/passwd", "a"}}))}),
                HasSubstr("bad.deb"));
    EXPECT_THAT(
        refusal(
            {good, file("cut.deb", deb_of(control_of("bad", "1"), {{"./x", "a"}}).substr(0, 900))}),
        HasSubstr("cut short"));
    EXPECT_THAT(refusal({good, file("not.deb", "hello")}), HasSubstr("not a Debian package"));
    EXPECT_THAT(refusal({good, file("empty.deb", "")}), HasSubstr("empty"));
    EXPECT_THAT(refusal({good, state_.path() / "missing.deb"}), HasSubstr("there is no file"));
    EXPECT_THAT(refusal({good, state_.path()}), HasSubstr("regular file"));
    EXPECT_THAT(refusal({good, good}), HasSubstr("twice"));
    std::string arm = control_of("arm", "1");
    arm.replace(arm.find("amd64"), 5, "arm64");
    EXPECT_THAT(refusal({good, file("arm.deb", deb_of(arm, {{"./x", "a"}}))}),
                HasSubstr("is for arm64"));
    EXPECT_TRUE(store_.list().empty());
    EXPECT_EQ(refusal({good}), "accepted");
}

TEST_F(AdderTest, refuses_other_content_under_a_known_name_and_version) {
    add({file("a.deb", deb_of(control_of("web", "2-1"), {{"./usr/share/a", "a"}}))});
    EXPECT_THAT(
        refusal({file("b.deb", deb_of(control_of("web", "2-1"), {{"./usr/share/a", "b"}}))}),
        HasSubstr("other content"));
    EXPECT_EQ(refusal({file("a2.deb", deb_of(control_of("web", "2-1"), {{"./usr/share/a", "a"}}))}),
              "accepted");
    EXPECT_EQ(store_.list().size(), 1U);
}

TEST_F(AdderTest, demands_a_good_signature_where_one_is_required) {
    const fs::path deb = file("a.deb", deb_of(control_of("web", "2-1"), {{"./usr/share/a", "a"}}));
    request_.require_signature = true;
    EXPECT_THAT(refusal({deb}), HasSubstr("not signed"));
    request_.keyring = file("keys.gpg", "keys");
    EXPECT_THAT(refusal({deb}), HasSubstr("not signed"));
    file("a.deb.asc", "signature");
    tools_.good_signature = false;
    EXPECT_THAT(refusal({deb}), HasSubstr("no good signature"));
    request_.require_signature = false;
    EXPECT_THAT(refusal({deb}), HasSubstr("no good signature"))
        << "a bad signature is worse than none";
    tools_.good_signature = true;
    EXPECT_TRUE(add({deb})[0].verified);
}

}  // namespace
}  // namespace patchlab::intake
