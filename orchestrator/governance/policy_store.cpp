// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/policy_store.hpp"

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::governance {

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

StoredPolicy PolicyStore::in_force() {
    const auto row =
        house_.database.query_one("SELECT * FROM governance_policies ORDER BY seq DESC LIMIT 1");
    const auto recorded = house_.database.query_one(
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
