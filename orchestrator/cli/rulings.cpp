// SPDX-License-Identifier: Apache-2.0
//
// approve, reject, waive: what a person decides about a run.
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/attestation.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/signing.hpp"

namespace patchlab::cli {

namespace {

struct DecisionOptions {
    std::string run, reason, requirement, expires, owner, role, key, output;
};

std::string done(const JsonReader& ruling) {
    const std::string kind = ruling.string("kind");
    if (kind == "approve") return "approved";
    if (kind == "reject") return "rejected";
    return "'" + ruling.string("requirement") + "' waived until " + ruling.string("expires");
}

/// " (acting: root)" when somebody else's account named the author.
std::string acting_text(const JsonReader& ruling) {
    if (!ruling.has("account")) return "";
    const JsonReader account = ruling.object("account");
    if (account.string("login") != "on-behalf") return "";
    return " (acting: " + one_line(account.string("os_user")) + ")";
}

void print_ruling(const JsonReader& ruling) {
    const JsonReader author = ruling.object("author");
    std::cout << "run " << ruling.string("run") << ": " << one_line(done(ruling)) << " by "
              << author.string("user") << acting_text(ruling) << " as " << author.string("role")
              << ", signed with "
              << (author.string("custody") == "own" ? "their own key"
                                                    : "the key that patchlab keeps for them")
              << "\nit " << one_line(ruling.object("decision").string("summary")) << "\n";
    for (const std::string& warning : ruling.object("decision").strings_or_empty("warnings"))
        std::cerr << "warning: " << one_line(warning) << "\n";
}

/// What is to be signed must be what was asked for, whoever drafted it.
void expect_asked_for(const Json& predicate, const Json& asked) {
    for (const char* key : {"kind", "reason", "requirement"}) {
        const std::string wanted = asked.value(key, std::string());
        if (predicate.value(key, std::string()) != wanted)
            throw Error(ErrorCode::refused, "the draft says something else than was asked for",
                        std::string("its '") + key + "' differs; nothing was signed");
    }
}

/// The secret key stays in this process: the decision is drafted, signed here, and taken back.
void put_signed(Context& context, Json& request, const std::string& operation,
                const SecretKey& key) {
    Json asked = request;
    asked["kind"] = operation.substr(operation.find('.') + 1);
    const Json draft = context.invoke_exact("decision.draft", asked);
    Envelope envelope{std::string(statement_payload_type), draft.at("text").get<std::string>(), {}};
    expect_asked_for(statement_of(envelope, "the draft").predicate, asked);
    envelope.sign(key);
    request["run"] = draft.at("run");  // the very run that was drafted
    request["signed"] = to_text(envelope);
}

void decide(Context& context, const std::string& operation, const DecisionOptions& options) {
    Json request{{"run", options.run}};
    put(request, "reason", options.reason);
    put(request, "requirement", options.requirement);
    put(request, "expires", options.expires);
    put(request, "owner", options.owner);
    put(request, "role", options.role);
    if (!options.key.empty()) put_signed(context, request, operation, read_secret_key(options.key));
    if (!options.output.empty()) request["with_envelope"] = true;
    Json ruling = context.invoke_exact(operation, request);
    if (!options.output.empty()) {
        write_file_atomic(options.output, ruling.at("envelope").get<std::string>());
        ruling.erase("envelope");
    }
    context.print(ruling, [&] {
        const Json words = shown(ruling);
        print_ruling(JsonReader(words, "ruling"));
    });
}

/// A top-level verb with what all three share.
std::pair<CLI::App*, std::shared_ptr<DecisionOptions>> verb(CLI::App& app, Context& context,
                                                            const std::string& name,
                                                            const char* what) {
    CLI::App* command = app.add_subcommand(name, what);
    auto options = std::make_shared<DecisionOptions>();
    command->add_option("RUN", options->run, "the run")->required();
    command->add_option("--role", options->role, "in which role, when you have several")
        ->check(CLI::IsMember({"release-manager", "system-owner"}));
    command
        ->add_option("--key", options->key,
                     "your own secret key (PEM, 0600), when patchlab keeps none for you")
        ->type_name("FILE");
    command
        ->add_option("-o,--output", options->output, "write the signed document to this file, too")
        ->type_name("FILE");
    add_json_flag(*command, context);
    command->callback([&context, name, options] { decide(context, "decision." + name, *options); });
    return {command, options};
}

}  // namespace

void add_rulings(CLI::App& app, Context& context) {
    const auto [approve, approval] =
        verb(app, context, "approve",
             "approve a run that somebody else asked for: signed, over exactly its evidence");
    approve->add_option("--reason,--note", approval->reason, "what was looked at");

    const auto [reject, rejection] =
        verb(app, context, "reject", "reject a run; it stays so until the same person approves it");
    reject->add_option("--reason", rejection->reason, "why")->required();

    const auto [waive, waiver] =
        verb(app, context, "waive", "answer for one open requirement of a run, until a date");
    waive->add_option("--requirement", waiver->requirement, "its id, as `policy explain` tells it")
        ->required();
    waive->add_option("--reason", waiver->reason, "why")->required();
    waive
        ->add_option("--expires", waiver->expires,
                     "a date (its first moment, UTC) or a time such as 2026-12-31T18:00:00Z")
        ->required();
    waive->add_option("--owner", waiver->owner, "the user who answers for the risk (default: you)")
        ->type_name("USER");
}

}  // namespace patchlab::cli
