// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/taken_back_offers.hpp"

#include "orchestrator/operations/documents.hpp"

namespace patchlab::operations {

TakenBackOffers::TakenBackOffers(Call& call)
    : session_(call.session),
      entries_(call.session.state(), call.session.database()),
      patches_(call.session.state(), call.session.database()),
      standings_(call.session.governance(), entries_) {}

Json TakenBackOffers::of(const inventory::Offer& offer) {
    return offer.kind == "entry" ? entry(offer.id) : patch(offer.id);
}

/// A superseded entry is no worse than before: another one brings the newer version.
Json TakenBackOffers::entry(const std::string& id) {
    const catalog::Standing standing = standings_.of(entries_.get(id));
    if (catalog::is_taken_back(standing.state))
        return {{"entry", id},
                {"state", std::string(catalog::name(standing.state))},
                {"since", or_null(standing.since)},
                {"reason", standing.reason}};
    if (standing.objections.empty()) return nullptr;
    return {{"entry", id},
            {"state", standing.word()},
            {"since", or_null(standing.objections.front().since)},
            {"reason", standing.objections.front().why}};
}

Json TakenBackOffers::patch(const std::string& id) {
    std::set<std::string> digests;
    for (const intake::PatchPackage& package : patches_.get(id).packages)
        digests.insert(package.sha256);
    const std::vector<governance::TakenBackEntry> found =
        catalog::taken_back_with(session_.state(), session_.database(), digests);
    if (found.empty()) return nullptr;
    return {{"entry", found.back().entry},
            {"state", found.back().state},
            {"since", or_null(found.back().since)},
            {"reason", found.back().reason}};
}

}  // namespace patchlab::operations
