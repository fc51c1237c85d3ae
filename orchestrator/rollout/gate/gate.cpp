// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/gate/gate.hpp"

#include <algorithm>
#include <sstream>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/printable.hpp"

namespace patchlab::rollout {

namespace {

using catalog::EntryPackage;
using testsuites::CheckResult;
using testsuites::Outcome;

int compare(const EntryPackage& package, const std::string& a, const std::string& b) {
    return families::family(package.format).compare_versions(a, b);
}

std::string version_in(const Versions& versions, const std::string& name) {
    const auto found = versions.find(name);
    return found == versions.end() ? "" : found->second;
}

/// The entry's package is for this host: it replaces one that is there, or is new in the lab as
/// well.
bool concerns(const EntryPackage& package, const Versions& installed) {
    return !version_in(installed, package.name).empty() || !package.was_installed;
}

bool kept(const EntryPackage& package, const std::string& version) {
    return std::any_of(package.before.begin(), package.before.end(),
                       [&](const catalog::EntryFile& old) { return old.version == version; });
}

std::string key_of(const CheckResult& check) { return check.suite + "/" + check.name; }

std::string short_digest(std::string_view text) { return sha256_hex(text).substr(0, 16); }

std::string printed_digest(const CheckResult& check) {
    if (!check.unchanged) return "";
    std::string all;
    for (const std::string& line : check.lines) all += line + "\n";
    return short_digest(all);
}

/// It tells of nothing that it had not told while the patch was on.
bool only_history(const RememberedCheck& then, const CheckResult& now) {
    return !now.lines.empty() &&
           std::all_of(now.lines.begin(), now.lines.end(), [&](const std::string& line) {
               return then.history.contains(short_digest(line));
           });
}

/// Every version that is not as it shall be.
std::vector<Finding> wrong_versions(const Versions& wanted,
                                    const std::optional<Versions>& installed) {
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

Versions wanted_of(const Goods& goods, const Versions& before) {
    Versions wanted;
    for (const EntryPackage& package : goods.entry.packages)
        if (concerns(package, before)) wanted[package.name] = package.after.version;
    return wanted;
}

Demand demand_of(const Goods& goods, const Versions& installed, bool without_way_back) {
    bool updates = false, missing = false;
    const bool only_new =
        std::none_of(goods.entry.packages.begin(), goods.entry.packages.end(),
                     [](const EntryPackage& package) { return package.was_installed; });
    for (const EntryPackage& package : goods.entry.packages) {
        const std::string has = version_in(installed, package.name);
        if (has.empty()) {
            missing = missing || !package.was_installed;
            continue;
        }
        updates = true;
        const int order = compare(package, has, package.after.version);
        if (order > 0)
            return {Demand::Kind::skip,
                    package.name + " " + has + " is newer than the tested " + package.after.version,
                    {}};
        if (order == 0 && has != package.after.version)
            return {Demand::Kind::skip,
                    package.name + " " + has + " is written in another way than the tested " +
                        package.after.version,
                    {}};
        if (order < 0 && !kept(package, has) && !without_way_back)
            return {Demand::Kind::skip,
                    "no exact way back: " + package.name + " " + has +
                        " is not among the old versions that the entry keeps",
                    {}};
    }
    if (!updates && !only_new) return {Demand::Kind::not_needed, "has none of the packages", {}};
    const Versions wanted = wanted_of(goods, installed);
    if (!missing && std::all_of(wanted.begin(), wanted.end(), [&](const auto& want) {
            return version_in(installed, want.first) == want.second;
        }))
        return {Demand::Kind::not_needed, "has these versions already", {}};
    Demand demand{Demand::Kind::install, "", {}};
    for (const catalog::ExactPackage& package : goods.forward)
        if (wanted.contains(package.name)) demand.packages.push_back(package);
    return demand;
}

WayBack way_back_of(const Goods& goods, const Versions& before) {
    WayBack way;
    const Versions wanted = wanted_of(goods, before);
    for (const auto& [name, version] : wanted) {
        const std::string old = version_in(before, name);
        if (old == version) continue;
        if (old.empty()) {
            way.remove.push_back(name);
            continue;
        }
        bool found = false;
        for (const catalog::ExactPackage& package : goods.back)
            if (package.name == name && package.version == old) {
                way.packages.push_back(package);
                found = true;
            }
        if (!found) way.why += (way.why.empty() ? "" : "; ") + name + " " + old + " was not kept";
    }
    return way;
}

Baseline baseline_of(const std::vector<CheckResult>& checks) {
    Baseline baseline;
    for (const CheckResult& check : checks)
        baseline[key_of(check)] = {check.outcome, printed_digest(check)};
    return baseline;
}

std::set<std::string> checks_over_the_past(const std::vector<testsuites::Suite>& suites) {
    static const std::set<std::string> over_the_past{"core-dumps", "kernel-errors",
                                                     "journal-errors"};
    std::set<std::string> keys;
    for (const testsuites::Suite& suite : suites)
        for (const testsuites::Check& check : suite.checks)
            if (const auto* builtin = std::get_if<testsuites::BuiltinCheck>(&check.body);
                builtin && over_the_past.contains(builtin->builtin))
                keys.insert(suite.name + "/" + check.name);
    return keys;
}

void remember_history(Baseline& baseline, const std::vector<CheckResult>& checks,
                      const std::set<std::string>& over_the_past) {
    for (const CheckResult& check : checks)
        if (const auto found = baseline.find(key_of(check));
            found != baseline.end() && over_the_past.contains(found->first))
            for (const std::string& line : check.lines)
                found->second.history.insert(short_digest(line));
}

Json to_json(const Baseline& baseline) {
    Json json = Json::object();
    for (const auto& [key, check] : baseline) {
        std::string text(name(check.outcome));
        if (!check.printed.empty()) text += " " + check.printed;
        for (const std::string& line : check.history) text += " +" + line;
        json[key] = text;
    }
    return json;
}

Baseline baseline_from_json(const Json& json) {
    Baseline baseline;
    for (const auto& [key, value] : json.items()) {
        std::istringstream words(value.get<std::string>());
        std::string word;
        words >> word;
        RememberedCheck check{testsuites::outcome_from(word), "", {}};
        while (words >> word) {
            if (word.starts_with('+')) check.history.insert(word.substr(1));
            else check.printed = word;
        }
        baseline[key] = check;
    }
    return baseline;
}

std::string unhealthy(const Baseline& baseline) {
    std::string text;
    for (const auto& [key, check] : baseline)
        if (check.outcome == Outcome::fail || check.outcome == Outcome::unknown)
            text += (text.empty() ? "" : ", ") + key +
                    (check.outcome == Outcome::fail ? " fails" : " is unknown") +
                    " before the patch";
    return text;
}

bool Judgement::disagrees() const {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.disagrees; });
}

std::string Judgement::text() const {
    std::string text;
    for (const Finding& finding : findings) {
        if (text.size() > 600) return text + "; and more";
        text += (text.empty() ? "" : "; ") + finding.kind + ": " + finding.text.substr(0, 300);
    }
    return text;
}

Judgement judge_checks(const Baseline& before, const std::vector<CheckResult>& after,
                       const std::set<std::string>& lab_passed) {
    Judgement judgement;
    std::map<std::string, const CheckResult*> now;
    for (const CheckResult& check : after) now[key_of(check)] = &check;
    std::set<std::string> all;
    for (const auto& [key, ignored] : before) all.insert(key);
    for (const auto& [key, ignored] : now) all.insert(key);
    bool works = false, unknown = false;
    for (const std::string& key : all) {
        const auto then = before.find(key);
        const auto seen = now.find(key);
        const Outcome was = then == before.end() ? Outcome::unknown : then->second.outcome;
        Outcome is = seen == now.end() ? Outcome::unknown : seen->second->outcome;
        std::string detail = seen == now.end() ? "it was not run" : seen->second->detail;
        if (is == Outcome::pass && was == Outcome::pass && seen->second->unchanged &&
            printed_digest(*seen->second) != then->second.printed) {
            is = Outcome::fail;
            detail = "prints something else than before the patch";
        }
        const std::string told = key + (detail.empty() ? "" : " (" + shortened(detail, 200) + ")");
        works = works || is == Outcome::pass;
        unknown = unknown || is == Outcome::unknown;
        if (is == Outcome::fail && was == Outcome::pass &&
            only_history(then->second, *seen->second))
            continue;
        if (is == Outcome::fail && was == Outcome::pass)
            judgement.findings.push_back({"check-failed", told, lab_passed.contains(key)});
        else if (is == Outcome::fail && was != Outcome::fail)
            judgement.findings.push_back(
                {"check-failed", told + ", and its state before is not known"});
        else if (is != Outcome::pass && is != Outcome::fail && was == Outcome::pass)
            judgement.findings.push_back({"check-unknown", told});
    }
    judgement.proven = judgement.passed() && works && !unknown;
    return judgement;
}

namespace {

/// What the answer itself says, then the versions; checks are judged only where the host answered.
Judgement judge(const Versions& wanted, const Baseline& baseline, const Observation& seen,
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

Judgement judge_installed(const Goods& goods, const Versions& before,
                          const std::string& boot_before, const Baseline& baseline,
                          const Observation& seen, const std::set<std::string>& lab_passed) {
    Baseline strict = baseline;
    for (auto& [key, check] : strict)
        check.history.clear();  // with the patch on, what it did is no excuse
    Judgement judgement =
        judge(wanted_of(goods, before), strict, seen, "install-failed", lab_passed);
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

Judgement judge_backed_out(const Goods& goods, const Versions& before, const Boots& boots,
                           const Baseline& baseline, const Observation& seen) {
    Versions old;
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

Reached reached(const Goods& goods, const Versions& before,
                const std::optional<Versions>& installed) {
    if (!installed) return Reached::unknown;
    bool all = true, none = true;
    for (const auto& [name, version] : wanted_of(goods, before)) {
        const std::string has = version_in(*installed, name);
        all = all && has == version;
        none = none && has == version_in(before, name);
    }
    return all ? Reached::all : none ? Reached::untouched : Reached::part;
}

}  // namespace patchlab::rollout
