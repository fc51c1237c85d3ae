// SPDX-License-Identifier: Apache-2.0
#include "reports/evidence.hpp"

#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/signing.hpp"
#include "reports/render.hpp"
#include "reports/signature.hpp"

namespace patchlab::operations {

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

Outcome verify_evidence(Call&, const JsonReader& request) {
    const std::string folder = request.string("folder");
    const Verification found = verify_folder(folder, request.string_or("key", ""));
    Json problems = Json::array();
    for (const auto& problem : found.files.problems)
        problems.push_back({{"file", problem.file}, {"what", problem.what}});
    const Json document{{"schema", "patchlab/verification/v1"},
                        {"folder", folder},
                        {"intact", found.ok()},
                        {"digest", or_null(found.files.digest)},
                        {"files", found.files.files},
                        {"problems", problems},
                        {"signature",
                         {{"state", word(found.signature.state)},
                          {"key", or_null(found.signature.key_id)},
                          {"problem", or_null(found.signature.problem)}}}};
    return {document, found.ok() ? 0 : exit_code(ErrorCode::refused)};
}

/// The id becomes a folder name, so it may be nothing else.
void require_run_id(const std::string& id) {
    const bool plain =
        !id.empty() && id.size() <= 100 && id.front() != '.' &&
        id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
            std::string::npos;
    if (!plain)
        throw Error(ErrorCode::usage, "'" + id + "' is not the id of a run",
                    "list the runs with `patchlab run list`");
}

Error no_evidence(Session& session, const std::string& run) {
    const pipeline::RunRow row = pipeline::RunStore(session.state(), session.database()).get(run);
    return {ErrorCode::conflict, "run '" + run + "' " + why_no_evidence(row.kind, row.progress),
            "see where it is: patchlab run show " + run};
}

/// The evidence of a finished run whose seal holds.
std::filesystem::path sealed_evidence(Session& session, const std::string& run) {
    const std::filesystem::path folder = session.state() / "runs" / run;
    if (!std::filesystem::is_directory(folder))
        throw Error(ErrorCode::not_found, "there is no run '" + run + "'",
                    "list the runs with `patchlab run list`");
    const std::filesystem::path evidence = folder / "evidence";
    if (!std::filesystem::exists(evidence / "manifest.json")) throw no_evidence(session, run);
    const auto broken = [&](const std::string& what) {
        throw Error(ErrorCode::refused, "its evidence is not what was sealed: " + what,
                    "see all of it with `patchlab evidence verify " + evidence.string() + "`");
    };
    try {
        const reports::EvidenceVerification found = reports::verify(evidence);
        if (!found.ok()) broken(found.problems.front().file + " " + found.problems.front().what);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) throw;
        broken(error.message());
    }
    return evidence;
}

std::string render(const std::filesystem::path& evidence, const std::string& format,
                   reports::NeedsReview needs_review) {
    if (format == "html") return reports::render_html(evidence);
    if (format == "markdown") return reports::render_markdown(evidence);
    return format == "junit" ? reports::render_junit(evidence, needs_review)
                             : reports::render_json(evidence);
}

Outcome report_evidence(Call& call, const JsonReader& request) {
    const std::string run = request.string("run");
    return during("reporting run '" + run + "'", [&]() -> Outcome {
        require_run_id(run);
        const std::string format = request.string("format");
        const auto needs_review = request.string_or("needs_review", "failure") == "skipped"
                                      ? reports::NeedsReview::skipped
                                      : reports::NeedsReview::failure;
        return {{{"schema", "patchlab/report/v1"},
                 {"run", run},
                 {"format", format},
                 {"text", render(sealed_evidence(call.session, run), format, needs_review)}}};
    });
}

}  // namespace

std::vector<Operation> evidence_operations() {
    return {
        {"evidence.verify", "Find any byte that changed since evidence was sealed, and who signed",
         Kind::read, anyone(), verify_evidence},
        {"evidence.report", "Render the sealed evidence of a run for people or for CI", Kind::read,
         anyone(), report_evidence, "run"},
    };
}

}  // namespace patchlab::operations
