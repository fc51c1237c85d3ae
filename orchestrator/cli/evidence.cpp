// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

void print_signature(const JsonReader& signature, bool key_given) {
    const std::string state = signature.string("state");
    if (state == "good") std::cout << "signed: by key " << signature.string("key") << "\n";
    else if (state == "unchecked")
        std::cout << "signature not checked: it says key " << one_line(signature.string("key"))
                  << "; give that public key with --key FILE\n";
    else if (state == "none")
        std::cout << (key_given ? "NOT signed: evidence.dsse.json is missing\n" : "not signed\n");
    else
        std::cout << "signature NOT good: " << one_line(signature.string_or("problem", "")) << "\n";
}

void print_found(const JsonReader& found, bool key_given) {
    const auto problems = found.objects("problems");
    for (const JsonReader& problem : problems)
        std::cout << one_line(problem.string("file")) << ": " << one_line(problem.string("what"))
                  << "\n";
    const std::string digest = found.string_or("digest", "");
    if (problems.empty())
        std::cout << "intact: " << count_text(found.integer("files"), "file") << ", digest "
                  << digest << "\n";
    else std::cout << "NOT intact: " << count_text(problems.size(), "problem") << "\n";
    if (!digest.empty()) print_signature(found.object("signature"), key_given);
}

}  // namespace

void add_evidence(CLI::App& app, Context& context) {
    auto* noun = app.add_subcommand("evidence", "Check the evidence that a run left");
    noun->require_subcommand(1);
    add_evidence_export(*noun, context);
    auto* command = noun->add_subcommand("verify",
                                         "Find any byte that changed since DIR was sealed, and who "
                                         "signed it; needs nothing but DIR and the public key");
    auto folder = std::make_shared<std::string>();
    auto key = std::make_shared<std::string>();
    command->add_option("DIR", *folder, "The evidence folder")->required();
    command
        ->add_option("--key", *key,
                     "The installation's public keys (PEM, from `patchlab key export`): one of "
                     "them must have signed DIR")
        ->type_name("FILE");
    add_json_flag(*command, context);
    command->callback([&context, folder, key] {
        Json request{{"folder", *folder}};
        if (!key->empty()) request["key"] = *key;
        const Json found = context.invoke("evidence.verify", request);
        context.print(found, [&] { print_found(JsonReader(found, "found"), !key->empty()); });
    });
}

}  // namespace patchlab::cli
