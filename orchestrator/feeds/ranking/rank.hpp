// SPDX-License-Identifier: Apache-2.0
//
// When a patch is due: of the CVEs that it mends the most urgent one, by the answers of the feeds
// and by what its owners say of the hosts that need it. What is not known counts as the worse
// answer, and is shown as assumed, with the date that would hold if it were the better one. VEX
// statements and scores are shown and never move a date. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/feeds/answers.hpp"
#include "orchestrator/feeds/ranking/tables.hpp"

namespace patchlab::feeds {

/// By which table.
enum class Table { bod_26_04, ssvc_deployer };
std::string_view name(Table table);
std::optional<Table> table_from(std::string_view word);

/// What the inventory says of the hosts that need a patch.
struct Stakes {
    Known<Exposure> exposure;   ///< of the most exposed one; nullopt: not known
    std::string exposure_from;  ///< whose it is, or why it is not known
    Known<HumanImpact> impact;  ///< of the most critical one
    std::string impact_from;
    std::size_t hosts = 0;  ///< that need it
    Known<bool> exposed() const {
        return exposure ? Known<bool>(*exposure == Exposure::open) : std::nullopt;
    }
};

struct RankedCve {
    CveAnswers answers;
    Limit at_worst = Limit::next_upgrade, at_best = Limit::next_upgrade;
    std::optional<Bounds<Priority>> priority;  ///< where the deployer tree was asked
    std::vector<std::string> assumed;          ///< the questions whose answers are not known
    std::string due, due_at_best;              ///< RFC 3339; empty: at the next upgrade
    std::string by;  ///< what sets the date: the table, or "kev" for the catalogue's own
};

struct RankedPatch {
    std::string id, source, known_since;
    Stakes stakes;
    std::vector<RankedCve> cves;  ///< the most urgent first
    /// nullptr: it names no CVE, so nothing is known of its urgency.
    const RankedCve* decisive() const { return cves.empty() ? nullptr : &cves.front(); }
    std::string due() const { return cves.empty() ? "" : cves.front().due; }
    /// When it is due for sure: with every unknown answer taken as the better one.
    std::string due_at_best() const;
    double best_score() const;
};

RankedCve rank_cve(CveAnswers answers, const Stakes& stakes, const std::string& known_since,
                   Table table);
/// Sorts the CVEs of a patch.
void settle(RankedPatch& patch);
/// By due date, then by limit, then by EPSS score, then by name.
void sort_by_due_date(std::vector<RankedPatch>& patches);

Json to_json(const RankedPatch& patch, TimePoint now);

}  // namespace patchlab::feeds
