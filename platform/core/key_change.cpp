// SPDX-License-Identifier: Apache-2.0
#include "platform/core/key_change.hpp"

#include "platform/core/attestation.hpp"
#include "platform/core/error.hpp"

namespace patchlab {

namespace {

constexpr std::string_view key_change_type = "urn:patchlab:key-change:v1";
constexpr std::string_view possession_type = "urn:patchlab:key-possession:v1";
constexpr const char* key_subject = "key";
constexpr const char* agreement_words = "the agreement of the old key";
constexpr const char* possession_words = "the proof that the key is the user's";

}  // namespace

std::string agree_to_key(const std::string& user, const std::string& to, const SecretKey& old_key) {
    return sign_statement({{{key_subject, old_key.public_key().id()}},
                           std::string(key_change_type),
                           {{"user", user}, {"to", to}}},
                          old_key);
}

void expect_agreement(std::string_view text, const std::string& user, const std::string& to,
                      const PublicKey& old_key) {
    const Statement statement = open_statement(text, agreement_words, {old_key}).statement;
    const JsonReader predicate(statement.predicate, agreement_words);
    if (statement.predicate_type != key_change_type ||
        statement.digest_of(key_subject) != old_key.id() || predicate.string("user") != user ||
        predicate.string("to") != to)
        throw Error(ErrorCode::refused, std::string(agreement_words) + " is to another change");
}

std::string prove_possession(const std::string& user, const SecretKey& key) {
    return sign_statement(
        {{{key_subject, key.public_key().id()}}, std::string(possession_type), {{"user", user}}},
        key);
}

void expect_possession(std::string_view text, const std::string& user, const PublicKey& key) {
    const Statement statement = open_statement(text, possession_words, {key}).statement;
    const JsonReader predicate(statement.predicate, possession_words);
    if (statement.predicate_type != possession_type ||
        statement.digest_of(key_subject) != key.id() || predicate.string("user") != user)
        throw Error(ErrorCode::refused,
                    std::string(possession_words) + " is about another user or key");
}

}  // namespace patchlab
