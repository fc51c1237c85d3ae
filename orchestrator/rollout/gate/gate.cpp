// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/gate/gate.hpp"

#include <algorithm>
#include <optional>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/text.hpp"

namespace patchlab::rollout {

namespace {

using assessment::Baseline;
using assessment::ExpectedPackage;
using assessment::version_in;
using catalog::EntryPackage;
using testsuites::CheckResult;
using testsuites::Outcome;

constexpr std::size_t findings_told = 50;  ///< of one host
constexpr std::size_t most_of_one = 2000;  ///< characters of one finding
constexpr std::string_view general_suite = "base";

bool kept(const EntryPackage& package, const std::string& version) {
    return std::any_of(package.before.begin(), package.before.end(),
                       [&](const catalog::EntryFile& old) { return old.version == version; });
}

/// Every version that is not as it shall be.
std::vector<Finding> wrong_versions(const InstalledPackages& wanted,
                                    const std::optional<InstalledPackages>& installed) {
    if (!installed) return {{"wrong-version", "what is installed could not be observed"}};
    std::vector<Finding> findings;
    for (const auto& [name, version] : wanted)
        if (const std::string has = version_in(*installed, name); has != version)
            findings.push_back(
                {"wrong-version",
                 name + (has.empty() ? " is not installed" : " is " + has) +
                     (version.empty() ? ", it was not there before" : ", not " + version)});
    return findings;
}

}  // namespace

std::vector<std::string> Goods::names() const {
    std::set<std::string> names;
    for (const EntryPackage& package : entry.packages) names.insert(package.name);
    return {names.begin(), names.end()};
}

bool Goods::reboot() const {
    return std::any_of(entry.patches.begin(), entry.patches.end(),
                       [](const catalog::EntryPatch& patch) { return patch.reboot; });
}

InstalledPackages wanted_of(const Goods& goods, const InstalledPackages& before) {
    std::vector<assessment::OfferedVersion> offer;
    for (const EntryPackage& package : goods.entry.packages)
        offer.push_back({package.name, package.after.version, !package.was_installed});
    InstalledPackages wanted;
    for (const ExpectedPackage& package : assessment::expected_packages(offer, before))
        wanted[package.name] = package.version;
    return wanted;
}

HostAction action_for(const Goods& goods, const InstalledPackages& installed,
                      bool without_way_back) {
    bool updates = false;
    const bool only_new =
        std::none_of(goods.entry.packages.begin(), goods.entry.packages.end(),
                     [](const EntryPackage& package) { return package.was_installed; });
    for (const EntryPackage& package : goods.entry.packages) {
        const std::string has = version_in(installed, package.name);
        if (has.empty()) continue;
        updates = true;
        const int order = families::compare_versions(package.format, has, package.after.version);
        if (order > 0)
            return {
                HostAction::Kind::skip,
                package.name + " " + has + " is newer than the tested " + package.after.version};
        if (order == 0 && has != package.after.version)
            return {HostAction::Kind::skip, package.name + " " + has +
                                                " is written in another way than the tested " +
                                                package.after.version};
        if (order < 0 && !kept(package, has) && !without_way_back)
            return {HostAction::Kind::skip,
                    "no exact way back: " + package.name + " " + has +
                        " is not among the old versions that the entry keeps"};
    }
    if (!updates && !only_new) return {HostAction::Kind::not_needed, "has none of the packages"};
    const InstalledPackages wanted = wanted_of(goods, installed);
    if (std::all_of(wanted.begin(), wanted.end(), [&](const auto& want) {
            return version_in(installed, want.first) == want.second;
        }))
        return {HostAction::Kind::not_needed, "has these versions already"};
    return {HostAction::Kind::install, ""};
}

std::vector<catalog::ExactPackage> packages_for(const Goods& goods,
                                                const InstalledPackages& before) {
    const InstalledPackages wanted = wanted_of(goods, before);
    std::vector<catalog::ExactPackage> packages;
    for (const catalog::ExactPackage& package : goods.forward)
        if (wanted.contains(package.name)) packages.push_back(package);
    return packages;
}

assessment::BackoutPlan backout_plan_of(const Goods& goods, const InstalledPackages& before) {
    InstalledPackages after = before;
    for (const auto& [name, version] : wanted_of(goods, before)) after[name] = version;
    return assessment::backout_plan(
        before, after, [&](const std::string& name, const std::string& version) {
            return std::any_of(goods.back.begin(), goods.back.end(), [&](const auto& package) {
                return package.name == name && package.version == version;
            });
        });
}

std::vector<catalog::ExactPackage> packages_of(const Goods& goods,
                                               const assessment::BackoutPlan& plan) {
    std::vector<catalog::ExactPackage> packages;
    for (const ExpectedPackage& old : plan.packages)
        for (const catalog::ExactPackage& package : goods.back)
            if (package.name == old.name && package.version == old.version)
                packages.push_back(package);
    return packages;
}

bool Judgement::disagrees() const {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.disagrees; });
}

std::string Judgement::text() const {
    std::string text;
    std::size_t told = 0;
    for (const Finding& finding : findings) {
        if (++told > findings_told)
            return text + "\nand " + std::to_string(findings.size() - findings_told) + " more";
        text += (text.empty() ? "" : "\n") + finding.kind + ": " +
                shortened(one_line(finding.text), most_of_one);
    }
    return text;
}

namespace {

/// What a person reads first: failures before what is not known; of these the suites that know a
/// service before "base", which complains of everything that anybody else breaks; and then what the
/// lab saw pass.
int order_of(const assessment::CheckComparison& check, const Finding& finding) {
    return (check.suite == general_suite ? 2 : 0) + (finding.kind == "check-failed" ? 0 : 4) +
           (finding.disagrees ? 0 : 1);
}

/// What the check means for the host; nullopt: nothing.
std::optional<Finding> finding_of_check(const assessment::CheckComparison& check,
                                        const std::set<std::string>& lab_passed) {
    const std::string text = check.key() + (check.detail.empty() ? "" : " (" + check.detail + ")");
    using assessment::CheckFinding;
    switch (assessment::finding_of(check)) {
        case CheckFinding::nothing: break;
        case CheckFinding::broken:
            return Finding{"check-failed", text, lab_passed.contains(check.key())};
        case CheckFinding::failing:
            return Finding{"check-failed", text + ", and its state before is not known", false};
        case CheckFinding::silent: return Finding{"check-unknown", text, false};
    }
    return std::nullopt;
}

}  // namespace

Judgement judge_checks(const Baseline& before, const std::vector<CheckResult>& after,
                       const std::set<std::string>& lab_passed) {
    Judgement judgement;
    bool works = false, unknown = false;
    std::vector<std::pair<int, Finding>> found;
    for (const assessment::CheckComparison& check : assessment::compare_checks(before, after)) {
        works = works || check.after == Outcome::pass;
        unknown = unknown || check.after == Outcome::unknown;
        if (std::optional<Finding> finding = finding_of_check(check, lab_passed))
            found.emplace_back(order_of(check, *finding), std::move(*finding));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [order, finding] : found) judgement.findings.push_back(std::move(finding));
    judgement.proven = judgement.passed() && works && !unknown;
    return judgement;
}

namespace {

/// What the answer itself says, then the versions; checks are judged only where the host answered.
Judgement judge(const InstalledPackages& wanted, const Baseline& baseline, const Observation& seen,
                const char* failed, const std::set<std::string>& lab_passed) {
    Judgement judgement;
    if (seen.answer == Answer::unreachable || seen.answer == Answer::unknown) {
        judgement.findings.push_back(
            {"lost", seen.detail.empty() ? "it does not answer any more" : seen.detail});
        return judgement;
    }
    judgement.findings = wrong_versions(wanted, seen.installed);
    if (seen.answer == Answer::failed)
        judgement.findings.insert(judgement.findings.begin(), {failed, seen.detail});
    Judgement checks = judge_checks(baseline, seen.checks, lab_passed);
    judgement.findings.insert(judgement.findings.end(), checks.findings.begin(),
                              checks.findings.end());
    judgement.proven = judgement.passed() && checks.proven;
    return judgement;
}

}  // namespace

Judgement judge_installed(const Goods& goods, const InstalledPackages& before,
                          const std::string& boot_before, const Baseline& baseline,
                          const Observation& seen, const std::set<std::string>& lab_passed) {
    Judgement judgement = judge(wanted_of(goods, before), baseline.without_history(), seen,
                                "install-failed", lab_passed);
    const bool answered = seen.answer == Answer::done || seen.answer == Answer::failed;
    if (goods.reboot() && answered && (seen.boot_id.empty() || seen.boot_id == boot_before)) {
        judgement.findings.push_back(
            {"not-rebooted",
             "it must run from a new start, and " +
                 std::string(seen.boot_id.empty() ? "its boot id could not be observed"
                                                  : "its boot id is the old one")});
        judgement.proven = false;
    }
    return judgement;
}

Judgement judge_backed_out(const Goods& goods, const InstalledPackages& before,
                           const BootIds& boots, const Baseline& baseline,
                           const Observation& seen) {
    InstalledPackages old;
    for (const auto& [name, ignored] : wanted_of(goods, before))
        old[name] = version_in(before, name);
    Judgement judgement = judge(old, baseline, seen, "back-out-failed", {});
    const bool runs_new = goods.reboot() && !boots.patched.empty() && boots.patched != boots.before;
    if (runs_new && judgement.passed() && (seen.boot_id.empty() || seen.boot_id == boots.patched)) {
        judgement.findings.push_back(
            {"not-rebooted",
             "it still runs what was taken away: its boot id is " +
                 std::string(seen.boot_id.empty() ? "not known" : "that of the patched start")});
        judgement.proven = false;
    }
    return judgement;
}

Reached reached(const Goods& goods, const InstalledPackages& before,
                const std::optional<InstalledPackages>& installed) {
    if (!installed) return Reached::unknown;
    bool all = true, none = true;
    for (const auto& [name, version] : wanted_of(goods, before)) {
        const std::string has = version_in(*installed, name);
        all = all && has == version;
        none = none && has == version_in(before, name);
    }
    if (all) return Reached::all;
    return none ? Reached::untouched : Reached::part;
}

}  // namespace patchlab::rollout
