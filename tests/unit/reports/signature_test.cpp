// SPDX-License-Identifier: Apache-2.0
//
// Signed evidence: who has the folder and the public key finds any change of it.
#include "reports/signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "evidence_fixture.hpp"
#include "platform/core/error.hpp"
#include "reports/evidence.hpp"
#include "reports/manifest.hpp"

namespace patchlab::reports {
namespace {

using testing::HasSubstr;

const SecretKey& key() {
    static const SecretKey made = SecretKey::generate();
    return made;
}

/// Intact and signed by the key: what `evidence verify DIR --key FILE` answers.
bool holds(const std::filesystem::path& folder) {
    try {
        return verify(folder).ok() &&
               check_signature(folder, {key().public_key()}).state == SignatureState::good;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid && error.code() != ErrorCode::not_found) throw;
        return false;
    }
}

void fill_and_sign(const EvidenceFolder& folder, const std::string& run = "") {
    folder.fill();
    if (!run.empty()) folder.write("run.json", run);
    seal(folder.path());
    sign(folder.path(), key());
    folder.make_writable();
}

TEST(EvidenceSignature, is_good_for_its_key_bad_for_others_and_unchecked_without_one) {
    const EvidenceFolder folder;
    fill_and_sign(folder);
    EXPECT_TRUE(holds(folder.path()));
    EXPECT_EQ(check_signature(folder.path(), {SecretKey::generate().public_key()}).state,
              SignatureState::bad);
    const SignatureCheck unchecked = check_signature(folder.path(), {});
    EXPECT_EQ(unchecked.state, SignatureState::unchecked);
    EXPECT_EQ(unchecked.key_id, key().public_key().id());
    EXPECT_THROW(sign(folder.path(), key()), Error);
    std::filesystem::remove(folder.path() / signature_file);
    EXPECT_EQ(check_signature(folder.path(), {key().public_key()}).state, SignatureState::none);
}

TEST(EvidenceSignature, names_run_verdict_and_who_asked_for_it) {
    const EvidenceFolder folder;
    fill_and_sign(
        folder,
        R"({"schema":"patchlab/run/v1","id":"r-1","lab":"l","verdict":"needs-review","requester":"alice"})");
    const Statement statement = evidence_statement(folder.path());
    EXPECT_EQ(statement.predicate.at("patchlab").at("requester"), "alice");
    EXPECT_EQ(statement.predicate.at("result"), "WARNED");
    EXPECT_EQ(statement.digest_of(manifest_file), verify(folder.path()).digest);
}

TEST(EvidenceSignature, that_says_something_else_than_the_run_is_bad_though_its_key_is_trusted) {
    const EvidenceFolder folder;
    folder.fill();
    seal(folder.path());
    folder.make_writable();
    Statement statement = evidence_statement(folder.path());
    statement.predicate["patchlab"]["requester"] = "somebody else";
    folder.write(signature_file, sign_statement(statement, key()));
    const SignatureCheck check = check_signature(folder.path(), {key().public_key()});
    EXPECT_EQ(check.state, SignatureState::bad);
    EXPECT_THAT(check.problem, HasSubstr("something else than run.json"));
}

TEST(EvidenceSignature, of_other_evidence_is_bad) {
    const EvidenceFolder one, other;
    fill_and_sign(one);
    fill_and_sign(other,
                  R"({"schema":"patchlab/run/v1","id":"r-2","lab":"l","verdict":"validated"})");
    other.write(signature_file, read_file(one.path() / signature_file));
    EXPECT_EQ(check_signature(other.path(), {key().public_key()}).state, SignatureState::bad);
}

TEST(EvidenceSignature, in_place_of_which_stands_a_link_is_bad) {
    const EvidenceFolder folder;
    fill_and_sign(folder);
    std::filesystem::rename(folder.path() / signature_file, folder.path().parent_path() / "moved");
    std::filesystem::create_symlink("../moved", folder.path() / signature_file);
    EXPECT_FALSE(holds(folder.path()));
}

/// One signed folder for all cases, since sealing waits for the disk; each case puts back what it
/// changed.
const EvidenceFolder& signed_folder() {
    static const EvidenceFolder folder;
    static const bool made = [] {
        fill_and_sign(folder);
        return true;
    }();
    (void)made;
    return folder;
}

RC_GTEST_PROP(SignedEvidenceProperty,
              any_changed_cut_or_added_byte_and_any_file_more_or_less_is_found, ()) {
    const EvidenceFolder& folder = signed_folder();
    const std::string file = *rc::gen::elementOf(folder.files());
    const std::string before = read_file(folder.path() / file);
    std::string bytes = before;
    const auto at =
        before.empty() ? std::size_t{0} : *rc::gen::inRange<std::size_t>(0, before.size());
    const int kind = *rc::gen::inRange(0, 5);
    const bool change = kind == 0 && !before.empty(), cut = kind == 1 && !before.empty();
    if (change) bytes[at] = static_cast<char>(bytes[at] ^ *rc::gen::inRange(1, 256));
    else if (cut) bytes.erase(at, 1);
    else if (kind == 2 || before.empty()) bytes.insert(at, 1, *rc::gen::arbitrary<char>());
    if (kind == 3) std::filesystem::remove(folder.path() / file);
    else if (kind == 4)
        folder.write("logs/" + std::to_string(*rc::gen::inRange(0, 1000)) + ".added",
                     *rc::gen::arbitrary<std::string>());
    else folder.write(file, bytes);
    const bool found = !holds(folder.path());
    for (const std::string& name : folder.files())
        if (name.ends_with(".added")) std::filesystem::remove(folder.path() / name);
    folder.write(file, before);
    RC_ASSERT(found);
    RC_ASSERT(holds(folder.path()));
}

}  // namespace
}  // namespace patchlab::reports
