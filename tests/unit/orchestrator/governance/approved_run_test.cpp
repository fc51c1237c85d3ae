// SPDX-License-Identifier: Apache-2.0
//
// An approval that travels: what was decided is checked again from the documents alone.
#include "orchestrator/governance/approved_run.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/unit/orchestrator/governance/run_fixture.hpp"

namespace patchlab::governance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Approved : public Runs {
  protected:
    void SetUp() override {
        Json run = validated_run();
        run["drill"] = nullptr;
        evidence = leave(run);
        waive("carol", "drill");
        approve("bob");
        write_approval(approved_run(house, example_run), documents);
    }
    ApprovedRun read() { return read_approval(documents, evidence, keys, clock.now()); }
    std::string why_not() {
        try {
            read();
        } catch (const Error& error) {
            if (error.code() == ErrorCode::refused || error.code() == ErrorCode::invalid ||
                error.code() == ErrorCode::not_found)
                return error.what();
            throw;
        }
        return "";
    }

    fs::path evidence, documents = folder.path() / "entry" / "approvals";
    std::vector<PublicKey> keys{house.keys.current(clock).public_key()};
};

TEST_F(Approved, runs_are_verified_from_documents_and_public_key_alone) {
    const ApprovedRun read_back = read();
    EXPECT_EQ(read_back.run(), example_run);
    EXPECT_THAT(read_back.approvers(), ElementsAre("bob"));
    EXPECT_EQ(read_back.facts.run.requester, "alice");
    EXPECT_TRUE(read_back.decision.satisfied());
    keys = {SecretKey::generate().public_key()};
    EXPECT_NE(why_not(), "");
}

TEST_F(Approved, runs_that_did_not_wait_because_of_a_date_are_verified_without_the_feeds) {
    in_force(
        "schema: patchlab/policy/v1\nname: quick\nrelease-age: { days: 3000, due-within: [{ days: "
        "3, age: 0 }] }\napprovals: [{ role: release-manager }]\n");
    EXPECT_EQ(code_of([&] { approved_run(house, example_run); }), ErrorCode::refused);
    house.due = [&](const EvidenceFacts& facts) {
        return std::vector<PatchDue>{
            {facts.run.patches.at(0).id, "bod-26-04", house.now(), house.now(), "3 days, CVE-1"}};
    };
    approve("beth");
    fs::remove_all(documents);
    write_approval(approved_run(house, example_run), documents);
    house.due = nullptr;
    EXPECT_EQ(why_not(), "");
}

TEST_F(Approved, runs_that_are_not_are_refused_with_every_open_requirement) {
    reject("beth", "too slow");
    std::string words;
    EXPECT_EQ(code_of([&] { approved_run(house, example_run); }, &words), ErrorCode::refused);
    EXPECT_THAT(words, HasSubstr("rejection:beth (failed)"));
    EXPECT_EQ(code_of([&] { approved_run(house, "r-20260101-0001"); }), ErrorCode::not_found);
}

TEST_F(Approved, a_missing_a_foreign_or_an_exchanged_document_is_found) {
    fs::rename(documents / "ruling-02.dsse.json", documents / "kept");
    EXPECT_NE(why_not(), "");
    fs::rename(documents / "kept", documents / "ruling-02.dsse.json");
    write_file_atomic(documents / "more", "x");
    EXPECT_THAT(why_not(), HasSubstr("foreign file"));
    fs::remove(documents / "more");
    write_file_atomic(documents / "ruling-02.dsse.json",
                      read_file(documents / "ruling-01.dsse.json"));
    EXPECT_THAT(why_not(), HasSubstr("not the ruling that the decision looked at"));
}

TEST_F(Approved, an_approval_by_the_requester_is_found_though_all_signatures_are_good) {
    const SecretKey installation = house.keys.current(clock);
    ApprovedRun forged = read();
    Ruling& approval = forged.rulings.back();
    approval.author = "Alice";
    approval = sign_ruling(approval, SecretKey::generate(), installation);
    forged.decision.rulings.back() = approval.digest();
    Statement statement{{{reports::manifest_file, forged.facts.digest}},
                        "urn:patchlab:decision:v1",
                        to_json(forged.decision)};
    forged.decision_envelope = sign_statement(statement, installation);
    documents = folder.path() / "forged";
    write_approval(forged, documents);
    EXPECT_THAT(why_not(), HasSubstr("asked for the run"));
    EXPECT_EQ(code_of([&] { verify_approval(approval.envelope, "it", evidence, keys); }),
              ErrorCode::refused);
}

TEST_F(Approved, a_decision_that_does_not_follow_is_found_though_the_installation_signed_it) {
    ApprovedRun forged = read();
    forged.rulings.pop_back();
    forged.decision.rulings.pop_back();
    Statement statement{{{reports::manifest_file, forged.facts.digest}},
                        "urn:patchlab:decision:v1",
                        to_json(forged.decision)};
    forged.decision_envelope = sign_statement(statement, house.keys.current(clock));
    documents = folder.path() / "forged";
    write_approval(forged, documents);
    EXPECT_THAT(why_not(), HasSubstr("does not follow"));
}

TEST_F(Approved, other_evidence_is_refused) {
    Json other = validated_run();
    other["id"] = "r-20261123-0002";
    evidence = leave(other);
    EXPECT_THAT(why_not(), HasSubstr("about other evidence"));
}

TEST_F(Approved, runs_stay_so_for_as_long_as_their_waivers_last) {
    clock.pass(6);
    EXPECT_EQ(why_not(), "");
    clock.pass(2);
    EXPECT_THAT(why_not(), HasSubstr("waiver of 'drill' by carol was over"));
}

TEST_F(Approved, any_changed_byte_of_any_document_is_found) {
    make_writable(folder.path());
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(documents)) files.push_back(entry.path());
    for (const auto& entry : fs::recursive_directory_iterator(evidence))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    fs::permissions(evidence, fs::perms::owner_all);
    rc::check([&] {
        const fs::path file = *rc::gen::elementOf(files);
        const std::string before = read_file(file);
        std::string after = before;
        const auto at = *rc::gen::inRange<std::size_t>(0, before.size());
        after[at] = static_cast<char>(after[at] ^ *rc::gen::inRange(1, 256));
        std::ofstream(file, std::ios::binary) << after;
        const bool found = !why_not().empty();
        std::ofstream(file, std::ios::binary) << before;
        RC_ASSERT(found);
    });
    EXPECT_EQ(why_not(), "");
}

}  // namespace
}  // namespace patchlab::governance
