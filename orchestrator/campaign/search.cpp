// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/campaign/search.hpp"

#include <algorithm>

#include "platform/core/error.hpp"

namespace patchlab::campaign {

namespace {

constexpr std::size_t silent_trials = 4;  ///< without any answer: the lab has none to give

PatchSet united(PatchSet a, const PatchSet& b) {
    a.insert(b.begin(), b.end());
    return a;
}

bool share(const PatchSet& a, const PatchSet& b) {
    return std::any_of(a.begin(), a.end(), [&](std::size_t i) { return b.contains(i); });
}

/// Patches that are installed together or not at all, because each needs the others.
struct Unit {
    PatchSet patches;
    PatchSet closed;  ///< with everything that they need
};

/// In an order in which a unit comes after all that it needs: a set with everything that a patch
/// needs is larger than each of those inside it.
std::vector<Unit> units_of(const std::vector<PatchSet>& needs) {
    std::vector<Unit> units;
    PatchSet taken;
    for (std::size_t i = 0; i < needs.size(); ++i) {
        if (taken.contains(i)) continue;
        Unit unit{{}, with_needs(needs, {i})};
        for (const std::size_t j : unit.closed)
            if (with_needs(needs, {j}).contains(i)) unit.patches.insert(j);
        taken = united(taken, unit.patches);
        units.push_back(std::move(unit));
    }
    std::stable_sort(units.begin(), units.end(), [](const Unit& a, const Unit& b) {
        return a.closed.size() < b.closed.size();
    });
    return units;
}

using Units = std::vector<const Unit*>;

PatchSet patches_of(const Units& units) {
    PatchSet all;
    for (const Unit* unit : units) all = united(std::move(all), unit->patches);
    return all;
}

/// Those from `first` on, before `last`.
Units part_of(const Units& units, std::size_t first, std::size_t last) {
    const auto at = [&](std::size_t i) { return units.begin() + static_cast<std::ptrdiff_t>(i); };
    return Units(at(first), at(last));
}

class Search {
  public:
    Search(const Problem& problem, const std::vector<Trial>& trials)
        : problem_(problem), trials_(trials), units_(units_of(problem.needs)) {
        step_.findings.resize(problem.needs.size());
        for (const Unit& unit : units_) pending_.push_back(&unit);
    }

    Step run() {
        if (lab_is_silent()) give_up();
        else if (find_base()) look_at_each_aside();
        conclude();
        return std::move(step_);
    }

  private:
    struct Aside {
        const Unit* unit = nullptr;
        PatchSet failing;  ///< the set that was tried
        PatchSet without;  ///< validated without it
    };

    // What the trials say

    /// The trial of exactly this set that counts; nullopt asks for one.
    std::optional<std::size_t> ask(const PatchSet& set, const std::string& why) {
        std::optional<std::size_t> last;
        std::size_t tried = 0;
        for (std::size_t i = 0; i < trials_.size(); ++i) {
            if (trials_[i].patches != set) continue;
            ++tried;
            last = i;
            if (trials_[i].verdict != Verdict::inconclusive) break;
        }
        const bool answered =
            last && (trials_[*last].verdict != Verdict::inconclusive || tried >= tries_of_a_set);
        if (asked_.insert(set).second && answered) ++used_;
        if (answered) return last;
        step_.wanted = set;
        step_.why = tried > 0 ? why + ", once more: the lab gave no answer" : why;
        return std::nullopt;
    }

    bool validated(std::size_t trial) const { return trials_[trial].verdict == Verdict::validated; }

    bool lab_is_silent() const {
        return trials_.size() >= silent_trials &&
               std::all_of(trials_.begin(), trials_.end(), [](const Trial& trial) {
                   return trial.verdict == Verdict::inconclusive;
               });
    }

    // The base and what is set aside

    void absorb(const Units& units, std::size_t trial) {
        const PatchSet patches = patches_of(units);
        step_.proven = united(std::move(step_.proven), patches);
        step_.proof = trial;
        remove_pending(patches);
    }

    bool is_pending(const Unit* unit) const {
        return std::find(pending_.begin(), pending_.end(), unit) != pending_.end();
    }

    void remove_pending(const PatchSet& patches) {
        std::erase_if(pending_, [&](const Unit* unit) { return share(unit->patches, patches); });
    }

    void put_aside(const Unit& unit, std::size_t trial, bool attributed) {
        aside_.push_back({&unit, trials_[trial].patches, step_.proven});
        for (const std::size_t patch : unit.patches) {
            Finding& finding = step_.findings[patch];
            finding.role = Role::at_fault;
            finding.verdict = trials_[trial].verdict;
            finding.attributed = attributed;
            finding.trials = {trial};
            if (!attributed && step_.proof) finding.trials.push_back(*step_.proof);
            for (const std::size_t other : unit.patches)
                if (other != patch) finding.with.insert(other);
            if (trials_[trial].patches == unit.closed) finding.by_itself = ByItself::yes;
        }
        remove_pending(unit.patches);
        block_dependents(unit);
    }

    void block_dependents(const Unit& culprit) {
        for (const Unit* unit : Units(pending_)) {
            if (!share(unit->closed, culprit.patches)) continue;
            const Finding& cause = step_.findings[*culprit.patches.begin()];
            for (const std::size_t patch : unit->patches) {
                Finding& finding = step_.findings[patch];
                finding.role = Role::blocked;
                finding.verdict = cause.verdict;
                finding.with = culprit.patches;
                finding.trials = cause.trials;
            }
            remove_pending(unit->patches);
        }
    }

    /// Of a run that needs a review because of known patches: these are set aside at once.
    bool put_aside_blamed(const Units& units, std::size_t trial) {
        bool any = false;
        for (const Unit* unit : units) {
            if (!is_pending(unit) || !share(unit->patches, trials_[trial].blamed)) continue;
            put_aside(*unit, trial, true);
            any = true;
        }
        return any;
    }

    // The search

    bool find_base() {
        while (!pending_.empty()) {
            const Units chunk = part_of(pending_, 0, together(pending_.size(), aside_.size()));
            remaining_ = {0, pending_.size(), aside_.size(), true};
            const auto trial = ask(united(step_.proven, patches_of(chunk)), title_of(chunk));
            if (!trial) return false;
            if (validated(*trial)) absorb(chunk, *trial);
            else if (!put_aside_blamed(chunk, *trial) && !split(chunk)) return false;
        }
        remaining_ = {};
        return true;
    }

    std::string title_of(const Units& chunk) const {
        if (chunk.size() < pending_.size()) return "some of the rest";
        return aside_.empty() && step_.proven.empty() ? "all together" : "the rest as one";
    }

    /// Narrows the suspects, which are not validated with the base, to one and sets it aside.
    bool split(Units suspects) {
        bool tried = true;
        while (!suspects.empty()) {
            remaining_ = {suspects.size(), pending_.size() - suspects.size(), aside_.size(), tried};
            const Units half = part_of(suspects, 0, std::max<std::size_t>(1, suspects.size() / 2));
            const auto trial =
                ask(united(step_.proven, patches_of(half)), "which of them is at fault");
            if (!trial) return false;
            if (validated(*trial)) {
                absorb(half, *trial);
                suspects = part_of(suspects, half.size(), suspects.size());
            } else if (put_aside_blamed(half, *trial)) {
                tried = false;
                std::erase_if(suspects, [&](const Unit* unit) { return !is_pending(unit); });
            } else if (half.size() == 1) {
                put_aside(*half.front(), *trial, false);
                return true;
            } else {
                suspects = half;
                tried = true;
            }
        }
        return true;
    }

    // What was set aside, by itself

    void look_at_each_aside() {
        for (const Aside& aside : aside_)
            if (!look_at(aside)) return;
    }

    bool look_at(const Aside& aside) {
        const PatchSet& alone = aside.unit->closed;
        const Finding& first = step_.findings[*aside.unit->patches.begin()];
        if (first.by_itself == ByItself::yes) return true;
        const bool must = first.verdict == Verdict::inconclusive || problem_.smallest;
        const bool may = !first.attributed && used_ < likely_most(units_.size());
        if (!must && !may) return true;
        remaining_ = {0, 1, aside_.size(), true};
        const auto trial = ask(alone, "by itself");
        if (!trial) return false;
        if (trials_[*trial].verdict != Verdict::inconclusive) take_own_answer(aside, *trial);
        return !validated(*trial) || first.verdict == Verdict::validated || !problem_.smallest ||
               find_partners(aside);
    }

    void take_own_answer(const Aside& aside, std::size_t trial) {
        for (const std::size_t patch : aside.unit->patches) {
            Finding& finding = step_.findings[patch];
            finding.trials.push_back(trial);
            finding.by_itself = validated(trial) ? ByItself::no : ByItself::yes;
            if (finding.verdict != Verdict::inconclusive) continue;
            finding.verdict = trials_[trial].verdict;
            if (validated(trial)) finding.role = Role::alone;
        }
    }

    /// The unit works by itself and fails with the base of then: with which of it?
    bool find_partners(const Aside& aside) {
        PatchSet base = aside.unit->closed, partners;
        Units others;
        for (const Unit& unit : units_)
            if (share(unit.patches, aside.failing) && !share(unit.patches, base))
                others.push_back(&unit);
        while (!others.empty()) {
            PatchSet grown = base;
            std::size_t first = 0, last = others.size();  // base and others before `last` fail
            while (last - first > 1) {
                const std::size_t middle = first + (last - first) / 2;
                const PatchSet more = united(grown, patches_of(part_of(others, first, middle)));
                const auto trial = ask(more, "with which others it fails");
                if (!trial) return false;
                if (validated(*trial)) {
                    grown = more;
                    first = middle;
                } else {
                    last = middle;
                }
            }
            partners = united(std::move(partners), others[first]->patches);
            base = united(std::move(base), others[first]->closed);
            const auto trial = ask(base, "whether no other takes part");
            if (!trial) return false;
            if (!validated(*trial)) return name_partners(aside, partners, *trial);
            others.resize(first);
            std::erase_if(others, [&](const Unit* unit) { return share(unit->patches, base); });
        }
        return true;
    }

    bool name_partners(const Aside& aside, const PatchSet& partners, std::size_t trial) {
        for (const std::size_t patch : aside.unit->patches) {
            Finding& finding = step_.findings[patch];
            finding.with = united(std::move(finding.with), partners);
            finding.trials.push_back(trial);
        }
        return true;
    }

    // The end

    void give_up() {
        for (Finding& finding : step_.findings) finding.verdict = Verdict::inconclusive;
        pending_.clear();
    }

    void conclude() {
        for (const std::size_t patch : step_.proven)
            step_.findings[patch] = {Role::proven, Verdict::validated, {}, ByItself::unknown,
                                     false,        {*step_.proof}};
        if (!step_.wanted) return;
        step_.at_most = std::max<std::size_t>(1, most_runs(remaining_));
        const std::size_t likely = likely_most(units_.size());
        if (used_ < likely) step_.at_most = std::max(step_.at_most, likely - used_);
        if (problem_.smallest) step_.at_most += units_.size() * likely;
    }

    const Problem& problem_;
    const std::vector<Trial>& trials_;
    const std::vector<Unit> units_;
    Units pending_;  ///< neither in the base nor set aside, in their order
    std::vector<Aside> aside_;
    std::set<PatchSet> asked_;
    std::size_t used_ = 0;  ///< sets that were tried
    Workload remaining_;
    Step step_;
};

}  // namespace

std::string_view name(Role role) {
    switch (role) {
        case Role::open: return "open";
        case Role::proven: return "proven";
        case Role::alone: return "alone";
        case Role::at_fault: return "at-fault";
        case Role::blocked: return "blocked";
    }
    return "open";
}

PatchSet with_needs(const std::vector<PatchSet>& needs, PatchSet set) {
    for (bool grew = true; grew;) {
        grew = false;
        for (const std::size_t i : PatchSet(set))
            for (const std::size_t need : needs.at(i)) grew = set.insert(need).second || grew;
    }
    return set;
}

std::vector<PatchSet> all_need_each_other(std::size_t patches) {
    PatchSet all;
    for (std::size_t i = 0; i < patches; ++i) all.insert(i);
    return std::vector<PatchSet>(patches, all);
}

Step next_step(const Problem& problem, const std::vector<Trial>& trials) {
    for (const PatchSet& needed : problem.needs)
        if (!needed.empty() && *needed.rbegin() >= problem.needs.size())
            throw Error(ErrorCode::internal, "a patch needs one that the campaign does not have");
    return Search(problem, trials).run();
}

}  // namespace patchlab::campaign
