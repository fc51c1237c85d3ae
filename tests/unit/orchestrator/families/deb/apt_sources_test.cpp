// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/apt_sources.hpp"

#include <gmock/gmock.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families::deb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto debian = R"(# comment
Types: deb deb-src
# in between
URIs: https://deb.example.org/debian
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/example.gpg

Types: deb
URIs: https://deb.example.org/debian-security
Suites: bookworm-security
Components: main
Architectures: amd64

Enabled: no
Types: deb
URIs: https://off.example.org/
Suites: bookworm
Components: main
)";

TEST(AptSources, reads_stanzas_and_leaves_out_what_is_disabled) {
    const auto sources = parse_deb822_sources(debian, "debian.sources");
    ASSERT_EQ(sources.size(), 2U);
    EXPECT_THAT(sources[0].types, ElementsAre("deb", "deb-src"));
    EXPECT_THAT(sources[0].suites, ElementsAre("bookworm", "bookworm-updates"));
    EXPECT_THAT(sources[0].components, ElementsAre("main", "contrib"));
    EXPECT_EQ(sources[0].signed_by, "/usr/share/keyrings/example.gpg");
    EXPECT_EQ(sources[1].options.at("Architectures"), "amd64");
}

TEST(AptSources, a_suite_asked_for_does_not_bring_its_security_and_updates_along) {
    const auto kept =
        restrict_to_suites(parse_deb822_sources(debian, "debian.sources"), {"bookworm"});
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_THAT(kept[0].suites, ElementsAre("bookworm"));
    EXPECT_THAT(kept[0].types, ElementsAre("deb"));
    EXPECT_TRUE(restrict_to_suites(kept, {"bookworm-security"}).empty());
}

TEST(AptSources, reads_the_one_line_format_with_its_options) {
    const auto sources = parse_source_list(
        "# a comment\n"
        "deb [arch=amd64,arm64 signed-by=/etc/apt/keyrings/x.gpg] https://deb.example.org/debian "
        "bookworm main contrib # tail\n"
        "deb-src https://deb.example.org/debian bookworm main\n"
        "deb https://deb.example.org/flat ./\n",
        "sources.list");
    ASSERT_EQ(sources.size(), 3U);
    EXPECT_EQ(sources[0].options.at("Architectures"), "amd64 arm64");
    EXPECT_EQ(sources[0].signed_by, "/etc/apt/keyrings/x.gpg");
    EXPECT_THAT(sources[0].components, ElementsAre("main", "contrib"));
    EXPECT_THAT(suites_of(sources), ElementsAre("bookworm", "./"));
}

TEST(AptSources, what_apt_would_refuse_is_refused_with_file_and_line) {
    const auto message = [](auto parse, const char* text) {
        try {
            parse(text, "x.list");
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    EXPECT_THAT(message(parse_source_list, "\ndeb https://deb.example.org/debian bookworm\n"),
                HasSubstr("x.list:2: component"));
    EXPECT_THAT(message(parse_source_list, "rpm https://deb.example.org/ bookworm main\n"),
                HasSubstr("x.list:1: unknown type 'rpm'"));
    EXPECT_THAT(message(parse_source_list, "deb [arch=amd64 https://deb.example.org/ a main\n"),
                HasSubstr("']'"));
    EXPECT_THAT(message(parse_deb822_sources, "Types: deb\nSuites: a\n"),
                HasSubstr("x.list:1: the stanza has no URIs"));
    EXPECT_THAT(message(parse_deb822_sources, " main\n"), HasSubstr("continuation"));
}

TEST(AptSources, what_is_written_reads_back_the_same) {
    const std::string text =
        "Types: deb\nURIs: https://deb.example.org/debian\nSuites: bookworm sid\nComponents: "
        "main\nTrusted: yes\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY\n -----END PGP PUBLIC KEY "
        "BLOCK-----\n\n"
        "Types: deb\nURIs: https://deb.example.org/flat\nSuites: ./\n";
    const auto sources = parse_deb822_sources(text, "a.sources");
    EXPECT_EQ(to_deb822(sources), text);
}

TEST(AptSources, a_host_has_the_old_file_and_the_new_folder) {
    const TempFolder folder(fs::temp_directory_path(), "apt-sources");
    make_folder(folder.path() / "sources.list.d");
    write_file_atomic(folder.path() / "sources.list",
                      "deb https://deb.example.org/one bookworm main\n");
    write_file_atomic(folder.path() / "sources.list.d/two.sources", debian);
    write_file_atomic(folder.path() / "sources.list.d/notes.bak", "not a source\n");
    EXPECT_EQ(host_apt_sources(folder.path()).size(), 3U);
    EXPECT_TRUE(host_apt_sources(folder.path() / "nowhere").empty());
}

}  // namespace
}  // namespace patchlab::families::deb
