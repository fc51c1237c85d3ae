// SPDX-License-Identifier: Apache-2.0
#include "reports/evidence.hpp"

#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "platform/core/error.hpp"
#include "reports/plain_text.hpp"

namespace patchlab::cli {

namespace {

/// A manifest that is broken itself is one more way of not being intact, not a mistake of the caller.
reports::EvidenceVerification verify(const std::string& folder) {
    try {
        return reports::verify(folder);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) throw;
        reports::EvidenceVerification broken;
        broken.problems.push_back({"manifest.json", error.message()});
        return broken;
    }
}

Json document(const std::string& folder, const reports::EvidenceVerification& found) {
    Json problems = Json::array();
    for (const auto& problem : found.problems) problems.push_back({{"file", problem.file}, {"what", problem.what}});
    Json json;
    json["schema"] = "patchlab/verification/v1";
    json["folder"] = folder;
    json["intact"] = found.ok();
    json["digest"] = found.digest.empty() ? Json() : Json(found.digest);
    json["files"] = found.files;
    json["problems"] = std::move(problems);
    return json;
}

void print_words(const reports::EvidenceVerification& found) {
    for (const auto& problem : found.problems)
        std::cout << reports::plain_text(problem.file) << ": " << reports::plain_text(problem.what) << "\n";
    if (found.ok())
        std::cout << "intact: " << found.files << (found.files == 1 ? " file" : " files") << ", digest " << found.digest
                  << "\n";
    else
        std::cout << "NOT intact: " << found.problems.size() << (found.problems.size() == 1 ? " problem" : " problems")
                  << "\n";
}

}  // namespace

void add_evidence(CLI::App& app, Context& context) {
    auto* noun = app.add_subcommand("evidence", "Check the evidence that a run left");
    noun->require_subcommand(1);
    auto* command =
        noun->add_subcommand("verify", "Find any byte that changed since DIR was sealed; needs nothing but DIR");
    auto folder = std::make_shared<std::string>();
    command->add_option("DIR", *folder, "The evidence folder")->required();
    add_json_flag(*command, context);
    command->callback([&context, folder] {
        const reports::EvidenceVerification found = verify(*folder);
        context.print(document(*folder, found), [&] { print_words(found); });
        if (!found.ok()) context.exit = exit_code(ErrorCode::refused);
    });
}

}  // namespace patchlab::cli
