// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/taken_back_offers.hpp"

#include "orchestrator/operations/documents.hpp"

namespace patchlab::operations {

namespace {

Json taken_back_json(const std::string& entry, const std::string& state, const std::string& since,
                     const std::string& reason) {
    return {{"entry", entry}, {"state", state}, {"since", or_null(since)}, {"reason", reason}};
}

}  // namespace

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
        return taken_back_json(id, std::string(catalog::name(standing.state)), standing.since,
                               standing.reason);
    if (standing.objections.empty()) return nullptr;
    const catalog::Objection& objection = standing.objections.front();
    return taken_back_json(id, standing.word(), objection.since, objection.why);
}

Json TakenBackOffers::patch(const std::string& id) {
    std::set<std::string> digests;
    for (const intake::PatchPackage& package : patches_.get(id).packages)
        digests.insert(package.sha256);
    const std::vector<governance::TakenBackEntry> found =
        catalog::taken_back_with(session_.state(), session_.database(), digests);
    if (found.empty()) return nullptr;
    const governance::TakenBackEntry& last = found.back();
    return taken_back_json(last.entry, last.state, last.since, last.reason);
}

}  // namespace patchlab::operations
