// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/control.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"

namespace patchlab::families::deb {
namespace {

TEST(Control, reads_stanzas_with_continuations_and_fields_of_any_case) {
    StanzaReader reader(
        "\n\nPackage: a\nDescription: short\n long\n .\n more\nversion:1.0\n\n\nPackage: b\n",
        "here");
    Stanza stanza;
    ASSERT_TRUE(reader.next(stanza));
    EXPECT_EQ(stanza.get("package"), "a");
    EXPECT_EQ(stanza.get("VERSION"), "1.0");
    EXPECT_EQ(stanza.get("Description"), "short\n long\n .\n more");
    ASSERT_TRUE(reader.next(stanza));
    EXPECT_EQ(stanza.get("Package"), "b");
    EXPECT_EQ(stanza.get("Version"), "");
    EXPECT_FALSE(reader.next(stanza));
}

TEST(Control, names_the_line_of_a_mistake) {
    for (const auto& [text, line] :
         std::vector<std::pair<std::string, std::string>>{{"Package: a\nno field\n", "here:2:"},
                                                          {" begins with nothing\n", "here:1:"},
                                                          {"A: 1\nB: 2\na: 3\n", "here:3:"}}) {
        StanzaReader reader(text, "here");
        Stanza stanza;
        try {
            reader.next(stanza);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid);
            EXPECT_EQ(error.message().substr(0, line.size()), line);
        }
    }
}

TEST(Control, knows_the_source_of_a_package_with_its_own_version) {
    EXPECT_EQ(source_of("", "nginx", "1.0-1").name, "nginx");
    EXPECT_EQ(source_of("openssl", "libssl3", "3.0-1").version, "3.0-1");
    const SourceName rebuilt = source_of("brotli (1.0.9-2)", "libbrotli1", "1.0.9-2+b6");
    EXPECT_EQ(rebuilt.name, "brotli");
    EXPECT_EQ(rebuilt.version, "1.0.9-2");
}

TEST(Control, reads_relations_and_refuses_what_is_none) {
    const auto groups =
        parse_relations("libc6 (>= 2.36), python3:any | python3.11 (<< 4~) ,\n zlib1g,");
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups[0][0].version, "2.36");
    EXPECT_EQ(groups[1][1].op, "<<");
    for (const char* bad : {"a (> = 1)", "foo (>=)", "Foo", "a | ", "a (>= 1", "a; rm -rf /",
                            "foo (>= 1) bar", "foo:any any"})
        EXPECT_THROW(parse_relations(bad), Error) << bad;
}

}  // namespace
}  // namespace patchlab::families::deb
