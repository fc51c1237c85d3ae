// SPDX-License-Identifier: Apache-2.0
//
// What must not get into a channel, and what is found when somebody changed it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/catalog/entry.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "tests/support/catalog.hpp"

namespace patchlab::tests {
namespace {

using catalog::EntryState;
using catalog::Refusal;
using testing::HasSubstr;
using testing::IsEmpty;

std::string text(const std::vector<Refusal>& refusals) {
    std::string all;
    for (const Refusal& refusal : refusals) all += refusal.text() + "\n";
    return all;
}

class Refusals : public testing::Test {
  protected:
    Refusals()
        : id_(catalog_.make({{"hello", {"1.0"}, "2.0"}})),
          folder_(catalog_.entries().folder(id_)) {}

    std::string refusal_of_publish() {
        try {
            catalog_.publish();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::refused) << error.what();
            return error.what();
        }
        return "";
    }
    std::string refusal_of_making(const catalog::EntrySources& sources) {
        const fs::path out = catalog_.state() / "part";
        remove_tree(out);
        try {
            catalog_.make_folder_of(sources, out);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    ApprovedCatalog catalog_;
    std::string id_;
    fs::path folder_;
};

TEST_F(Refusals, an_entry_that_was_earned_is_whole) {
    EXPECT_EQ(text(catalog::verify_entry(folder_, catalog_.trust(), id_)), "");
    EXPECT_EQ(catalog::open_entry(folder_, catalog_.trust()).id, id_);
}

TEST_F(Refusals,
       every_file_of_an_entry_that_is_changed_missing_or_added_is_named_and_not_published) {
    catalog_.promote(id_);
    ASSERT_EQ(refusal_of_publish(), "");
    const std::string offered = catalog_.publisher().access("ring-0").snapshot;
    std::vector<fs::path> files;
    for (const auto& item : fs::recursive_directory_iterator(folder_))
        if (item.is_regular_file()) files.push_back(item.path());
    ASSERT_GE(files.size(), 11U);
    for (const fs::path& file : files) {
        const std::string good = read_file(file);
        SCOPED_TRACE(file.lexically_relative(folder_).string());
        const std::string name = file.filename().string();
        tamper(file, flip_a_bit);
        EXPECT_THAT(text(catalog::verify_entry(folder_, catalog_.trust(), id_)),
                    HasSubstr(name == "entry.dsse.json" ? "entry.dsse.json" : name));
        EXPECT_THAT(refusal_of_publish(), HasSubstr("entry '" + id_ + "'"));
        fs::remove(file);
        EXPECT_THAT(catalog::verify_entry(folder_, catalog_.trust(), id_), testing::Not(IsEmpty()));
        write_file_atomic(file, good, 0444);
        ASSERT_EQ(text(catalog::verify_entry(folder_, catalog_.trust(), id_)), "");
        write_file_atomic(file.parent_path() / "added", "bytes");
        EXPECT_THAT(text(catalog::verify_entry(folder_, catalog_.trust(), id_)),
                    HasSubstr("added"));
        fs::remove(file.parent_path() / "added");
    }
    EXPECT_EQ(catalog_.publisher().access("ring-0").snapshot, offered)
        << "a refused publish leaves the channel as it was";
}

TEST_F(Refusals, an_entry_by_another_key_is_no_entry) {
    ApprovedCatalog stranger;
    const std::string id = stranger.make({{"hello", {"1.0"}, "2.0"}});
    EXPECT_THAT(text(catalog::verify_entry(stranger.entries().folder(id), catalog_.trust())),
                HasSubstr("none of the trusted keys"));
    EXPECT_THAT(catalog::verify_entry(folder_, catalog::Trust{}, id_), testing::Not(IsEmpty()));
}

TEST_F(Refusals, an_entry_in_the_place_of_another_is_found) {
    EXPECT_THAT(text(catalog::verify_entry(folder_, catalog_.trust(), "e-20261123-0999")),
                HasSubstr("is of entry"));
}

/// Who holds the catalog's key still cannot put in what nobody tested or approved.
TEST_F(Refusals, a_signed_entry_needs_evidence_and_approvals_all_the_same) {
    const auto forged = [&](const std::function<void(const fs::path&)>& change) {
        const fs::path copy = catalog_.state() / "forged";
        remove_tree(copy);
        fs::copy(folder_, copy, fs::copy_options::recursive);
        change(copy);
        fs::remove(copy / "entry.dsse.json");
        catalog::sign_entry(copy, catalog::catalog_keys(catalog_.state()).current(catalog_.clock));
        return text(catalog::verify_entry(copy, catalog_.trust()));
    };
    const auto edit = [](const fs::path& folder, const std::function<void(Json&)>& change) {
        Json entry = read_json(folder / "entry.json");
        change(entry);
        write_json(folder / "entry.json", entry);
    };
    EXPECT_EQ(forged([](const fs::path&) {}), "");
    EXPECT_THAT(forged([](const fs::path& folder) { remove_tree(folder / "approvals"); }),
                HasSubstr("approvals"));
    EXPECT_THAT(forged([&](const fs::path& folder) {
                    edit(folder, [](Json& entry) { entry["approvers"].push_back("ross"); });
                }),
                HasSubstr("there is none of ross"));
    EXPECT_THAT(forged([&](const fs::path& folder) {
                    edit(folder, [](Json& entry) { entry["requester"] = "somebody"; });
                }),
                HasSubstr("another lab, requester or verdict"));
    const fs::path other = catalog_.build("hello", "6.6.6", "amd64", "deb");
    EXPECT_THAT(forged([&](const fs::path& folder) {
                    fs::copy_file(other, folder / "new" / other.filename());
                    edit(folder, [&](Json& entry) {
                        entry["packages"][0]["after"] = {{"file", other.filename().string()},
                                                         {"version", "6.6.6"},
                                                         {"sha256", sha256_file(other)},
                                                         {"bytes", fs::file_size(other)}};
                    });
                }),
                HasSubstr("is not what the run tested"));
    EXPECT_THAT(forged([&](const fs::path& folder) {
                    fs::copy_file(other, folder / "old" / other.filename());
                    edit(folder, [&](Json& entry) {
                        entry["packages"][0]["before"][0] = {{"file", other.filename().string()},
                                                             {"version", "6.6.6"},
                                                             {"sha256", sha256_file(other)},
                                                             {"bytes", fs::file_size(other)}};
                    });
                }),
                HasSubstr("is not a version that the run replaced"));
    const fs::path rebuilt = catalog_.state() / "hello_1.0_amd64.deb";
    fs::copy_file(folder_ / "old" / "hello_1.0_amd64.deb", rebuilt);
    tamper(rebuilt, flip_a_bit);
    EXPECT_THAT(forged([&](const fs::path& folder) {
                    fs::rename(rebuilt, folder / "old" / "hello_1.0_amd64.deb");
                    edit(folder, [&](Json& entry) {
                        entry["packages"][0]["before"][0]["sha256"] =
                            sha256_file(folder / "old" / "hello_1.0_amd64.deb");
                    });
                }),
                HasSubstr("is not the package that the run kept for the way back"));
    EXPECT_THAT(forged([&](const fs::path& folder) {
                    edit(folder,
                         [](Json& entry) { entry["evidence_digest"] = std::string(64, '0'); });
                }),
                HasSubstr("evidence"));
}

TEST_F(Refusals, no_entry_is_made_of_what_was_not_cleared) {
    int number = 0;
    const auto fresh = [&] {
        return catalog_.sources({{"package-" + std::to_string(++number), {"1.0"}, "2.0"}});
    };
    EXPECT_EQ(refusal_of_making(fresh()), "");

    catalog::EntrySources unapproved = fresh();
    unapproved.approved.rulings.clear();
    EXPECT_THAT(refusal_of_making(unapproved), HasSubstr("nobody approved it"));

    catalog::EntrySources by_the_tester = fresh();
    governance::Ruling& own = by_the_tester.approved.rulings[0];
    own.author = "Tess";
    own = governance::sign_ruling(own, SecretKey::generate(),
                                  catalog_.house().keys.current(catalog_.clock));
    EXPECT_THAT(refusal_of_making(by_the_tester),
                HasSubstr("not the ruling that the decision looked at"));

    catalog::EntrySources of_another_run = fresh();
    of_another_run.approved = fresh().approved;
    EXPECT_THAT(refusal_of_making(of_another_run), HasSubstr("not the one that was approved"));

    catalog::EntrySources other_policy = fresh();
    other_policy.approved.policy_source = "schema: patchlab/policy/v1\nname: anything goes\n";
    EXPECT_THAT(refusal_of_making(other_policy),
                HasSubstr("not the policy that was decided under"));

    catalog::EntrySources changed = fresh();
    tamper(changed.evidence / "logs" / "web.log", flip_a_bit);
    EXPECT_THAT(refusal_of_making(changed), HasSubstr("not intact"));

    catalog::EntrySources other_package = fresh();
    tamper(other_package.patches[0].folder / "new" / other_package.patches[0].packages[0].file,
           flip_a_bit);
    EXPECT_THAT(refusal_of_making(other_package), HasSubstr("are not those of"));

    catalog::EntrySources other_old = fresh();
    tamper(other_old.patches[0].folder / "old" / other_old.patches[0].packages[0].old_file,
           flip_a_bit);
    EXPECT_THAT(refusal_of_making(other_old), HasSubstr("are not those of"));

    catalog::EntrySources other_patch = fresh();
    other_patch.patches[0].packages[0].to = "3.0";
    EXPECT_THAT(refusal_of_making(other_patch),
                HasSubstr("did not test package-" + std::to_string(number) + " 3.0"));
}

TEST_F(Refusals, an_old_package_given_by_hand_must_be_exactly_what_was_replaced) {
    catalog::EntrySources sources =
        catalog_.sources({{"local", {"1.0"}, "2.0", "amd64", "deb", false}});
    EXPECT_FALSE(catalog_.make_folder_of(sources, catalog_.state() / "without").has_way_back());
    sources.old_files = {catalog_.build("local", "1.0", "amd64", "deb")};
    EXPECT_TRUE(catalog_.make_folder_of(sources, catalog_.state() / "with").has_way_back());
    sources.old_files = {catalog_.build("local", "1.1", "amd64", "deb")};
    EXPECT_THAT(refusal_of_making(sources), HasSubstr("which the run did not replace"));
    sources.old_files = {catalog_.build("local", "1.0", "all", "deb")};
    EXPECT_THAT(refusal_of_making(sources), HasSubstr("which the run did not replace"));
}

TEST_F(Refusals, a_broken_entry_can_be_taken_back) {
    catalog_.promote(id_);
    ASSERT_EQ(refusal_of_publish(), "");
    tamper(folder_ / "evidence" / "run.json", flip_a_bit);
    EXPECT_THAT(refusal_of_publish(), HasSubstr("evidence/run.json"));
    catalog_.entries().set_state(id_, EntryState::withdrawn, "damaged", catalog_.clock.now());
    const catalog::Published published = catalog_.publisher().publish("ring-0");
    EXPECT_EQ(published.packages, 0U);
    ASSERT_EQ(published.notes.size(), 1U);
    EXPECT_THAT(published.notes[0], HasSubstr("are not offered"));
}

TEST_F(Refusals, what_somebody_changes_in_a_channel_is_found_and_made_anew) {
    catalog_.promote(id_);
    ASSERT_EQ(refusal_of_publish(), "");
    const fs::path folder = catalog_.publisher().access("ring-0").folder;
    std::vector<fs::path> files;
    for (const auto& item : fs::recursive_directory_iterator(folder / "."))
        if (item.is_regular_file()) files.push_back(item.path());
    for (const fs::path& file : files) {
        const std::string good = read_file(file);
        tamper(file, flip_a_bit);
        EXPECT_THAT(catalog_.publisher().verify("ring-0"), testing::Not(IsEmpty())) << file;
        write_file_atomic(file, good, 0444);
    }
    EXPECT_EQ(text(catalog_.publisher().verify("ring-0")), "");
    write_file_atomic(folder / "pool" / "evil.deb", "bytes");
    EXPECT_THAT(text(catalog_.publisher().verify("ring-0")),
                HasSubstr("pool/evil.deb: was not part of what was published"));
    const std::string broken = catalog_.publisher().access("ring-0").snapshot;
    ASSERT_EQ(refusal_of_publish(), "");
    EXPECT_NE(catalog_.publisher().access("ring-0").snapshot, broken);
    EXPECT_EQ(text(catalog_.publisher().verify("ring-0")), "");
    EXPECT_FALSE(fs::exists(folder / "pool" / "evil.deb"));
}

TEST_F(Refusals, a_channel_that_was_set_back_to_an_older_snapshot_is_found) {
    catalog_.promote(id_);
    ASSERT_EQ(refusal_of_publish(), "");
    const catalog::ChannelAccess first = catalog_.publisher().access("ring-0");
    catalog_.promote(catalog_.make({{"hello", {"2.0"}, "3.0"}}));
    ASSERT_EQ(refusal_of_publish(), "");
    fs::remove(first.folder);
    fs::create_directory_symlink(first.snapshot, first.folder);
    EXPECT_THAT(text(catalog_.publisher().verify("ring-0")),
                HasSubstr("not the one published last"));
}

TEST_F(Refusals, an_unchanged_channel_is_not_published_again) {
    catalog_.promote(id_);
    ASSERT_EQ(refusal_of_publish(), "");
    const std::string id = catalog_.publisher().access("ring-0").snapshot;
    catalog_.clock.advance(Seconds(3600));
    const catalog::Published again = catalog_.publisher().publish("ring-0");
    EXPECT_FALSE(again.changed);
    EXPECT_EQ(again.snapshot, id);
    EXPECT_EQ(catalog_.publisher().snapshots("ring-0").size(), 1U);
}

}  // namespace
}  // namespace patchlab::tests
