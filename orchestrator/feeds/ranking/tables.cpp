// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/ranking/tables.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace patchlab::feeds {

namespace {

/// One letter for each answer of the tree: exploitation, then exposure (a group of eight), then
/// automatable (no before yes), then human impact.
constexpr std::string_view deployer_tree =
    "ddss"
    "dsss"
    "dsss"
    "ssss"
    "dsss"
    "ssso"  // none
    "dsss"
    "ssss"
    "dsss"
    "ssso"
    "ssso"
    "ssoo"  // public proof of concept
    "ssoo"
    "sooo"
    "ssoo"
    "oooo"
    "sooi"
    "ooii";  // active

Priority priority_from(char letter) {
    switch (letter) {
        case 'i': return Priority::immediate;
        case 'o': return Priority::out_of_cycle;
        case 's': return Priority::scheduled;
        default: return Priority::defer;
    }
}

template <typename Value>
std::vector<Value> possible(const Known<Value>& known, std::initializer_list<Value> all) {
    return known ? std::vector<Value>{*known} : std::vector<Value>(all);
}

template <typename Decision>
class Ends {
  public:
    void add(Decision decision) {
        worst_ = std::min(worst_.value_or(decision), decision);
        best_ = std::max(best_.value_or(decision), decision);
    }
    Bounds<Decision> bounds() const { return {*worst_, *best_}; }

  private:
    std::optional<Decision> worst_, best_;
};

}  // namespace

std::string_view name(Limit limit) {
    switch (limit) {
        case Limit::three_days_and_forensics: return "3 days and forensics";
        case Limit::three_days: return "3 days";
        case Limit::fourteen_days: return "14 days";
        case Limit::sixty_days: return "60 days";
        case Limit::next_upgrade: break;
    }
    return "at the next upgrade";
}

std::optional<int> days_of(Limit limit) {
    switch (limit) {
        case Limit::three_days_and_forensics:
        case Limit::three_days: return 3;
        case Limit::fourteen_days: return 14;
        case Limit::sixty_days: return 60;
        case Limit::next_upgrade: break;
    }
    return std::nullopt;
}

Limit bod_26_04(bool exploited, bool exposed, bool automatable, bool total) {
    if (exploited) {
        if (total && (exposed || automatable)) return Limit::three_days_and_forensics;
        return exposed && automatable ? Limit::three_days : Limit::fourteen_days;
    }
    if (exposed) {
        if (automatable && total) return Limit::three_days;
        return automatable || total ? Limit::fourteen_days : Limit::sixty_days;
    }
    return automatable ? Limit::sixty_days : Limit::next_upgrade;
}

std::string_view name(Priority priority) {
    switch (priority) {
        case Priority::immediate: return "immediate";
        case Priority::out_of_cycle: return "out-of-cycle";
        case Priority::scheduled: return "scheduled";
        case Priority::defer: break;
    }
    return "defer";
}

Limit limit_of(Priority priority) {
    switch (priority) {
        case Priority::immediate: return Limit::three_days;
        case Priority::out_of_cycle: return Limit::fourteen_days;
        case Priority::scheduled: return Limit::sixty_days;
        case Priority::defer: break;
    }
    return Limit::next_upgrade;
}

Priority deployer(Exploitation exploitation, Exposure exposure, bool automatable,
                  HumanImpact impact) {
    const std::size_t row =
        ((static_cast<std::size_t>(exploitation) * 3 + static_cast<std::size_t>(exposure)) * 2 +
         std::size_t{automatable}) *
            4 +
        static_cast<std::size_t>(impact);
    return priority_from(deployer_tree.at(row));
}

Bounds<Limit> bod_26_04(const BodQuestions& questions) {
    Ends<Limit> ends;
    for (const bool exploited : possible(questions.exploited, {false, true}))
        for (const bool exposed : possible(questions.exposed, {false, true}))
            for (const bool automatable : possible(questions.automatable, {false, true}))
                for (const bool total : possible(questions.total, {false, true}))
                    ends.add(bod_26_04(exploited, exposed, automatable, total));
    return ends.bounds();
}

Bounds<Priority> deployer(const DeployerQuestions& questions) {
    using enum HumanImpact;
    Ends<Priority> ends;
    for (const Exploitation exploitation : possible(
             questions.exploitation, {Exploitation::none, Exploitation::poc, Exploitation::active}))
        for (const Exposure exposure :
             possible(questions.exposure, {Exposure::small, Exposure::controlled, Exposure::open}))
            for (const bool automatable : possible(questions.automatable, {false, true}))
                for (const HumanImpact impact :
                     possible(questions.impact, {low, medium, high, very_high}))
                    ends.add(deployer(exploitation, exposure, automatable, impact));
    return ends.bounds();
}

}  // namespace patchlab::feeds
