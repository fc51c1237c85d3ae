// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/bisect.hpp"

#include <algorithm>
#include <map>

#include "orchestrator/families/package_family.hpp"

namespace patchlab::pipeline {

namespace {

class Search {
  public:
    Search(const std::vector<PatchSet>& needs,
           const std::function<TrialAnswer(const PatchSet&)>& attempt)
        : needs_(needs), attempt_(attempt) {}

    BisectResult run() {
        PatchSet all;
        for (std::size_t i = 0; i < needs_.size(); ++i) all.insert(i);
        known_[all] = TrialAnswer::fails;
        const PatchSet guess = halve(all);
        result_.smallest = fails(guess) ? narrow(guess) : narrow(smallest_known_);
        return std::move(result_);
    }

  private:
    /// With everything that it needs.
    PatchSet closed(PatchSet set) const {
        for (bool grew = true; grew;) {
            grew = false;
            for (const std::size_t i : PatchSet(set))
                for (const std::size_t need : needs_[i]) grew = set.insert(need).second || grew;
        }
        return set;
    }

    bool fails(const PatchSet& set) {
        if (set.empty()) return false;
        const auto known = known_.find(set);
        const TrialAnswer answer = known != known_.end() ? known->second : attempt_(set);
        if (known == known_.end()) {
            known_[set] = answer;
            result_.steps.push_back({set, answer});
            if (answer == TrialAnswer::unknown) result_.certain = false;
        }
        if (answer == TrialAnswer::fails &&
            (smallest_known_.empty() || set.size() < smallest_known_.size()))
            smallest_known_ = set;
        return answer == TrialAnswer::fails;
    }

    static std::vector<PatchSet> split(const PatchSet& set, std::size_t parts) {
        std::vector<PatchSet> chunks(parts);
        std::size_t at = 0;
        for (const std::size_t i : set) chunks[at++ * parts / set.size()].insert(i);
        return chunks;
    }

    static PatchSet without(const PatchSet& set, const PatchSet& less) {
        PatchSet rest;
        std::set_difference(set.begin(), set.end(), less.begin(), less.end(),
                            std::inserter(rest, rest.end()));
        return rest;
    }

    /// One culprit is assumed: when one half passes, it must be in the other, which is not tried.
    PatchSet halve(PatchSet current) {
        smallest_known_ = current;
        while (current.size() > 1) {
            const auto halves = split(current, 2);
            const PatchSet first = closed(halves[0]), second = closed(halves[1]);
            if (first.size() < current.size() && fails(first)) current = first;
            else if (second.size() < current.size()) current = second;
            else break;
        }
        return current;
    }

    /// `current` fails. Smaller and smaller pieces, and what remains without them.
    PatchSet narrow(PatchSet current) {
        for (std::size_t parts = 2; current.size() > 1 && parts <= current.size();) {
            const auto chunks = split(current, parts);
            const auto smaller = [&](const PatchSet& part) {
                const PatchSet set = closed(part);
                return set.size() < current.size() && fails(set) ? set : PatchSet();
            };
            PatchSet found;
            for (const PatchSet& chunk : chunks)
                if (found.empty()) found = smaller(chunk);
            for (const PatchSet& chunk : chunks)
                if (found.empty() && parts > 2) found = smaller(without(current, chunk));
            if (!found.empty()) {
                current = found;
                parts = 2;
            } else if (parts < current.size()) {
                parts = std::min(parts * 2, current.size());
            } else {
                break;
            }
        }
        return current;
    }

    const std::vector<PatchSet>& needs_;
    const std::function<TrialAnswer(const PatchSet&)>& attempt_;
    std::map<PatchSet, TrialAnswer> known_;
    PatchSet smallest_known_;
    BisectResult result_;
};

using families::PackageFamily;
using families::Relation;
using families::Requirement;

bool installed_somewhere(const PackageFamily& family, const Relation& relation,
                         const std::vector<InstalledPackages>& machines) {
    return std::any_of(machines.begin(), machines.end(), [&](const InstalledPackages& machine) {
        const auto found = machine.find(relation.name);
        return found != machine.end() && family.satisfies(found->second, relation);
    });
}

bool provides(const PackageFamily& family, const intake::Patch& patch, const Relation& relation) {
    return patch.kind == family.name() &&
           std::any_of(patch.packages.begin(), patch.packages.end(),
                       [&](const intake::PatchPackage& package) {
                           return package.name == relation.name &&
                                  family.satisfies(package.to, relation);
                       });
}

/// What one patch's packages require.
std::vector<Requirement> requirements_of(const PackageFamily& family, const intake::Patch& patch) {
    std::vector<Requirement> all;
    for (const intake::PatchPackage& package : patch.packages)
        for (Requirement& one : family.read_facts(patch.folder / "new" / package.file).requirements)
            all.push_back(std::move(one));
    return all;
}

}  // namespace

BisectResult find_smallest_failing(const std::vector<PatchSet>& needs,
                                   const std::function<TrialAnswer(const PatchSet&)>& attempt) {
    return Search(needs, attempt).run();
}

std::vector<PatchSet> needs_within(const std::vector<intake::Patch>& bundle,
                                   const std::vector<InstalledPackages>& machines) {
    std::vector<PatchSet> needs(bundle.size());
    for (std::size_t i = 0; i < bundle.size(); ++i) {
        const PackageFamily& family = families::family(bundle[i].kind);
        for (const Requirement& group : requirements_of(family, bundle[i])) {
            const bool met = std::any_of(group.begin(), group.end(), [&](const Relation& relation) {
                return installed_somewhere(family, relation, machines) ||
                       provides(family, bundle[i], relation);
            });
            for (std::size_t j = 0; !met && j < bundle.size(); ++j)
                if (j != i && std::any_of(group.begin(), group.end(), [&](const Relation& one) {
                        return provides(family, bundle[j], one);
                    }))
                    needs[i].insert(j);
        }
    }
    return needs;
}

}  // namespace patchlab::pipeline
