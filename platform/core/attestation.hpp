// SPDX-License-Identifier: Apache-2.0
//
// Signed statements: an in-toto Statement v1 in a DSSE envelope
// (https://github.com/secure-systems-lab/dsse), signed with Ed25519. What is said about which
// bytes, by whom. The text of an envelope is canonical (one value has one text), so that any
// changed byte is found, those outside of the payload as well. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/core/signing.hpp"

namespace patchlab {

inline constexpr std::string_view statement_payload_type = "application/vnd.in-toto+json";
inline constexpr std::size_t max_envelope_bytes = 64U << 20;

/// What a statement is about, by its digest.
struct StatementSubject {
    std::string name;
    std::string sha256;  ///< 64 hex digits
};

struct Statement {
    std::vector<StatementSubject> subjects;
    std::string predicate_type;  ///< a URI
    Json predicate;

    /// The digest of the subject of this name, or empty.
    std::string digest_of(std::string_view subject) const;
};

/// A DSSE envelope: a payload and who signed it.
struct Envelope {
    struct Signature {
        std::string key_id;
        std::string bytes;
    };
    std::string payload_type;
    std::string payload;
    std::vector<Signature> signatures;

    /// Adds the signature of `key` over payload and type.
    void sign(const SecretKey& key);
    /// True when a signature of this key is there and good.
    bool signed_by(const PublicKey& key) const;
    /// True when a signature claims to be of this key.
    bool claims(const PublicKey& key) const;
};

/// What is signed: "DSSEv1 LEN TYPE LEN PAYLOAD".
std::string pre_authentication_encoding(std::string_view type, std::string_view payload);

/// The canonical text, with a final newline.
std::string to_text(const Envelope& envelope);
/// Error(invalid) unless `text` is exactly what to_text() writes; `where` names it in errors.
/// Checks no signature.
Envelope parse_envelope(std::string_view text, std::string_view where);

/// A statement as an unsigned envelope, to be signed by one or several.
Envelope envelope_of(const Statement& statement);
/// The statement in an envelope whose signatures the caller has checked. Error(invalid) when it
/// holds none.
Statement statement_of(const Envelope& envelope, std::string_view where);

/// The text of a statement signed by one key.
std::string sign_statement(const Statement& statement, const SecretKey& key);

struct OpenedStatement {
    Statement statement;
    std::vector<std::string> signers;  ///< ids of the trusted keys that signed it; never empty
};

/// Opens a statement that at least one of the trusted keys signed; of a retired one, only a
/// document that it signed before. Error(invalid): not a signed statement. Error(refused): none of
/// the trusted keys signed it, or a signature that claims to be of one of them is wrong.
OpenedStatement open_statement(std::string_view text, std::string_view where,
                               const std::vector<PublicKey>& trusted);

}  // namespace patchlab
