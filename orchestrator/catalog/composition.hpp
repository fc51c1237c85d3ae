// SPDX-License-Identifier: Apache-2.0
//
// What a channel offers, and the signed repository made of it (build_repository(), which writes
// one folder; the rest are pure functions). Composed from the entries that were promoted into it:
// of each package the newest version that is still approved, and the exact old versions for the way
// back. A package whose entry was taken back falls to the next older entry, else to the old
// versions that its entry kept; what was taken back itself never stands in a channel again, not
// even as somebody else's old version. Thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/catalog/entry.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/repository.hpp"

namespace patchlab::catalog {

/// An entry of a channel.
struct Candidate {
    Entry entry;
    EntryState state = EntryState::offered;
    bool live() const { return !is_taken_back(state); }
};

///   offer      the newest approved version
///   way_back   an older version that somebody may have to return to; after a withdrawal it is the
///              newest there is
enum class PackageRole { offer, way_back };
std::string_view name(PackageRole role);

struct ChannelPackage {
    std::string name, architecture, format;
    EntryFile file;
    std::string entry;  ///< that brought it
    PackageRole role = PackageRole::offer;
    bool leads_back = false;  ///< hosts that have a newer version return to it: that was taken back
};

struct Composition {
    std::vector<ChannelPackage> packages;  ///< by format, name, architecture, version; each once
    std::map<std::string, std::string>
        superseded_by;  ///< live entries that offer nothing any more → one that took their place
};

/// `candidates`: in the order in which they were promoted; of equal versions the later one offers.
/// Error(conflict) when two different files claim the same name, architecture and version.
Composition compose(const std::vector<Candidate>& candidates);

/// Why `newer` may not join: "nginx 1.2 is offered already, by e-…"; empty when it may. Nobody is
/// to be led back in silence.
std::string conflict_with(const std::vector<Candidate>& candidates, const Entry& newer);

// Signed repositories from packages that were approved: what a channel's snapshot is made of.
// Thread safety: free function; one folder a call.

/// Makes a family's repository from nothing but the packages of the request and signs it when its
/// index holds exactly these packages and these bytes, which is else Error(refused). Gives the
/// signed files.
std::vector<families::SignedFile> build_repository(const families::PackageFamily& family,
                                                   const families::RepositoryRequest& request,
                                                   families::Signer& signer,
                                                   process::CommandRunner& runner);

}  // namespace patchlab::catalog
