// SPDX-License-Identifier: Apache-2.0
#include "platform/core/attestation.hpp"

#include <algorithm>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab {

namespace {

constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";
constexpr std::size_t max_signatures = 16;

}  // namespace

std::string Statement::digest_of(std::string_view subject) const {
    for (const StatementSubject& candidate : subjects)
        if (candidate.name == subject) return candidate.sha256;
    return {};
}

std::string pre_authentication_encoding(std::string_view type, std::string_view payload) {
    std::string text = "DSSEv1 " + std::to_string(type.size()) + " ";
    text.append(type)
        .append(" ")
        .append(std::to_string(payload.size()))
        .append(" ")
        .append(payload);
    return text;
}

void Envelope::sign(const SecretKey& key) {
    signatures.push_back(
        {key.public_key().id(), key.sign(pre_authentication_encoding(payload_type, payload))});
}

bool Envelope::claims(const PublicKey& key) const {
    return std::any_of(signatures.begin(), signatures.end(),
                       [id = key.id()](const Signature& s) { return s.key_id == id; });
}

bool Envelope::signed_by(const PublicKey& key) const {
    const std::string id = key.id();
    const std::string bytes = pre_authentication_encoding(payload_type, payload);
    return std::any_of(signatures.begin(), signatures.end(), [&](const Signature& s) {
        return s.key_id == id && key.verifies(bytes, s.bytes);
    });
}

std::string to_text(const Envelope& envelope) {
    Json signatures = Json::array();
    for (const Envelope::Signature& signature : envelope.signatures)
        signatures.push_back(
            {{"keyid", signature.key_id}, {"sig", base64_encode(signature.bytes)}});
    Json json;
    json["payloadType"] = envelope.payload_type;
    json["payload"] = base64_encode(envelope.payload);
    json["signatures"] = std::move(signatures);
    return to_text(json);
}

Envelope parse_envelope(std::string_view text, std::string_view where) {
    const Json document = parse_json(text, where, max_envelope_bytes);
    const JsonReader json(document, std::string(where));
    Envelope envelope;
    envelope.payload_type = json.string("payloadType");
    envelope.payload = base64_decode(json.string("payload"));
    for (const JsonReader& item : json.objects("signatures")) {
        if (envelope.signatures.size() == max_signatures)
            json.fail("signatures", "has too many entries");
        envelope.signatures.push_back({item.string("keyid"), base64_decode(item.string("sig"))});
    }
    if (envelope.signatures.empty()) json.fail("signatures", "is empty: nobody signed it");
    if (to_text(envelope) != text)
        json.fail("payload",
                  "stands in an envelope that was not written by patchlab or was changed");
    return envelope;
}

Envelope envelope_of(const Statement& statement) {
    Json subjects = Json::array();
    for (const StatementSubject& subject : statement.subjects) {
        if (!is_sha256(subject.sha256))
            throw Error(ErrorCode::internal,
                        "the subject '" + subject.name + "' of a statement has no sha256");
        subjects.push_back({{"name", subject.name}, {"digest", {{"sha256", subject.sha256}}}});
    }
    if (subjects.empty()) throw Error(ErrorCode::internal, "a statement is about nothing");
    Json json;
    json["_type"] = statement_type;
    json["subject"] = std::move(subjects);
    json["predicateType"] = statement.predicate_type;
    json["predicate"] = statement.predicate;
    return {std::string(statement_payload_type), to_line(json), {}};
}

Statement statement_of(const Envelope& envelope, std::string_view where) {
    if (envelope.payload_type != statement_payload_type)
        throw Error(ErrorCode::invalid,
                    std::string(where) + ": the signed payload is not an in-toto statement");
    const Json document = parse_json(envelope.payload, where, max_envelope_bytes);
    const JsonReader json(document, std::string(where));
    if (json.string("_type") != statement_type)
        json.fail("_type", "is not " + std::string(statement_type));
    Statement statement;
    for (const JsonReader& subject : json.objects("subject")) {
        statement.subjects.push_back(
            {subject.string("name"), subject.object("digest").string("sha256")});
        const StatementSubject& added = statement.subjects.back();
        if (!is_sha256(added.sha256)) subject.fail("digest", "must be 64 hex digits");
        if (std::count_if(statement.subjects.begin(), statement.subjects.end(),
                          [&](const auto& s) { return s.name == added.name; }) > 1)
            subject.fail("name", "is there twice");
    }
    if (statement.subjects.empty()) json.fail("subject", "is empty");
    statement.predicate_type = json.string("predicateType");
    statement.predicate = json.raw("predicate");
    return statement;
}

std::string sign_statement(const Statement& statement, const SecretKey& key) {
    Envelope envelope = envelope_of(statement);
    envelope.sign(key);
    return to_text(envelope);
}

OpenedStatement open_statement(std::string_view text, std::string_view where,
                               const std::vector<PublicKey>& trusted) {
    const Envelope envelope = parse_envelope(text, where);
    OpenedStatement opened;
    const std::string document = sha256_hex(text);
    std::string retired;
    for (const PublicKey& key : trusted) {
        if (!envelope.claims(key)) continue;
        if (!envelope.signed_by(key))
            throw Error(ErrorCode::refused, std::string(where) + ": the signature of key " +
                                                key.id().substr(0, 16) + " is wrong");
        if (key.vouches_for(document)) opened.signers.push_back(key.id());
        else retired = key.id();
    }
    if (opened.signers.empty() && !retired.empty())
        throw Error(ErrorCode::refused,
                    std::string(where) + " is signed by key " + retired.substr(0, 16) +
                        ", which was retired, and is not on record from before that");
    if (opened.signers.empty())
        throw Error(ErrorCode::refused, std::string(where) +
                                            " is signed by none of the trusted keys, but by " +
                                            envelope.signatures.front().key_id.substr(0, 16));
    opened.statement = statement_of(envelope, where);
    return opened;
}

}  // namespace patchlab
