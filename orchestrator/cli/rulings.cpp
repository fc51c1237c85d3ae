// SPDX-License-Identifier: Apache-2.0
//
// approve, reject, waive: what a person says to a run.
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

using governance::RulingKind;

struct RulingWords {
    governance::RulingWords ruling;
    std::string role, key, output;
};

std::string done(const governance::Ruling& ruling) {
    switch (ruling.kind) {
        case RulingKind::approve: return "approved";
        case RulingKind::reject: return "rejected";
        case RulingKind::waive:
            return "'" + ruling.requirement + "' waived until " + ruling.expires;
    }
    return "";
}

void say(Context& context, const RulingWords& words) {
    governance::Governance& house = context.governance();
    const governance::Actor actor = context.actor();
    governance::RulingWords wanted = words.ruling;
    if (!words.role.empty()) wanted.role = governance::role_from(words.role);
    std::optional<SecretKey> key;
    if (!words.key.empty()) key = read_secret_key(words.key);
    wanted.key = key ? &*key : nullptr;
    const governance::Ruling ruling = governance::rule(house, actor, wanted);
    if (!words.output.empty()) write_file_atomic(words.output, ruling.envelope);
    const governance::Decision decision = governance::decide(house, wanted.run);
    Json document = governance::to_json(ruling);
    document["decision"] = {{"satisfied", decision.satisfied()}, {"summary", decision.summary()}};
    context.print(document, [&] {
        std::cout << "run " << ruling.run << ": " << one_line(done(ruling)) << " by "
                  << ruling.author << " as " << governance::name(ruling.role) << ", signed with "
                  << (ruling.custody == governance::KeyCustody::own
                          ? "their own key"
                          : "the key that patchlab keeps for them")
                  << "\nit " << one_line(decision.summary()) << "\n";
    });
}

/// A top-level verb with what all three share.
std::pair<CLI::App*, std::shared_ptr<RulingWords>> verb(CLI::App& app, Context& context,
                                                        const char* name, const char* what,
                                                        RulingKind kind) {
    CLI::App* command = app.add_subcommand(name, what);
    auto words = std::make_shared<RulingWords>();
    words->ruling.kind = kind;
    command->add_option("RUN", words->ruling.run, "the run")->required();
    command->add_option("--role", words->role, "in which role, when you have several")
        ->check(CLI::IsMember({"release-manager", "system-owner"}));
    command
        ->add_option("--key", words->key,
                     "your own secret key (PEM, 0600), when patchlab keeps none for you")
        ->type_name("FILE");
    command->add_option("-o,--output", words->output, "write the signed document to this file, too")
        ->type_name("FILE");
    add_json_flag(*command, context);
    command->callback([&context, words] { say(context, *words); });
    return {command, words};
}

}  // namespace

void add_rulings(CLI::App& app, Context& context) {
    const auto [approve, approval] =
        verb(app, context, "approve",
             "approve a run that somebody else asked for: signed, over exactly its evidence",
             RulingKind::approve);
    approve->add_option("--reason,--note", approval->ruling.reason, "what was looked at");

    const auto [reject, rejection] =
        verb(app, context, "reject", "reject a run; it stays so until the same person approves it",
             RulingKind::reject);
    reject->add_option("--reason", rejection->ruling.reason, "why")->required();

    const auto [waive, waiver] =
        verb(app, context, "waive", "answer for one open requirement of a run, until a date",
             RulingKind::waive);
    waive
        ->add_option("--requirement", waiver->ruling.requirement,
                     "its id, as `policy explain` tells it")
        ->required();
    waive->add_option("--reason", waiver->ruling.reason, "why")->required();
    waive
        ->add_option("--expires", waiver->ruling.expires,
                     "a date (its first moment, UTC) or a time such as 2026-12-31T18:00:00Z")
        ->required();
    waive
        ->add_option("--owner", waiver->ruling.owner,
                     "the user who answers for the risk (default: you)")
        ->type_name("USER");
}

}  // namespace patchlab::cli
