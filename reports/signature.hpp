// SPDX-License-Identifier: Apache-2.0
//
// The signature of sealed evidence: evidence.dsse.json beside the manifest, an in-toto Statement
// (predicate: test result) over the sha256 of manifest.json and of every rehearsed package, in a
// DSSE envelope. Who has the folder and the public key needs nothing else.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/core/attestation.hpp"

namespace patchlab::reports {

inline constexpr std::string_view test_result_predicate =
    "https://in-toto.io/attestation/test-result/v0.1";

/// What is signed about a sealed folder: result, the checks by how they came out, verdict, who
/// asked for the run.
Statement evidence_statement(const std::filesystem::path& folder);

/// Signs a sealed folder that is not signed yet. Error(conflict) when it is; Error(not_found) when
/// it is not sealed.
void sign(const std::filesystem::path& folder, const SecretKey& key);

/// Adds the signature of another key to evidence that is signed already: who has it vouches for
/// whose signature that is. Nothing changes when this key signed it before. Error(not_found) when
/// it is not signed; Error(refused) when the signature is over something else.
void countersign(const std::filesystem::path& folder, const SecretKey& key);

///   none       there is no signature
///   unchecked  there is one, and no key was given to check it with
///   good       one of the given keys signed this very evidence
///   bad        `problem` says why not
enum class SignatureState { none, unchecked, good, bad };

struct SignatureCheck {
    SignatureState state = SignatureState::none;
    std::string key_id;   ///< of the key that signed, as the envelope says; proven when good
    std::string problem;  ///< when bad
};

/// Checks the signature alone; the files are verify()'s. Error(not_found) when there is no
/// manifest.
SignatureCheck check_signature(const std::filesystem::path& folder,
                               const std::vector<PublicKey>& trusted);

}  // namespace patchlab::reports
