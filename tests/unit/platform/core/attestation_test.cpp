// SPDX-License-Identifier: Apache-2.0
#include "platform/core/attestation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab {
namespace {

const SecretKey& key() {
    static const SecretKey made = SecretKey::generate();
    return made;
}

const std::string& signed_text() {
    static const std::string text =
        sign_statement({{{"manifest.json", sha256_hex("m")}, {"package x 1", sha256_hex("x")}},
                        "urn:test",
                        {{"who", "alice"}}},
                       key());
    return text;
}

/// True when nobody would take the text for a statement of this key.
bool refused(const std::string& text, const std::vector<PublicKey>& trusted) {
    try {
        open_statement(text, "it", trusted);
        return false;
    } catch (const Error& error) {
        return error.code() == ErrorCode::invalid || error.code() == ErrorCode::refused;
    }
}

TEST(Attestation, signs_what_dsse_says) {
    EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
              "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Attestation, opens_what_a_trusted_key_signed) {
    const OpenedStatement opened = open_statement(
        signed_text(), "it", {SecretKey::generate().public_key(), key().public_key()});
    EXPECT_EQ(opened.signers, std::vector<std::string>{key().public_key().id()});
    EXPECT_EQ(opened.statement.digest_of("package x 1"), sha256_hex("x"));
    EXPECT_EQ(opened.statement.digest_of("package y 1"), "");
    EXPECT_EQ(opened.statement.predicate_type, "urn:test");
    EXPECT_EQ(opened.statement.predicate.at("who"), "alice");
}

TEST(Attestation, refuses_what_only_others_signed) {
    EXPECT_TRUE(refused(signed_text(), {SecretKey::generate().public_key()}));
    EXPECT_TRUE(refused(signed_text(), {}));
}

TEST(Attestation, refuses_a_signature_that_claims_to_be_of_a_trusted_key_beside_a_good_one) {
    const SecretKey other = SecretKey::generate();
    Envelope envelope = parse_envelope(signed_text(), "it");
    envelope.signatures.push_back({other.public_key().id(), std::string(64, 'x')});
    EXPECT_TRUE(refused(to_text(envelope), {key().public_key(), other.public_key()}));
}

TEST(Attestation, two_subjects_of_one_name_are_refused) {
    EXPECT_TRUE(refused(
        sign_statement({{{"a", sha256_hex("1")}, {"a", sha256_hex("2")}}, "urn:test", {}}, key()),
        {key().public_key()}));
}

RC_GTEST_PROP(AttestationProperty, any_changed_removed_or_added_byte_is_found, ()) {
    std::string text = signed_text();
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 3)) {
        case 0: text[at] = static_cast<char>(text[at] ^ *rc::gen::inRange(1, 256)); break;
        case 1: text.erase(at, 1); break;
        default: text.insert(at, 1, static_cast<char>(*rc::gen::inRange(0, 256))); break;
    }
    if (text == signed_text()) return;
    RC_ASSERT(refused(text, {key().public_key()}));
}

}  // namespace
}  // namespace patchlab
