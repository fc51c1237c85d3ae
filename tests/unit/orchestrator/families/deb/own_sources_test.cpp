// SPDX-License-Identifier: Apache-2.0
//
// Sources given for one image: self-contained, signed, and never a way to read the host's files.
#include "orchestrator/families/deb/own_sources.hpp"

#include <gmock/gmock.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families::deb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OwnSources : public ::testing::Test {
  protected:
    std::string refusal(const std::string& text, const std::optional<fs::path>& keyring = {}) {
        try {
            self_contained_sources(text, "x.sources", keyring);
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    }
    TempFolder folder_{fs::temp_directory_path(), "own-sources"};
    const std::string key_ = std::string("\x99\x01\x0d\x04", 4) + std::string(200, 'k');
    fs::path keyring(const std::string& content) {
        write_file_atomic(folder_.path() / "key.gpg", content);
        return folder_.path() / "key.gpg";
    }
};

TEST_F(OwnSources, hold_the_keys_that_they_name) {
    const std::string text =
        "Types: deb deb-src\nURIs: https://deb.example.org/debian\n"
        "Suites: trixie trixie-updates\nComponents: main\nSigned-By: " +
        keyring(key_).string() + "\n";
    const auto sources = self_contained_sources(text, "x.sources", {});
    ASSERT_EQ(sources.size(), 1U);
    EXPECT_THAT(sources[0].types, ElementsAre("deb"));
    EXPECT_THAT(sources[0].signed_by, HasSubstr("BEGIN PGP PUBLIC KEY BLOCK"));
    // What is written is read again as the same, also after a choice of suites.
    const std::string written = sources_for_release(to_deb822(sources), "trixie");
    const auto again = parse_deb822_sources(written, "again");
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(std::string(again[0].signed_by),
              sources[0].signed_by.substr(0, sources[0].signed_by.size() - 1));
}

TEST_F(OwnSources, of_one_line_each_take_the_keyring_that_is_given) {
    const auto sources = self_contained_sources(
        "# ours\ndeb https://deb.example.org/debian trixie main\n", "lab", keyring(key_));
    ASSERT_EQ(sources.size(), 1U);
    EXPECT_THAT(sources[0].suites, ElementsAre("trixie"));
    EXPECT_THAT(sources[0].signed_by, HasSubstr(base64_encode(key_).substr(0, 60)));
}

TEST_F(OwnSources, without_a_signature_are_refused) {
    const std::string source =
        "Types: deb\nURIs: https://deb.example.org/debian\nSuites: trixie\nComponents: main\n";
    EXPECT_THAT(refusal(source), HasSubstr("names no key"));
    EXPECT_THAT(refusal(source + "Trusted: yes\n", keyring(key_)), HasSubstr("Trusted"));
    EXPECT_THAT(refusal("Types: deb\nURIs: https://me:secret@deb.example.org/\nSuites: trixie\n"
                        "Components: main\n",
                        keyring(key_)),
                HasSubstr("password"));
    EXPECT_THAT(refusal("# nothing\n"), HasSubstr("no source"));
}

TEST_F(OwnSources, never_copy_a_file_that_is_no_keyring) {
    const std::string source =
        "Types: deb\nURIs: https://deb.example.org/debian\nSuites: trixie\nComponents: main\n";
    for (const std::string& content : {std::string("root:$6$secret:1:\n"), std::string(),
                                       std::string("-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n")})
        EXPECT_NE(refusal(source, keyring(content)), "") << content;
    EXPECT_THAT(refusal(source + "Signed-By: /etc/passwd\n"), HasSubstr("not a keyring"));
}

}  // namespace
}  // namespace patchlab::families::deb
