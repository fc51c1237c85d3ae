// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

void print_signature(const JsonReader& signature) {
    const std::string state = signature.string("state");
    const std::string key = one_line(signature.string_or("key", ""));
    const bool own = signature.string_or("keys", "") == "installation";
    if (!signature.boolean_or("counts", true)) std::cout << "signature not looked at\n";
    else if (state == "good")
        std::cout << "signed: by key " << key << (own ? " of this installation" : "") << "\n";
    else if (state == "unchecked")
        std::cout << "signature not checked: it says key " << key
                  << "; give that public key with --key FILE\n";
    else if (state == "none")
        std::cout << "NOT signed: evidence.dsse.json is missing; --no-signature leaves it out\n";
    else
        std::cout << "signature NOT good: " << one_line(signature.string_or("problem", "")) << "\n";
}

void print_found(const JsonReader& found) {
    const auto problems = found.objects("problems");
    for (const JsonReader& problem : problems)
        std::cout << one_line(problem.string("file")) << ": " << one_line(problem.string("what"))
                  << "\n";
    const std::string digest = found.string_or("digest", "");
    if (problems.empty())
        std::cout << "intact: " << count_text(found.integer("files"), "file") << ", digest "
                  << digest << "\n";
    else std::cout << "NOT intact: " << count_text(problems.size(), "problem") << "\n";
    if (!digest.empty()) print_signature(found.object("signature"));
    if (!found.has("approval")) return;
    const JsonReader approval = found.object("approval");
    if (approval.boolean("good")) std::cout << "approval good\n";
    else std::cout << "approval NOT good: " << one_line(approval.string("problem")) << "\n";
}

struct VerifyWords {
    std::string evidence, key, approval, users;
    bool files_only = false;
};

/// A run has no slash in its name, and a folder that is there is meant.
bool names_folder(const std::string& word) {
    std::error_code error;
    return word.find('/') != std::string::npos || std::filesystem::is_directory(word, error);
}

void add_evidence_export(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "export",
        "write the sealed evidence of a run as one file (.tar.zst), to keep elsewhere; the same "
        "evidence gives the same bytes");
    auto run = std::make_shared<std::string>();
    auto file = std::make_shared<std::string>();
    verb->add_option("RUN", *run, "the run")->required();
    verb->add_option("-o,--output", *file, "the file")->type_name("FILE")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, run, file] {
        const Json made =
            context.invoke("evidence.export",
                           {{"run", *run}, {"file", std::filesystem::absolute(*file).string()}});
        context.print(made, [&] {
            const JsonReader out(made, "export");
            std::cout << "evidence of " << out.string("run") << " in " << out.string("file") << " ("
                      << size_text(out.integer("bytes")) << ")\n"
                      << "sha256   " << out.string("sha256") << "\n"
                      << "evidence " << out.string("digest") << "\n"
                      << "unpack it with tar --zstd -xf, then: patchlab evidence verify "
                      << out.string("folder") << "\n";
        });
    });
}

}  // namespace

void add_evidence(CLI::App& app, Context& context) {
    auto* noun = app.add_subcommand("evidence", "Check the evidence that a run left");
    noun->require_subcommand(1);
    add_evidence_export(*noun, context);
    auto* command = noun->add_subcommand(
        "verify",
        "Find any byte that changed since evidence was sealed, and who signed it; elsewhere it "
        "needs nothing but the folder and the public key");
    auto words = std::make_shared<VerifyWords>();
    command->add_option("RUN|DIR", words->evidence, "A run of this installation, or a folder")
        ->required();
    CLI::Option* key = command->add_option(
        "--key", words->key,
        "Public keys (PEM, from `patchlab key export`): one of them must have signed (default: "
        "those of this installation)");
    key->type_name("FILE");
    command
        ->add_flag("--no-signature", words->files_only,
                   "The files alone: a missing or a foreign signature is no failure")
        ->excludes(key);
    CLI::Option* approval = command->add_option(
        "--approval", words->approval,
        "The signed approval of this evidence (from `approve -o FILE`), to be verified, too");
    approval->type_name("FILE");
    command
        ->add_option(
            "--users", words->users,
            "The signed users (from `key export --users`): the author of the approval must "
            "be one of them, with that key")
        ->type_name("FILE")
        ->needs(approval);
    add_json_flag(*command, context);
    command->callback([&context, words] {
        Json request{{names_folder(words->evidence) ? "folder" : "run", words->evidence}};
        put(request, "key", words->key);
        if (words->files_only) request["signature"] = false;
        put(request, "approval", words->approval);
        put(request, "users", words->users);
        const Json found = context.invoke("evidence.verify", request);
        context.print(found, [&] { print_found(JsonReader(found, "found")); });
    });
}

}  // namespace patchlab::cli
