// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a signed statement and as public keys: refused, or an envelope whose text is exactly
// what was read; and nobody's signature is found in what nobody signed.
#include <cstdint>
#include <cstdlib>

#include "platform/core/attestation.hpp"
#include "platform/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab;
    static const PublicKey stranger = SecretKey::generate().public_key();
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        const Envelope envelope = parse_envelope(text, "fuzz");
        if (to_text(envelope) != text) std::abort();
        if (envelope.signed_by(stranger)) std::abort();
        statement_of(envelope, "fuzz");
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) std::abort();
    }
    try {
        open_statement(text, "fuzz", {stranger});
        std::abort();
    } catch (const Error&) {
    }
    try {
        for (const PublicKey& key : public_keys_from_pem(text, "fuzz"))
            if (public_keys_from_pem(key.pem(), "again").size() != 1) std::abort();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) std::abort();
    }
    return 0;
}
