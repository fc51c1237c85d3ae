// SPDX-License-Identifier: Apache-2.0
#include "reports/signature.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/run_document.hpp"
#include "reports/sealed_file.hpp"

namespace patchlab::reports {

namespace {

/// FAILED unless somebody who knows nothing of patchlab may take it for fine: inconclusive is not.
std::string_view result_of(const RunDocument& run) {
    if (run.verdict == Verdict::validated) return "PASSED";
    return run.verdict == Verdict::needs_review ? "WARNED" : "FAILED";
}

Json result_of_tests(const RunDocument& run) {
    Json passed = Json::array(), warned = Json::array(), failed = Json::array();
    for (const RunCheck& check : run.checks) {
        const std::string title = check.machine + "/" + check.suite + "/" + check.name;
        switch (reading_of(check)) {
            case CheckReading::passes:
            case CheckReading::repaired: passed.push_back(title); break;
            case CheckReading::old_failure:
            case CheckReading::flickers:
            case CheckReading::skipped: warned.push_back(title); break;
            case CheckReading::newly_failing:
            case CheckReading::not_observed: failed.push_back(title); break;
        }
    }
    return {{"passedTests", passed}, {"warnedTests", warned}, {"failedTests", failed}};
}

/// What the tests were configured with, as far as it was sealed.
Json configuration_of(const SealedFolder& evidence) {
    Json configuration = Json::array();
    for (const char* file : {"lab.yaml", "request.json"})
        if (const ManifestEntry* entry = evidence.manifest().find(file))
            configuration.push_back({{"name", file}, {"digest", {{"sha256", entry->sha256}}}});
    return configuration;
}

/// The manifest first; then each package that was rehearsed, so that its digest leads to this
/// evidence.
std::vector<StatementSubject> subjects_of(const SealedFolder& evidence, const RunDocument& run) {
    std::vector<StatementSubject> subjects{{manifest_file, evidence.digest()}};
    const auto known = [&](const std::string& name) {
        for (const StatementSubject& subject : subjects)
            if (subject.name == name) return true;
        return false;
    };
    for (const RunPatch& patch : run.patches)
        for (const RunPackage& package : patch.packages) {
            const std::string name = "package " + package.name + " " + package.to;
            if (package.sha256.size() == 64 && !known(name))
                subjects.push_back({name, package.sha256});
        }
    return subjects;
}

Statement statement_over(const SealedFolder& evidence) {
    const RunDocument run = parse_run_document(parse_json(evidence.read("run.json"), "run.json"));
    Json predicate;
    predicate["result"] = result_of(run);
    predicate["configuration"] = configuration_of(evidence);
    predicate.update(result_of_tests(run));
    predicate["patchlab"] = {{"run", run.id},
                             {"lab", run.lab},
                             {"verdict", run.verdict ? Json(name(*run.verdict)) : Json(nullptr)},
                             {"requester", run.requester},
                             {"sealed", evidence.manifest().created}};
    return {subjects_of(evidence, run), std::string(test_result_predicate), std::move(predicate)};
}

/// Writes into a folder that was made read-only, and makes it so again.
void write_beside_manifest(const std::filesystem::path& folder, const std::string& text) {
    const auto set_mode = [&](mode_t mode) {
        if (::chmod(folder.c_str(), mode) != 0)
            throw Error(ErrorCode::lab,
                        "cannot set the mode of " + folder.string() + ": " + std::strerror(errno));
    };
    set_mode(0750);
    write_file_atomic(folder / signature_file, text, 0440);
    set_mode(0550);
    sync_folder(folder);
}

/// What the statement must say of evidence that it is over; empty when it does.
std::string contradiction(const Statement& statement, const SealedFolder& evidence) {
    if (statement.predicate_type != test_result_predicate) return "is not over a test result";
    if (statement.digest_of(manifest_file) != evidence.digest()) return "is over other evidence";
    const RunDocument run = parse_run_document(parse_json(evidence.read("run.json"), "run.json"));
    const JsonReader predicate(statement.predicate, signature_file);
    const JsonReader facts = predicate.object("patchlab");
    const bool same = facts.string("run") == run.id && facts.string("requester") == run.requester &&
                      facts.string_or("verdict", "") == (run.verdict ? name(*run.verdict) : "");
    return same ? "" : "says something else than run.json";
}

}  // namespace

Statement evidence_statement(const std::filesystem::path& folder) {
    return statement_over(SealedFolder(folder));
}

void sign(const std::filesystem::path& folder, const SecretKey& key) {
    during("signing the evidence", [&] {
        if (std::filesystem::exists(folder / signature_file))
            throw Error(ErrorCode::conflict, folder.string() + " is signed already");
        write_beside_manifest(folder, sign_statement(evidence_statement(folder), key));
    });
}

void countersign(const std::filesystem::path& folder, const SecretKey& key) {
    during("countersigning the evidence", [&] {
        const auto text = read_signature_text(folder);
        if (!text) throw Error(ErrorCode::not_found, folder.string() + " is not signed");
        Envelope envelope = parse_envelope(*text, signature_file);
        const std::string wrong =
            contradiction(statement_of(envelope, signature_file), SealedFolder(folder));
        if (!wrong.empty())
            throw Error(ErrorCode::refused, std::string(signature_file) + " " + wrong);
        if (envelope.signed_by(key.public_key())) return;
        envelope.sign(key);
        write_beside_manifest(folder, to_text(envelope));
    });
}

SignatureCheck check_signature(const std::filesystem::path& folder,
                               const std::vector<PublicKey>& trusted) {
    return during("checking the signature of the evidence", [&] {
        SignatureCheck check;
        try {
            const SealedFolder evidence(folder);
            const auto text = read_signature_text(folder);
            if (!text) return check;
            check.state = SignatureState::bad;
            const Envelope envelope = parse_envelope(*text, signature_file);
            check.key_id = envelope.signatures.front().key_id;
            if (!trusted.empty())
                check.key_id = open_statement(*text, signature_file, trusted).signers.front();
            check.problem = contradiction(statement_of(envelope, signature_file), evidence);
            if (check.problem.empty())
                check.state = trusted.empty() ? SignatureState::unchecked : SignatureState::good;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::invalid && error.code() != ErrorCode::refused) throw;
            check.state = SignatureState::bad;
            check.problem = error.message();
        }
        return check;
    });
}

}  // namespace patchlab::reports
