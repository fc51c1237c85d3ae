// SPDX-License-Identifier: Apache-2.0
//
// A catalog entry: what an approved run proved, and all that a rollout may deploy. It names each
// artifact by its sha256, the new one and the exact old one for the way back, and binds both to the
// digest of the evidence that earned the approval. entry.json (schema patchlab/entry/v1) is written
// once and signed; where an entry *is* (offered, superseded, …) is kept in the store, not in here.
//   catalog/entries/<id>/entry.json        this value
//   catalog/entries/<id>/entry.dsse.json   its signature
//   catalog/entries/<id>/evidence/         a copy of the run's evidence, sealed and signed
//   catalog/entries/<id>/approvals/        the signed decision, its policy and the signed rulings
//                                          (governance/approved_run.hpp)
//   catalog/entries/<id>/keys/             the public keys of all that signed: the folder can be
//                                          verified offline
//   catalog/entries/<id>/new/ old/         the packages: what was tested, and the exact versions it
//                                          replaced
// Values; thread-safe as such.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "platform/core/signing.hpp"

namespace patchlab::catalog {

/// `superseded`: a newer entry offers the same packages wherever this one was. `withdrawn`: taken
/// back by a person. `quarantined`: lab and production disagreed about it. `recalled`: a rollout
/// that went well was backed out; it may be released again. Only an offered entry may be deployed.
enum class EntryState { offered, superseded, withdrawn, quarantined, recalled };
std::string_view name(EntryState state);
/// Error(invalid) for an unknown word.
EntryState entry_state_from(std::string_view word);
/// Whether an entry in this state was taken back: withdrawn, quarantined or recalled.
bool is_taken_back(EntryState state);

/// One file below new/ or old/.
struct EntryFile {
    std::string file;     ///< a plain file name
    std::string version;  ///< of the package in it
    std::string sha256;
    std::uint64_t bytes = 0;
};

struct EntryPackage {
    std::string name;
    std::string architecture;
    std::string format = "deb";     ///< deb | rpm
    EntryFile after;                ///< below new/: exactly what was rehearsed
    std::vector<EntryFile> before;  ///< below old/: the exact versions it replaced (labs may hold
                                    ///< several); empty: a new package, or not to be had
    bool was_installed = false;     ///< the lab had an older version of it; with an empty `before`
                                    ///< there is no exact way back
    bool prerequisite = false;
};

/// What of the patch a rollout and a reader need.
struct EntryPatch {
    std::string id, source, version, urgency;
    std::vector<std::string> advisories;  ///< CVE numbers
    bool reboot = false;
    std::string reboot_why;
    std::vector<std::string> restarts;
};

struct Entry {
    std::string id;       ///< "e-20261123-0001"
    std::string created;  ///< RFC 3339
    std::string run;
    std::string lab;
    std::string verdict;          ///< as judged in the lab
    std::string evidence_digest;  ///< sha256 of the evidence's manifest.json
    std::string requester;
    std::vector<std::string> approvers;
    std::vector<EntryPatch> patches;
    std::vector<EntryPackage> packages;
    std::vector<std::string>
        suites;  ///< names of the suites the lab ran: the gate of each ring runs them again

    /// True when every package that replaces one carries its exact old version.
    bool has_way_back() const;
    const EntryPackage* package(std::string_view name) const;
};

Json to_json(const Entry& entry);
/// Every name, version, digest and file name is checked; Error(invalid).
Entry entry_from_json(const Json& json);

/// The published JSON Schema (2020-12).
std::string_view entry_schema();

// The signature of an entry's folder: an in-toto Statement over entry.json and every other file (of
// the evidence its manifest and its signature, which vouch for the rest). What is written here
// verify.hpp reads. Thread safety: free functions.

inline constexpr std::string_view entry_predicate = "urn:patchlab:catalog-entry:v1";
inline constexpr const char* entry_file = "entry.json";
inline constexpr const char* entry_signature_file = "entry.dsse.json";

/// Paths of the files that the entry's signature is about, sorted. Error(refused) for a link or a
/// special file.
std::vector<std::string> files_to_sign(const std::filesystem::path& folder);

/// Signs a complete folder; run, digest of the evidence and approvers stand beside the digests, for
/// readers that know in-toto alone.
void sign_entry(const std::filesystem::path& folder, const SecretKey& key);

}  // namespace patchlab::catalog
