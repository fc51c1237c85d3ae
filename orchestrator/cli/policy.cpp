// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/policy.hpp"

#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/decision_view.hpp"
#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/policy_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

using governance::PolicyStore;
using governance::StoredPolicy;

governance::Policy read_checked_policy(const std::string& file) {
    Diagnostics diagnostics;
    governance::Policy policy = governance::load_policy(file, diagnostics);
    diagnostics.throw_if_any("reading policy " + file);
    return policy;
}

void add_policy_check(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("check", "check a policy: every mistake, with file, line and path");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file, "the policy's YAML file")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        Diagnostics diagnostics;
        const governance::Policy policy = governance::load_policy(*file, diagnostics);
        if (context.json) {
            context.print({{"schema", "patchlab/policy-check/v1"},
                           {"file", *file},
                           {"ok", diagnostics.ok()},
                           {"mistakes", diagnostics.to_json()}},
                          [] {});
            if (!diagnostics.ok()) context.exit = 2;
            return;
        }
        diagnostics.throw_if_any("checking policy " + *file);
        std::cout << "policy '" << policy.name << "' is well defined\n";
    });
}

void add_policy_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "add", "put a policy in force from now on; the ones before it stay on record");
    auto file = std::make_shared<std::string>();
    auto builtin = std::make_shared<std::string>();
    CLI::Option* from_file = verb->add_option("FILE", *file, "the policy's YAML file");
    verb->add_option("--builtin", *builtin, "one that ships: default or strict")
        ->check(CLI::IsMember(governance::builtin_policy_names()))
        ->excludes(from_file);
    add_json_flag(*verb, context);
    verb->callback([&context, file, builtin] {
        if (file->empty() == builtin->empty())
            throw Error(ErrorCode::usage, "no policy was named", "give a FILE, or --builtin NAME");
        const std::string text =
            builtin->empty() ? read_file(*file, 1U << 20) : governance::builtin_policy(*builtin);
        const StoredPolicy added =
            PolicyStore(context.governance())
                .add(context.actor(), text, builtin->empty() ? *file : *builtin);
        context.print({{"schema", "patchlab/policy-added/v1"},
                       {"name", added.policy.name},
                       {"digest", added.policy.digest}},
                      [&] {
                          std::cout << "policy '" << added.policy.name << "' is in force ("
                                    << added.policy.digest.substr(0, 16) << ")\n";
                      });
    });
}

std::vector<StoredPolicy> all_policies(Context& context) {
    std::vector<StoredPolicy> policies = PolicyStore(context.governance()).list();
    if (policies.empty()) policies.push_back(PolicyStore(context.governance()).in_force());
    return policies;
}

void add_policy_list(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("list", "list the policies, oldest first; the last one is in force");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        Json policies = Json::array();
        std::vector<std::vector<std::string>> rows;
        const std::vector<StoredPolicy> all = all_policies(context);
        for (std::size_t i = 0; i < all.size(); ++i) {
            const bool last = i + 1 == all.size();
            policies.push_back(
                {{"name", all[i].policy.name},
                 {"digest", all[i].policy.digest},
                 {"in_force", last},
                 {"added", all[i].added.empty() ? Json(nullptr) : Json(all[i].added)},
                 {"added_by", all[i].added_by.empty() ? Json(nullptr) : Json(all[i].added_by)}});
            rows.push_back({all[i].policy.name, all[i].policy.digest.substr(0, 16),
                            last ? "in force" : "",
                            all[i].added.empty() ? "built in" : all[i].added, all[i].added_by});
        }
        context.print({{"schema", "patchlab/policies/v1"}, {"policies", policies}}, [&] {
            print_table(context, {"POLICY", "DIGEST", "", "SINCE", "BY"}, rows);
        });
    });
}

StoredPolicy find(Context& context, const std::string& wanted) {
    std::vector<StoredPolicy> all = all_policies(context);
    if (wanted.empty()) return PolicyStore(context.governance()).in_force();
    for (auto policy = all.rbegin(); policy != all.rend(); ++policy)
        if (policy->policy.name == wanted ||
            (wanted.size() >= 8 && policy->policy.digest.starts_with(wanted)))
            return *policy;
    throw Error(ErrorCode::not_found, "there is no policy '" + wanted + "'",
                "see: patchlab policy list");
}

void add_policy_show(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("show", "show the text of the policy in force, or of another one");
    auto wanted = std::make_shared<std::string>();
    verb->add_option("NAME", *wanted, "its name, or the beginning of its digest");
    add_json_flag(*verb, context);
    verb->callback([&context, wanted] {
        const StoredPolicy policy = find(context, *wanted);
        context.print({{"schema", "patchlab/policy-text/v1"},
                       {"name", policy.policy.name},
                       {"digest", policy.policy.digest},
                       {"text", policy.policy.source}},
                      [&] { std::cout << policy.policy.source; });
    });
}

void add_explain(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("explain",
                                         "why a run may or may not be promoted, requirement by "
                                         "requirement; exit 0 it may, 1 it may not");
    auto run = std::make_shared<std::string>();
    auto file = std::make_shared<std::string>();
    verb->add_option("RUN", *run, "the run")->required();
    verb->add_option("--policy", *file, "decide as if this policy were in force")
        ->type_name("FILE");
    add_json_flag(*verb, context);
    verb->callback([&context, run, file] {
        const governance::Decision decision =
            file->empty()
                ? governance::decide(context.governance(), *run)
                : governance::decide(context.governance(), *run, read_checked_policy(*file));
        context.print(governance::to_json(decision), [&] { print_decision(context, decision); });
        if (!decision.satisfied()) context.exit = exit_code(ErrorCode::refused);
    });
}

}  // namespace

void add_policy(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("policy", "which runs may be promoted, and who must approve");
    noun->require_subcommand(1);
    add_policy_check(*noun, context);
    add_explain(*noun, context);
    add_policy_add(*noun, context);
    add_policy_list(*noun, context);
    add_policy_show(*noun, context);
}

}  // namespace patchlab::cli
