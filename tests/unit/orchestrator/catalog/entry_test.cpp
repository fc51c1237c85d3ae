// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/entry.hpp"

#include <gtest/gtest.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"

namespace patchlab::catalog {
namespace {

Json golden_entry() { return read_json(fs::path(PATCHLAB_GOLDEN) / "entry" / "nginx.json"); }

std::string refusal(const Json& json) {
    try {
        entry_from_json(json);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        return error.what();
    }
    return "";
}

TEST(Entry, writes_what_it_read) {
    EXPECT_EQ(to_text(to_json(entry_from_json(golden_entry()))), to_text(golden_entry()));
}

TEST(Entry, fits_its_published_schema) {
    Diagnostics found;
    const YamlDocument document = parse_yaml(
        read_file(fs::path(PATCHLAB_GOLDEN) / "entry" / "nginx.json"), "nginx.json", found);
    Schema(entry_schema()).check(document, found);
    for (const Diagnostic& mistake : found.items) ADD_FAILURE() << mistake.text();
}

TEST(Entry, refuses_a_file_name_that_leaves_its_folder) {
    for (const char* name : {"../x.deb", "/etc/passwd", "a/b.deb", ".hidden", "-o", "a b", ""}) {
        Json json = golden_entry();
        json["packages"][0]["after"]["file"] = name;
        EXPECT_NE(refusal(json), "") << name;
        json = golden_entry();
        json["packages"][0]["before"][0]["file"] = name;
        EXPECT_NE(refusal(json), "") << name;
        json = golden_entry();
        json["id"] = name;
        EXPECT_NE(refusal(json), "") << name;
    }
}

TEST(Entry, refuses_what_nobody_approved) {
    Json json = golden_entry();
    json["approvers"] = Json::array();
    EXPECT_NE(refusal(json).find("nobody approved it"), std::string::npos);
}

TEST(Entry, refuses_to_name_a_package_twice) {
    Json json = golden_entry();
    json["packages"].push_back(json["packages"][0]);
    EXPECT_NE(refusal(json).find("twice"), std::string::npos);
}

TEST(Entry, refuses_digests_and_versions_that_are_none) {
    for (const auto& [key, value] :
         {std::pair{"sha256", "abc"}, std::pair{"version", "1 || true"}}) {
        Json json = golden_entry();
        json["packages"][0]["after"][key] = value;
        EXPECT_NE(refusal(json), "") << key;
    }
}

TEST(Entry, has_a_way_back_only_with_every_old_version) {
    Entry entry = entry_from_json(golden_entry());
    EXPECT_TRUE(entry.has_way_back());
    entry.packages[0].before.clear();
    EXPECT_FALSE(entry.has_way_back());
    entry.packages[0].was_installed = false;  // a new package has nothing to go back to
    EXPECT_TRUE(entry.has_way_back());
}

TEST(Entry, states_are_words) {
    for (const EntryState state :
         {EntryState::offered, EntryState::superseded, EntryState::withdrawn,
          EntryState::quarantined, EntryState::recalled})
        EXPECT_EQ(entry_state_from(name(state)), state);
    EXPECT_THROW(entry_state_from("fine"), Error);
}

}  // namespace
}  // namespace patchlab::catalog
