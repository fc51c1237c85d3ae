// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/error.hpp"

namespace patchlab::catalog {
namespace {

using testing::HasSubstr;

TEST(ChannelName, is_a_plain_word) {
    for (const char* name : {"ring-0", "production", "web.2026_11", "9"})
        EXPECT_NO_THROW(check_channel_name(name)) << name;
    for (const char* name : {"", ".", "..", "a/b", "-o", ".hidden", "a b", "a\nb", "ring\xc3\xa9",
                             "patchlab.asc", "ring-0.back"})
        EXPECT_THROW(check_channel_name(name), Error) << name;
    EXPECT_THROW(check_channel_name(std::string(65, 'a')), Error);
}

TEST(HostFiles, name_the_channel_its_key_and_nothing_else) {
    const std::string sources = apt_sources("ring-0", "https://deb.example.org/ring-0/current/",
                                            "/etc/apt/keyrings/patchlab.asc");
    EXPECT_THAT(
        sources,
        HasSubstr("URIs: https://deb.example.org/ring-0/current\nSuites: ring-0 "
                  "ring-0.back\nComponents: main\nSigned-By: /etc/apt/keyrings/patchlab.asc\n"));
    EXPECT_THAT(sources, testing::Not(HasSubstr("Trusted")));
    EXPECT_THAT(apt_preferences("ring-0"),
                HasSubstr("Pin: release o=patchlab, n=ring-0\nPin-Priority: 990\n"));
    EXPECT_THAT(apt_preferences("ring-0"),
                HasSubstr("Pin: release o=patchlab, n=ring-0.back\nPin-Priority: 1001\n"));
    EXPECT_THAT(
        yum_repository("ring-0", "https://deb.example.org/ring-0/current", "/etc/pki/patchlab.asc"),
        HasSubstr("repo_gpgcheck=1"));
}

TEST(HostFiles, let_nothing_break_out_of_its_line) {
    EXPECT_THROW(apt_sources("ring-0", "https://deb.example.org/\nTrusted: yes", "/k"), Error);
    EXPECT_THROW(apt_sources("ring-0", "https://deb.example.org/", "/k\nTrusted: yes"), Error);
    EXPECT_THROW(yum_repository("ring-0", "", "/k"), Error);
}

}  // namespace
}  // namespace patchlab::catalog
