// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/sealed_run.hpp"

#include "orchestrator/operations/documents.hpp"
#include "platform/core/attestation.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/key_ring.hpp"
#include "reports/evidence.hpp"
#include "reports/sealed_file.hpp"
#include "reports/signature.hpp"

namespace patchlab::operations {

namespace {

constexpr std::uint64_t most_bytes = 512ULL << 20;

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorCode::refused, what); }

/// That one of the installation's keys signed this very manifest.
void require_signature(const fs::path& evidence, const reports::SealedFolder& sealed,
                       const std::vector<PublicKey>& keys) {
    const auto text = reports::read_signature_text(evidence);
    if (!text) refuse("its signature is gone");
    if (keys.empty()) refuse("this installation has no key to check it with");
    const Statement statement = open_statement(*text, reports::signature_file, keys).statement;
    if (statement.predicate_type != reports::test_result_predicate ||
        statement.digest_of(reports::manifest_file) != sealed.digest())
        refuse("its signature is over other evidence");
}

Json read_sealed(const fs::path& evidence, const pipeline::RunRow& run,
                 const std::vector<PublicKey>& keys) {
    const reports::SealedFolder sealed(evidence);
    require_signature(evidence, sealed, keys);
    Json document = parse_json(sealed.read("run.json", most_bytes), "run.json");
    const JsonReader in(document, "run.json");
    if (in.string("id") != run.id) refuse("it is the evidence of run " + in.string("id"));
    if (in.string("requester") != run.requester)
        refuse("it says that " + in.string("requester") +
               " asked for the run, and the store says " + run.requester);
    return document;
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

}  // namespace

std::optional<Json> sealed_document(Session& session, const pipeline::RunRow& run) {
    const fs::path evidence =
        pipeline::RunStore(session.state(), session.database()).folder(run.id).evidence();
    if (!fs::exists(fs::symlink_status(evidence))) return std::nullopt;
    try {
        return read_sealed(evidence, run, installation_keys(session.state()).public_keys());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::lab) throw;
        throw Error(ErrorCode::refused,
                    "the evidence of run " + run.id + " is not what was sealed: " + error.message(),
                    "see all of it with: patchlab evidence verify " + evidence.string());
    }
}

std::filesystem::path evidence_folder(Session& session, const std::string& run) {
    require_run_id(run);
    const std::filesystem::path folder = session.state() / "runs" / run;
    if (!std::filesystem::is_directory(folder))
        throw Error(ErrorCode::not_found, "there is no run '" + run + "'",
                    "list the runs with `patchlab run list`");
    std::filesystem::path evidence = folder / "evidence";
    if (!std::filesystem::exists(evidence / "manifest.json")) throw no_evidence(session, run);
    return evidence;
}

WholeEvidence whole_evidence(Session& session, const std::string& run) {
    const std::filesystem::path evidence = evidence_folder(session, run);
    const auto broken = [&](const std::string& what) {
        throw Error(ErrorCode::refused, "its evidence is not what was sealed: " + what,
                    "see all of it with `patchlab evidence verify " + evidence.string() + "`");
    };
    reports::EvidenceVerification found;
    try {
        found = reports::verify(evidence);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) throw;
        broken(error.message());
    }
    if (!found.ok()) broken(found.problems.front().file + " " + found.problems.front().what);
    return {evidence, found.digest};
}

}  // namespace patchlab::operations
