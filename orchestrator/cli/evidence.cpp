// SPDX-License-Identifier: Apache-2.0
#include "reports/evidence.hpp"

#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "platform/core/error.hpp"
#include "platform/core/signing.hpp"
#include "reports/plain_text.hpp"
#include "reports/signature.hpp"

namespace patchlab::cli {

namespace {

struct Verification {
    reports::EvidenceVerification files;
    reports::SignatureCheck signature;
    bool key_given = false;
    /// Without a key a missing signature is no finding: who has only the folder can check the files
    /// alone.
    bool ok() const {
        const bool signature_fine = key_given ? signature.state == reports::SignatureState::good
                                              : signature.state != reports::SignatureState::bad;
        return files.ok() && signature_fine;
    }
};

/// A manifest that is broken itself is one more way of not being intact, not a mistake of the
/// caller.
Verification verify_folder(const std::string& folder, const std::string& key_file) {
    Verification found;
    std::vector<PublicKey> keys;
    if (!key_file.empty()) keys = read_public_keys(key_file);
    found.key_given = !key_file.empty();
    try {
        found.files = reports::verify(folder);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) throw;
        found.files.problems.push_back({"manifest.json", error.message()});
        return found;
    }
    found.signature = reports::check_signature(folder, keys);
    return found;
}

std::string_view word(reports::SignatureState state) {
    switch (state) {
        case reports::SignatureState::none: return "none";
        case reports::SignatureState::unchecked: return "unchecked";
        case reports::SignatureState::good: return "good";
        case reports::SignatureState::bad: return "bad";
    }
    return "bad";
}

Json document(const std::string& folder, const Verification& found) {
    Json problems = Json::array();
    for (const auto& problem : found.files.problems)
        problems.push_back({{"file", problem.file}, {"what", problem.what}});
    Json json;
    json["schema"] = "patchlab/verification/v1";
    json["folder"] = folder;
    json["intact"] = found.ok();
    json["digest"] = found.files.digest.empty() ? Json() : Json(found.files.digest);
    json["files"] = found.files.files;
    json["problems"] = std::move(problems);
    json["signature"] = {
        {"state", word(found.signature.state)},
        {"key", found.signature.key_id.empty() ? Json() : Json(found.signature.key_id)},
        {"problem", found.signature.problem.empty() ? Json() : Json(found.signature.problem)}};
    return json;
}

void print_signature(const Verification& found) {
    const reports::SignatureCheck& signature = found.signature;
    switch (signature.state) {
        case reports::SignatureState::good:
            std::cout << "signed: by key " << signature.key_id << "\n";
            break;
        case reports::SignatureState::unchecked:
            std::cout << "signature not checked: it says key "
                      << reports::plain_text(signature.key_id)
                      << "; give that public key with --key FILE\n";
            break;
        case reports::SignatureState::none:
            std::cout << (found.key_given ? "NOT signed: evidence.dsse.json is missing\n"
                                          : "not signed\n");
            break;
        case reports::SignatureState::bad:
            std::cout << "signature NOT good: " << reports::plain_text(signature.problem) << "\n";
            break;
    }
}

void print_found(const Verification& found) {
    for (const auto& problem : found.files.problems)
        std::cout << reports::plain_text(problem.file) << ": " << reports::plain_text(problem.what)
                  << "\n";
    if (found.files.ok())
        std::cout << "intact: " << found.files.files
                  << (found.files.files == 1 ? " file" : " files") << ", digest "
                  << found.files.digest << "\n";
    else
        std::cout << "NOT intact: " << found.files.problems.size()
                  << (found.files.problems.size() == 1 ? " problem" : " problems") << "\n";
    if (!found.files.digest.empty()) print_signature(found);
}

}  // namespace

void add_evidence(CLI::App& app, Context& context) {
    auto* noun = app.add_subcommand("evidence", "Check the evidence that a run left");
    noun->require_subcommand(1);
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
        const Verification found = verify_folder(*folder, *key);
        context.print(document(*folder, found), [&] { print_found(found); });
        if (!found.ok()) context.exit = exit_code(ErrorCode::refused);
    });
}

}  // namespace patchlab::cli
