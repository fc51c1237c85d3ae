// SPDX-License-Identifier: Apache-2.0
//
// YAML → Policy. The schema finds mistakes of form; dates that are none and demands that contradict
// each other are found here.
#include "orchestrator/governance/policy.hpp"

#include <algorithm>

#include "platform/core/clock.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"
#include "policy_files.hpp"

namespace patchlab::governance {

namespace {

constexpr std::uint64_t max_policy_bytes = 1U << 20;

DrillDemand drill_from(const std::string& word) {
    if (word == "downgrade") return DrillDemand::downgrade;
    return word == "restore" ? DrillDemand::restore : DrillDemand::optional;
}

class Reader {
  public:
    Reader(const YamlDocument& document, Diagnostics& diagnostics)
        : document_(document), diagnostics_(diagnostics) {}

    void read(Policy& policy) const {
        const Json& root = document_.value;
        policy.name = root.at("name").get<std::string>();
        policy.description = root.value("description", "");
        if (root.contains("verdicts"))
            policy.verdicts = root.at("verdicts").get<std::set<std::string>>();
        policy.played_runs = root.value("played-runs", "refused") == "accepted";
        policy.distinct_accounts = root.value("distinct-accounts", false);
        policy.all = demands(root, "");
        if (policy.all.approvals.empty())
            mistake(
                "/approvals",
                "asks for nobody's approval: nothing may be promoted that no second person saw");
        if (root.contains("needs-review"))
            policy.needs_review = demands(root.at("needs-review"), "/needs-review");
        if (root.contains("needs-review") && !policy.verdicts.contains("needs-review"))
            mistake("/needs-review",
                    "demands something of a verdict that `verdicts` does not allow");
        if (root.contains("criticality"))
            for (const auto& [level, json] : root.at("criticality").items())
                policy.criticality[level] = demands(json, json_pointer("/criticality", level));
        if (root.contains("evidence-age"))
            policy.evidence_days = root.at("evidence-age").at("days").get<double>();
        if (root.contains("freezes")) read_freezes(root.at("freezes"), policy);
        if (root.contains("waivers")) read_waivers(root.at("waivers"), policy.waivers);
        if (root.contains("proxy-groups"))
            for (const auto& [group, roles] : root.at("proxy-groups").items())
                for (const Json& role : roles)
                    policy.proxy_groups[group].push_back(role_from(role.get<std::string>()));
    }

  private:
    void mistake(const std::string& path, const std::string& message) const {
        diagnostics_.add(document_.file, document_.line_of(path), path, message);
    }

    Demands demands(const Json& json, const std::string& path) const {
        Demands demands;
        if (json.contains("suites"))
            demands.suites = json.at("suites").get<std::vector<std::string>>();
        if (json.contains("checks"))
            demands.checks = json.at("checks").get<std::vector<std::string>>();
        if (json.contains("drill")) demands.drill = drill_from(json.at("drill").get<std::string>());
        if (json.contains("release-age"))
            demands.release_age = release_age(json.at("release-age"), path + "/release-age");
        if (!json.contains("approvals")) return demands;
        for (const Json& item : json.at("approvals")) {
            const ApprovalDemand wanted{role_from(item.at("role").get<std::string>()),
                                        item.value("count", 1), item.value("own-key", false)};
            const bool twice =
                std::any_of(demands.approvals.begin(), demands.approvals.end(),
                            [&](const auto& other) { return other.role == wanted.role; });
            if (twice)
                mistake(path + "/approvals/" + std::to_string(demands.approvals.size()),
                        "names the role " + std::string(name(wanted.role)) + " a second time");
            demands.approvals.push_back(wanted);
        }
        return demands;
    }

    ReleaseAge release_age(const Json& json, const std::string& path) const {
        if (json.is_number()) return {json.get<double>(), {}};
        ReleaseAge age{json.at("days").get<double>(), {}};
        if (!json.contains("urgency")) return age;
        for (const auto& [urgency, days] : json.at("urgency").items()) {
            age.by_urgency[urgency] = days.get<double>();
            if (urgency != "low" && urgency != "unknown" && days.get<double>() > age.days)
                mistake(json_pointer(path + "/urgency", urgency),
                        "is longer than `days`: urgency shortens the wait");
        }
        return age;
    }

    void read_freezes(const Json& json, Policy& policy) const {
        for (const Json& item : json) {
            const std::string path = "/freezes/" + std::to_string(policy.freezes.size());
            Freeze freeze{item.at("from").get<std::string>(),
                          item.at("until").get<std::string>(),
                          item.at("reason").get<std::string>(),
                          {}};
            if (item.contains("except-urgency"))
                freeze.except_urgency = item.at("except-urgency").get<std::set<std::string>>();
            const bool dates =
                date(freeze.from, path + "/from") & date(freeze.until, path + "/until");
            if (dates && freeze.until < freeze.from) mistake(path, "ends before it begins");
            policy.freezes.push_back(std::move(freeze));
        }
    }

    bool date(const std::string& text, const std::string& path) const {
        try {
            if (to_rfc3339(from_rfc3339(text)).substr(0, 10) == text) return true;
        } catch (const Error&) {
        }
        mistake(path, "'" + text + "' is not a day of the calendar");
        return false;
    }

    static void read_waivers(const Json& json, WaiverRules& rules) {
        if (json.contains("roles")) {
            rules.roles.clear();
            for (const Json& role : json.at("roles"))
                rules.roles.push_back(role_from(role.get<std::string>()));
        }
        rules.longest_days = json.value("longest-days", rules.longest_days);
        if (json.contains("never")) rules.never = json.at("never").get<std::set<std::string>>();
    }

    const YamlDocument& document_;
    Diagnostics& diagnostics_;
};

}  // namespace

std::string_view name(DrillDemand demand) {
    switch (demand) {
        case DrillDemand::optional: return "optional";
        case DrillDemand::restore: return "restore";
        case DrillDemand::downgrade: return "downgrade";
    }
    return "optional";
}

double ReleaseAge::of(const std::string& urgency) const {
    const auto found = by_urgency.find(urgency);
    return found == by_urgency.end() ? days : found->second;
}

Policy parse_policy(const std::string& yaml, const std::string& file_name,
                    Diagnostics& diagnostics) {
    Policy policy;
    policy.source = yaml;
    policy.digest = sha256_hex(yaml);
    Diagnostics own;  // the caller's may hold the mistakes of other files already
    const YamlDocument document = parse_yaml(yaml, file_name, own);
    static const Schema schema(policy_schema());
    if (own.ok()) schema.check(document, own);
    if (own.ok()) Reader(document, own).read(policy);
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return policy;
}

Policy load_policy(const std::filesystem::path& file, Diagnostics& diagnostics) {
    return parse_policy(read_file(file, max_policy_bytes), file.string(), diagnostics);
}

std::string policy_schema() {
    return std::string(embedded::policy_files::file("policy.schema.json"));
}

std::vector<std::string> builtin_policy_names() {
    std::vector<std::string> names;
    for (const std::string_view file : embedded::policy_files::names())
        if (file.ends_with(".yaml")) names.emplace_back(file.substr(0, file.size() - 5));
    std::sort(names.begin(), names.end());
    return names;
}

std::string builtin_policy(const std::string& name) {
    const std::string_view text = embedded::policy_files::file(name + ".yaml");
    if (text.empty())
        throw Error(ErrorCode::not_found, "no policy '" + name + "' ships with patchlab",
                    "those that ship: default, strict");
    return std::string(text);
}

namespace {

constexpr const char* action = "policy-added";

Policy parse(const std::string& yaml, const std::string& name) {
    Diagnostics diagnostics;
    Policy policy = parse_policy(yaml, name, diagnostics);
    diagnostics.throw_if_any("reading policy " + name);
    return policy;
}

StoredPolicy policy_from(const store::Row& row) {
    const std::string source = row.text("source");
    if (sha256_hex(source) != row.text("digest"))
        throw Error(ErrorCode::refused,
                    "policy '" + row.text("name") + "' was altered in the store");
    return {parse(source, row.text("name")), row.text("added"), row.text("added_by")};
}

}  // namespace

namespace {

StoredPolicy newest_policy(Governance& house) {
    house.audit.expect_intact();
    const auto row =
        house.database.query_one("SELECT * FROM governance_policies ORDER BY seq DESC LIMIT 1");
    const auto recorded = house.database.query_one(
        "SELECT detail FROM governance_audit WHERE action = ? ORDER BY seq DESC LIMIT 1",
        {std::string(action)});
    const std::string wanted =
        recorded ? JsonReader(parse_json(recorded->text("detail"), "the audit trail", 1U << 20),
                              "the audit trail")
                       .string_or("digest", "")
                 : "";
    if (wanted != (row ? row->text("digest") : ""))
        throw Error(ErrorCode::refused,
                    "the policy in the store is not the one that was added last",
                    "see: patchlab audit verify, and patchlab audit list");
    if (!row) return {parse(builtin_policy("default"), "default"), "", ""};
    return policy_from(*row);
}

}  // namespace

StoredPolicy PolicyStore::in_force() {
    StoredPolicy policy;
    house_.audit.settled([&] { policy = newest_policy(house_); });
    return policy;
}

std::vector<StoredPolicy> PolicyStore::list() {
    std::vector<StoredPolicy> policies;
    for (const store::Row& row :
         house_.database.query("SELECT * FROM governance_policies ORDER BY seq"))
        policies.push_back(policy_from(row));
    return policies;
}

StoredPolicy PolicyStore::add(const Actor& actor, const std::string& yaml,
                              const std::string& file_name) {
    require_role(house_, actor, {Role::admin}, "put a policy in force");
    const StoredPolicy added{parse(yaml, file_name), house_.now(), actor.user};
    house_.audit.append({actor, action, added.policy.name, {{"digest", added.policy.digest}}}, [&] {
        house_.database.execute(
            "INSERT INTO governance_policies (seq, name, digest, source, added, added_by) "
            "SELECT coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ? FROM governance_policies",
            {added.policy.name, added.policy.digest, yaml, added.added, actor.user});
    });
    return added;
}

}  // namespace patchlab::governance
