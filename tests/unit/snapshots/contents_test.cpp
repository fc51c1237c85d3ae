// SPDX-License-Identifier: Apache-2.0
#include "snapshots/contents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/json.hpp"

namespace patchlab::snapshots {
namespace {

disk::FileChange changed(const std::string& path, std::optional<std::string> before,
                         std::optional<std::string> after, std::uint32_t mode = 0644) {
    disk::FileChange change;
    change.path = path;
    change.kind = disk::kind_of(before.has_value(), after.has_value());
    const auto state = [&](const std::optional<std::string>& text) {
        disk::FileState one{'f', mode, 0, 0, 0, 0, "", {}, 1, ""};
        one.size = text->size();
        one.content = "digest of " + *text;
        return one;
    };
    if (before) change.before = state(before);
    if (after) change.after = state(after);
    change.text_before = std::move(before);
    change.text_after = std::move(after);
    return change;
}

Json only_file(const disk::FileChange& change) {
    AttributionRules rules;
    rules.records = "/var/lib/pkg/info";
    const Json document = contents_document({change}, rules);
    return document.at("files").size() == 1 ? document.at("files").at(0) : Json(nullptr);
}

TEST(Contents, keeps_both_sides_of_a_configuration_file_without_its_secrets) {
    const Json file =
        only_file(changed("/etc/acme.conf", "password=a\nx=1\n", "password=b\nx=2\n"));
    EXPECT_EQ(file.at("before").at("text"), "password=[redacted]\nx=1\n");
    EXPECT_EQ(file.at("after").at("text"), "password=[redacted]\nx=2\n");
    EXPECT_EQ(file.at("after").at("redacted"), 1);
    EXPECT_TRUE(file.at("not_kept").is_null());
}

TEST(Contents, keeps_scripts_of_packages_and_definitions_and_nothing_of_other_places) {
    EXPECT_FALSE(only_file(changed("/var/lib/pkg/info/acme.postinst", {}, "true\n")).is_null());
    EXPECT_TRUE(only_file(changed("/var/lib/pkg/info/acme.md5sums", {}, "x\n")).is_null());
    EXPECT_FALSE(only_file(changed("/usr/lib/sysusers.d/acme.conf", {}, "u acme\n")).is_null());
    EXPECT_TRUE(only_file(changed("/srv/ledger", "1\n", "2\n")).is_null());
    EXPECT_TRUE(only_file(changed("/etc/same", "1\n", "1\n")).is_null()) << "only its mode differs";
}

TEST(Contents, never_keeps_files_that_hold_secrets_or_that_not_everybody_may_read) {
    for (const char* path : {"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/ssl/private/x",
                             "/etc/ssh/ssh_host_ed25519_key", "/etc/acme/tls.key"}) {
        const Json file = only_file(changed(path, "a\n", "b\n"));
        EXPECT_TRUE(file.at("after").is_null()) << path;
        EXPECT_EQ(file.at("not_kept"), "it holds secrets");
    }
    EXPECT_EQ(only_file(changed("/etc/acme.conf", "a\n", "b\n", 0640)).at("not_kept"),
              "not everybody may read it");
    EXPECT_TRUE(only_file(changed("/etc/sudoers.d/acme", {}, "acme ALL=(ALL) ALL\n", 0440))
                    .at("not_kept")
                    .is_null())
        << "what it permits is to be seen";
}

TEST(Contents, says_why_there_is_no_text) {
    disk::FileChange change = changed("/etc/binary", "a", "b");
    change.text_before = change.text_after = std::nullopt;
    EXPECT_EQ(only_file(change).at("not_kept"), "it is no text, or there was too much of it");
    change.after->size = 70000;
    EXPECT_EQ(only_file(change).at("not_kept"), "it is larger than 64 KiB");
}

}  // namespace
}  // namespace patchlab::snapshots
