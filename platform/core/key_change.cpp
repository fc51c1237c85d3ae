// SPDX-License-Identifier: Apache-2.0
#include "platform/core/key_change.hpp"

#include "platform/core/attestation.hpp"
#include "platform/core/error.hpp"

namespace patchlab {

namespace {

constexpr std::string_view key_change_type = "urn:patchlab:key-change:v1";
constexpr const char* old_key_subject = "key";
constexpr const char* agreement_words = "the agreement of the old key";

}  // namespace

std::string agree_to_key(const std::string& user, const std::string& to, const SecretKey& old_key) {
    return sign_statement({{{old_key_subject, old_key.public_key().id()}},
                           std::string(key_change_type),
                           {{"user", user}, {"to", to}}},
                          old_key);
}

void expect_agreement(std::string_view text, const std::string& user, const std::string& to,
                      const PublicKey& old_key) {
    const Statement statement = open_statement(text, agreement_words, {old_key}).statement;
    const JsonReader predicate(statement.predicate, agreement_words);
    if (statement.predicate_type != key_change_type ||
        statement.digest_of(old_key_subject) != old_key.id() || predicate.string("user") != user ||
        predicate.string("to") != to)
        throw Error(ErrorCode::refused, std::string(agreement_words) + " is to another change");
}

}  // namespace patchlab
