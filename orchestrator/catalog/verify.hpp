// SPDX-License-Identifier: Apache-2.0
//
// The whole chain of a catalog entry, checked offline from its folder and the public keys alone:
// the entry's signature, that every file is what was signed and none was added, the seal and
// signature of the evidence, the approvals over that very evidence by others than the one who asked
// for it, and that the packages are those that the evidence tested. Whoever deploys or publishes
// asks here first. Pure functions that read files; thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/catalog/entry.hpp"
#include "platform/core/signing.hpp"

namespace patchlab::catalog {

/// Whose signatures count.
struct Trust {
    std::vector<PublicKey> catalog;       ///< sign entries and snapshots
    std::vector<PublicKey> installation;  ///< sign evidence, countersign approvals
};
/// The keys of this state folder, today's and older ones.
Trust trust_of(const std::filesystem::path& state);

struct Refusal {
    std::string what;  ///< "old/nginx-1.0", "evidence/run.json", "approval of rhea"
    std::string why;   ///< "has other bytes than were approved"
    std::string text() const { return what + ": " + why; }
};

/// Everything that does not hold; empty: the chain is whole. Never throws for what is wrong with
/// the folder. `id`: the entry it must be; empty: whichever it is. Waivers must have lasted when
/// the entry was made: that one is over since then is told by standing.hpp.
std::vector<Refusal> verify_entry(const std::filesystem::path& folder, const Trust& trust,
                                  const std::string& id = {});

/// The entry in a folder whose chain is whole. Error(refused) naming what does not hold.
Entry open_entry(const std::filesystem::path& folder, const Trust& trust,
                 const std::string& id = {});

/// Error(refused) with all of them in one line, unless there is none. `activity` opens it: "entry
/// 'e-1' cannot be deployed".
void refuse(const std::vector<Refusal>& refusals, const std::string& activity);

}  // namespace patchlab::catalog
