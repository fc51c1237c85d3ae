// SPDX-License-Identifier: Apache-2.0
//
// Change-control documents through the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/governance/change/document.hpp"
#include "platform/core/schema.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class ChangeWords : public testing::Test {
  protected:
    Json json(std::vector<std::string> words) {
        words.emplace_back("--json");
        const auto result = lab_.run(words);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        const Json document = parse_json(result.out, "the change");
        Diagnostics diagnostics;
        Schema(governance::change_schema()).check({"change", document, {}}, diagnostics);
        EXPECT_TRUE(diagnostics.ok()) << diagnostics.items.front().text();
        return document;
    }
    fs::path file(const std::string& name) const { return folder_.path() / name; }

    PlayedLab lab_;
    TempFolder folder_{fs::temp_directory_path(), "change"};
};

TEST_F(ChangeWords, show_a_run_before_and_after_it_is_approved) {
    lab_.add_people();
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const std::string run = lab_.newest_id();
    const auto open = lab_.run({"change", "show", run});
    EXPECT_EQ(open.exit_code, 0) << open.err;
    EXPECT_THAT(open.out, HasSubstr("**Not approved: it may not be deployed**"));
    EXPECT_THAT(open.out, HasSubstr("`approval:release-manager`"));
    EXPECT_THAT(open.out, HasSubstr("No real machine ran"));
    EXPECT_THAT(open.err, HasSubstr("may not be promoted"));
    ASSERT_EQ(
        lab_.run({"--as", "bob", "approve", run, "--note", "looks good | <b>really</b>"}).exit_code,
        0);
    const Json document = json({"change", "show", run});
    EXPECT_TRUE(document.at("approved").get<bool>());
    EXPECT_EQ(document.at("requester"), "tess");
    EXPECT_EQ(document.at("approvals").at(0).at("user"), "bob");
    EXPECT_TRUE(document.at("hosts").is_null());
    EXPECT_EQ(document.at("risk").at("level"), "high") << "no real machine ran";
    const auto page = lab_.run({"change", "show", run, "--format", "html"});
    EXPECT_THAT(page.out, HasSubstr("&lt;b&gt;really&lt;/b&gt;"));
    EXPECT_EQ(page.err, "");
}

TEST_F(ChangeWords, show_an_entry_from_its_folder_alone) {
    const std::string run = lab_.approved_run();
    ASSERT_EQ(lab_.run({"--as", "bob", "catalog", "add", run, "--old",
                        build_deb(folder_.path(), "hello", "1.0").string()})
                  .exit_code,
              0);
    const std::string entry = parse_json(lab_.run({"catalog", "list", "--json"}).out, "list")
                                  .at("entries")
                                  .at(0)
                                  .at("id");
    write_file_atomic(file("hosts.csv"), "web-1,mission-critical,Olga\nweb-2\n");
    const Json document = json({"change", "show", entry, "--hosts", file("hosts.csv").string(),
                                "--window", "Tuesday 22:00"});
    EXPECT_EQ(document.at("entry"), entry);
    EXPECT_EQ(document.at("way_back").at("packages").at(0).at("file"), "hello_1.0_amd64.deb");
    EXPECT_TRUE(document.at("way_back").at("old_versions_kept").get<bool>());
    EXPECT_EQ(document.at("way_back").at("commands").at(0),
              "apt-get install --allow-downgrades hello=1.0");
    EXPECT_EQ(document.at("hosts").at(0).at("owner"), "Olga");
    const std::string page = file("change.html").string();
    EXPECT_EQ(lab_.run({"change", "show", entry, "--format", "html", "-o", page}).exit_code, 0);
    EXPECT_THAT(read_file(page), HasSubstr("catalog withdraw " + entry));

    write_file_atomic(file("inventory.csv"),
                      "name,criticality,owners\nweb-7,mission-critical,Olga\n");
    ASSERT_EQ(
        lab_.run({"--as", "bob", "inventory", "import", file("inventory.csv").string()}).exit_code,
        0);
    const Json hosts = json({"change", "show", entry}).at("hosts");
    ASSERT_EQ(hosts.size(), 1U);
    EXPECT_EQ(hosts.at(0).at("name"), "web-7");
    EXPECT_EQ(hosts.at(0).at("owner"), "Olga");
    EXPECT_EQ(hosts.at(0).at("need"), "unknown") << "it was never scanned";

    // the store says nothing in it
    remove_tree(lab_.state() / "runs" / run);
    EXPECT_EQ(json({"change", "show", entry}).at("run"), run);
    ASSERT_EQ(
        lab_.run({"--as", "bob", "catalog", "withdraw", entry, "--reason", "it broke"}).exit_code,
        0);
    const auto withdrawn = lab_.run({"change", "show", entry});
    EXPECT_EQ(withdrawn.exit_code, 0);
    EXPECT_THAT(withdrawn.err, HasSubstr("may not be deployed: withdrawn, it broke"));
    EXPECT_THAT(withdrawn.out, HasSubstr("**Withdrawn"));
    const Json stopped = json({"change", "show", entry});
    EXPECT_FALSE(stopped.at("approved").get<bool>());
    EXPECT_EQ(stopped.at("catalog").at("state"), "withdrawn");
    EXPECT_EQ(stopped.at("catalog").at("by"), "bob");
    EXPECT_TRUE(stopped.at("catalog").at("signed").get<bool>());

    const fs::path ruling =
        lab_.state() / "catalog" / "entries" / entry / "approvals" / "ruling-01.dsse.json";
    std::string text = read_file(ruling);
    text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
    write_file_atomic(ruling, text);
    const auto refused = lab_.run({"change", "show", entry, "-o", file("none.md").string()});
    EXPECT_EQ(refused.exit_code, 1) << refused.err;
    EXPECT_FALSE(fs::exists(file("none.md")));
}

TEST_F(ChangeWords, refuse_what_is_not_what_was_sealed_and_words_that_are_wrong) {
    lab_.add_people();
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const std::string run = lab_.newest_id();
    EXPECT_EQ(lab_.run({"change", "show", "r-20000101-0001"}).exit_code, 2);
    EXPECT_EQ(lab_.run({"change", "show", "e-20000101-0001"}).exit_code, 2);
    EXPECT_EQ(lab_.run({"change", "show", run, "--hosts", file("none").string()}).exit_code, 2);
    EXPECT_EQ(lab_.run({"change", "show", run, "--format", "pdf"}).exit_code, 2);
    write_file_atomic(file("hosts"), "web-1\nweb 2;reboot\n");
    const auto bad = lab_.run({"change", "show", run, "--hosts", file("hosts").string()});
    EXPECT_EQ(bad.exit_code, 2);
    EXPECT_THAT(bad.err, HasSubstr("hosts:2"));
    const fs::path document = lab_.state() / "runs" / run / "evidence" / "run.json";
    fs::permissions(document.parent_path(), fs::perms::owner_all);
    write_file_atomic(document, read_file(document) + " ");
    const auto refused = lab_.run({"change", "show", run});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("not what was sealed"));
    EXPECT_EQ(refused.out, "");
}

}  // namespace
}  // namespace patchlab::tests
