// SPDX-License-Identifier: Apache-2.0
#include "reports/evidence.hpp"

#include "orchestrator/governance/pinned_users.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/sealed_run.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/signing.hpp"
#include "reports/render.hpp"
#include "reports/signature.hpp"

namespace patchlab::operations {

namespace {

constexpr std::uint64_t max_document_bytes = 16U << 20;

/// Whose keys the signature is checked with.
enum class KeysFrom { nowhere, file, installation };

std::string_view word(KeysFrom from) {
    switch (from) {
        case KeysFrom::file: return "file";
        case KeysFrom::installation: return "installation";
        case KeysFrom::nowhere: return "none";
    }
    return "none";
}

struct Trusted {
    std::vector<PublicKey> keys;
    KeysFrom from = KeysFrom::nowhere;
};

struct Verification {
    reports::EvidenceVerification files;
    reports::SignatureCheck signature;
    bool signature_counts = true;
    /// Evidence is sealed with a signature, so one that is not there was removed. Who has no key
    /// can only see that there is one.
    bool ok() const {
        const bool signed_well = signature.state == reports::SignatureState::good ||
                                 signature.state == reports::SignatureState::unchecked;
        return files.ok() && (signed_well || !signature_counts);
    }
};

/// Of this installation, when there is one that may be read here.
std::vector<PublicKey> own_keys(Session& session) {
    try {
        if (session.has_state()) return installation_keys(session.state()).public_keys();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::usage && error.code() != ErrorCode::lab) throw;
    }
    return {};
}

/// `request`: may name a file of keys, or bring those of an installation that is elsewhere.
Trusted trusted_keys(Session& session, const JsonReader& request) {
    if (const std::string file = request.string_or("key", ""); !file.empty())
        return {read_public_keys(file), KeysFrom::file};
    if (request.has("installation_keys"))
        return {
            public_keys_from_pem(request.string("installation_keys"), "the installation's keys"),
            KeysFrom::installation};
    std::vector<PublicKey> keys = own_keys(session);
    const KeysFrom from = keys.empty() ? KeysFrom::nowhere : KeysFrom::installation;
    return {std::move(keys), from};
}

/// A manifest that is broken itself is one more way of not being intact, not a mistake of the
/// caller.
Verification verify_folder(const std::string& folder, const std::vector<PublicKey>& keys) {
    Verification found;
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

/// The folder that is asked about, by its path or by its run.
std::string folder_in(Session& session, const JsonReader& request) {
    if (request.has("folder") == request.has("run"))
        throw Error(ErrorCode::usage, "which evidence?", "name a run, or its folder");
    if (request.has("folder")) return request.string("folder");
    return evidence_folder(session, request.string("run")).string();
}

/// What is wrong with an approval of this evidence; empty when nothing is.
std::string approval_problem(const JsonReader& request, const std::string& folder,
                             const std::vector<PublicKey>& keys) {
    const std::string file = request.string("approval");
    const std::string users = request.string_or("users", "");
    try {
        const governance::Ruling approval =
            governance::verify_approval(read_file(file, max_document_bytes), file, folder, keys);
        if (!users.empty())
            governance::expect_pinned(
                approval, file,
                governance::open_users(read_file(users, max_document_bytes), users, keys));
        return {};
    } catch (const Error& error) {
        if (error.code() != ErrorCode::refused && error.code() != ErrorCode::invalid) throw;
        return error.message();
    }
}

Outcome verify_evidence(Call& call, const JsonReader& request) {
    const std::string folder = folder_in(call.session, request);
    const Trusted trusted = trusted_keys(call.session, request);
    Verification found = verify_folder(folder, trusted.keys);
    found.signature_counts = request.boolean_or("signature", true);
    Json problems = Json::array();
    for (const auto& problem : found.files.problems)
        problems.push_back({{"file", problem.file}, {"what", problem.what}});
    bool good = found.ok();
    Json document{{"schema", "patchlab/verification/v1"},
                  {"folder", folder},
                  {"intact", good},
                  {"digest", or_null(found.files.digest)},
                  {"files", found.files.files},
                  {"problems", problems},
                  {"signature",
                   {{"state", word(found.signature.state)},
                    {"key", or_null(found.signature.key_id)},
                    {"problem", or_null(found.signature.problem)},
                    {"keys", word(trusted.from)},
                    {"counts", found.signature_counts}}}};
    if (request.has("approval")) {
        const std::string problem = approval_problem(request, folder, trusted.keys);
        document["approval"] = {{"good", problem.empty()}, {"problem", or_null(problem)}};
        good = good && problem.empty();
    }
    return {document, good ? 0 : exit_code(ErrorCode::refused)};
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
        const std::string format = request.string("format");
        const auto needs_review = request.string_or("needs_review", "failure") == "skipped"
                                      ? reports::NeedsReview::skipped
                                      : reports::NeedsReview::failure;
        return {{{"schema", "patchlab/report/v1"},
                 {"run", run},
                 {"format", format},
                 {"text", render(whole_evidence(call.session, run).folder, format, needs_review)}}};
    });
}

}  // namespace

std::vector<Operation> evidence_operations() {
    return {
        {"evidence.verify", "Find any byte that changed since evidence was sealed, and who signed",
         Kind::read, anyone(), verify_evidence, "run"},
        {"evidence.report", "Render the sealed evidence of a run for people or for CI", Kind::read,
         anyone(), report_evidence, "run"},
    };
}

}  // namespace patchlab::operations
