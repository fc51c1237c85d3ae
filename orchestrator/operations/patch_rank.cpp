// SPDX-License-Identifier: Apache-2.0
//
// Candidate patches by due date, and what became of earlier updates of the same package.
#include <algorithm>
#include <functional>
#include <map>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/governance/policy.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/operations/due_memory.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/patch_history.hpp"
#include "orchestrator/operations/patch_urgency.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

/// The packages of a lab's images: name → versions.
std::multimap<std::string, std::string> installed_in(Call& call, const std::string& lab) {
    images::ImageStore images(call.session.state(), call.session.database());
    std::multimap<std::string, std::string> installed;
    for (const labdefs::Machine& machine :
         pipeline::LabStore(call.session.database()).get(lab).lab.machines) {
        const images::Image image = during("machine '" + machine.name + "' of lab '" + lab + "'",
                                           [&] { return images.get(machine.image); });
        for (const disk::InstalledPackage& package : image.os.packages)
            installed.emplace(package.name, package.version);
    }
    return installed;
}

/// Whether a machine of the lab has an older version of one of its packages.
bool concerns(const intake::Patch& patch,
              const std::multimap<std::string, std::string>& installed) {
    const families::PackageFamily& family = families::family(patch.kind);
    return std::any_of(
        patch.packages.begin(), patch.packages.end(), [&](const intake::PatchPackage& package) {
            const auto [from, to] = installed.equal_range(package.name);
            return !package.prerequisite && std::any_of(from, to, [&](const auto& one) {
                return family.compare_versions(one.second, package.to) < 0;
            });
        });
}

/// The one that was asked for, or that of the policy in force.
feeds::Table table_of(Call& call, const JsonReader& request) {
    const std::string word = request.string_or("by", "");
    return word.empty() ? ranking_table(call.session)
                        : feeds::table_from(word).value_or(feeds::Table::bod_26_04);
}

bool is_late(const feeds::RankedPatch& patch, TimePoint now) {
    const std::string due = patch.due();
    return !due.empty() && from_rfc3339(due) < now;
}

/// By due date.
std::vector<feeds::RankedPatch> ranked_patches(
    Session& session, TimePoint now, feeds::Table table,
    const std::function<bool(const intake::Patch&)>& wanted) {
    intake::PatchStore store(session.state(), session.database());
    PatchUrgency urgency(session.database(), now);
    std::vector<feeds::RankedPatch> ranked;
    for (const intake::Patch& patch : store.list())
        if (wanted(patch)) ranked.push_back(urgency.rank(patch, table));
    feeds::sort_by_due_date(ranked);
    return ranked;
}

DuePatches find_due_patches(Session& session) {
    std::vector<feeds::RankedPatch> ranked;
    const TimePoint now = session.clock().now();
    try {
        ranked = ranked_patches(session, now, ranking_table(session),
                                [](const intake::Patch&) { return true; });
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found) return std::nullopt;
        throw;
    }
    std::vector<DuePatch> patches;
    for (const feeds::RankedPatch& patch : ranked) {
        const feeds::RankedCve* cve = patch.decisive();
        patches.push_back({patch.id, cve ? std::string(feeds::name(cve->at_worst)) : "",
                           patch.due(), is_late(patch, now),
                           static_cast<std::int64_t>(patch.stakes.hosts)});
    }
    return patches;
}

Json sums_of(const std::vector<feeds::RankedPatch>& patches, TimePoint now) {
    std::size_t overdue = 0, hosts = 0, assumed = 0, silent = 0;
    for (const feeds::RankedPatch& patch : patches) {
        const bool late = is_late(patch, now);
        overdue += late;
        if (late) hosts += patch.stakes.hosts;
        assumed += patch.decisive() && !patch.decisive()->assumed.empty();
        silent += !patch.decisive();
    }
    return {{"overdue", overdue},
            {"overdue_host_count", hosts},
            {"assumed", assumed},
            {"without_cve", silent}};
}

Outcome rank_patches(Call& call, const JsonReader& request) {
    const feeds::Table table = table_of(call, request);
    const TimePoint now = call.session.clock().now();
    const std::string lab = request.string_or("lab", "");
    std::multimap<std::string, std::string> installed;
    if (!lab.empty()) installed = installed_in(call, lab);
    const std::vector<feeds::RankedPatch> ranked = ranked_patches(
        call.session, now, table,
        [&](const intake::Patch& patch) { return lab.empty() || concerns(patch, installed); });
    Json items = Json::array();
    for (const feeds::RankedPatch& patch : ranked) items.push_back(feeds::to_json(patch, now));
    return {{{"schema", "patchlab/patch-ranking/v1"},
             {"by", std::string(feeds::name(table))},
             {"lab", lab.empty() ? Json(nullptr) : Json(lab)},
             {"sums", sums_of(ranked, now)},
             {"patches", std::move(items)}}};
}

Outcome show_history(Call& call, const JsonReader& request) {
    std::string source = request.string_or("source", "");
    if (request.has("patch"))
        source = intake::PatchStore(call.session.state(), call.session.database())
                     .get(request.string("patch"))
                     .source;
    if (source.empty())
        throw Error(ErrorCode::usage, "no package was named", "name a source package or a patch");
    return {history_of(call.session, source)};
}

}  // namespace

feeds::Table ranking_table(Session& session) {
    const std::string word =
        governance::PolicyStore(session.governance()).in_force().policy.ranking;
    return feeds::table_from(word).value_or(feeds::Table::bod_26_04);
}

std::optional<std::vector<DuePatch>> due_patches(Session& session) {
    return remembered_or(session, [&] { return find_due_patches(session); });
}

std::map<std::string, OverdueSums> overdue_by_limit(const std::vector<DuePatch>& patches) {
    std::map<std::string, OverdueSums> limits;
    for (const DuePatch& patch : patches) {
        OverdueSums& sums = limits[patch.limit.empty() ? "unknown" : patch.limit];
        if (!patch.overdue) continue;
        ++sums.patches;
        sums.hosts += patch.hosts;
    }
    return limits;
}

std::vector<Operation> patch_rank_operations() {
    return {
        {"patch.rank", "Rank the patches by due date, with the answers behind it", Kind::read,
         anyone(), rank_patches, "lab"},
        {"patch.history", "What became of earlier updates of a source package", Kind::read,
         anyone(), show_history, "source"},
    };
}

}  // namespace patchlab::operations
