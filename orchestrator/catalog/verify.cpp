// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/verify.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "orchestrator/catalog/entry.hpp"
#include "orchestrator/catalog/object_store.hpp"
#include "orchestrator/catalog/publisher.hpp"
#include "orchestrator/governance/approved_run.hpp"
#include "platform/core/attestation.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/evidence.hpp"
#include "reports/run_document.hpp"
#include "reports/sealed_file.hpp"
#include "reports/signature.hpp"

namespace patchlab::catalog {

namespace {

/// One look at one folder; each step adds what does not hold.
class Verification {
  public:
    Verification(const fs::path& folder, const Trust& trust) : folder_(folder), trust_(trust) {}

    std::vector<Refusal> run(const std::string& id) {
        step(entry_signature_file, [&] { check_signature(id); });
        if (!refusals_.empty()) return refusals_;  // what nobody signed says nothing worth reading
        step("the entry's files", [&] { check_files(); });
        step("evidence", [&] { check_evidence(); });
        if (evidence_is_whole_) step("approvals", [&] { check_approvals(); });
        return refusals_;
    }

  private:
    void refuse(const std::string& what, const std::string& why) {
        refusals_.push_back({what, why});
    }

    void step(const char* what, const std::function<void()>& work) {
        try {
            work();
        } catch (const Error& error) {
            refuse(what, error.message());
        } catch (const fs::filesystem_error& error) {
            refuse(what, error.code().message());
        }
    }

    void check_signature(const std::string& id) {
        statement_ = open_statement(read_file(folder_ / entry_signature_file), entry_signature_file,
                                    trust_.catalog)
                         .statement;
        const std::string text = read_file(folder_ / entry_file);
        if (statement_.predicate_type != entry_predicate)
            return refuse(entry_signature_file, "is the signature of something else");
        if (statement_.digest_of(entry_file) != sha256_hex(text))
            return refuse(entry_file, "is not what was signed");
        entry_ = entry_from_json(parse_json(text, entry_file));
        if (!id.empty() && entry_.id != id) refuse(entry_file, "is of entry '" + entry_.id + "'");
    }

    void check_files() {
        for (const std::string& path : files_to_sign(folder_))
            if (statement_.digest_of(path).empty()) refuse(path, "was not part of what was signed");
        for (const StatementSubject& subject : statement_.subjects) {
            std::error_code error;
            const std::uint64_t bytes = fs::file_size(folder_ / subject.name, error);
            if (const std::string problem =
                    file_problem(folder_ / subject.name, subject.sha256, error ? 0 : bytes);
                !problem.empty())
                refuse(subject.name, problem);
        }
        for (const EntryPackage& package : entry_.packages) {
            check_package_file("new/", package.after);
            for (const EntryFile& old : package.before) check_package_file("old/", old);
        }
    }

    void check_package_file(const std::string& where, const EntryFile& file) {
        if (statement_.digest_of(where + file.file) != file.sha256)
            refuse(where + file.file, "is not the file that the entry names");
    }

    void check_evidence() {
        const fs::path evidence = folder_ / "evidence";
        const reports::EvidenceVerification seal = reports::verify(evidence);
        for (const reports::EvidenceProblem& problem : seal.problems)
            refuse("evidence/" + problem.file, problem.what);
        if (seal.digest != entry_.evidence_digest)
            refuse("evidence", "is not the one that the entry was made of");
        const reports::SignatureCheck signature =
            reports::check_signature(evidence, trust_.installation);
        if (signature.state != reports::SignatureState::good)
            refuse("evidence/evidence.dsse.json", signature.problem.empty()
                                                      ? "is not the signature of this installation"
                                                      : signature.problem);
        if (!seal.ok()) return;
        evidence_is_whole_ = signature.state == reports::SignatureState::good;
        run_ = reports::parse_run_document(
            parse_json(reports::SealedFolder(evidence).read("run.json"), "evidence/run.json"),
            "evidence/run.json");
        check_run();
    }

    void check_run() {
        if (run_.id != entry_.run) refuse("evidence/run.json", "is of run '" + run_.id + "'");
        if (run_.lab != entry_.lab || run_.requester != entry_.requester || !run_.verdict ||
            reports::name(*run_.verdict) != entry_.verdict)
            refuse("evidence/run.json", "says another lab, requester or verdict than the entry");
        for (const EntryPackage& package : entry_.packages) {
            bool tested = false, installed = false;
            std::map<std::string, std::string>
                replaced;  // version → sha256 of the package that was kept; empty: not told
            for (const reports::RunPatch& patch : run_.patches)
                for (const reports::RunPackage& one : patch.packages) {
                    if (one.name != package.name) continue;
                    tested = tested || (one.to == package.after.version &&
                                        one.sha256 == package.after.sha256);
                    installed = installed || !one.from.empty();
                    if (std::string& sha256 = replaced[one.from]; sha256.empty())
                        sha256 = one.old_sha256;
                }
            if (!tested) refuse("new/" + package.after.file, "is not what the run tested");
            if (installed != package.was_installed)
                refuse(package.name, std::string("was ") + (installed ? "" : "not ") +
                                         "installed in the lab, the entry says otherwise");
            for (const EntryFile& old : package.before) {
                const auto known = replaced.find(old.version);
                if (known == replaced.end())
                    refuse("old/" + old.file, "is not a version that the run replaced");
                else if (!known->second.empty() && known->second != old.sha256)
                    refuse("old/" + old.file,
                           "is not the package that the run kept for the way back");
            }
        }
    }

    /// The decision is taken anew from policy, rulings and evidence.
    void check_approvals() {
        const governance::ApprovedRun approved =
            governance::read_approval(folder_ / "approvals", folder_ / "evidence",
                                      trust_.installation, from_rfc3339(entry_.created));
        if (approved.run() != entry_.run || approved.facts.digest != entry_.evidence_digest)
            refuse("approvals", "are about other evidence");
        const std::vector<std::string> approvers = approved.approvers();
        if (approvers.empty()) refuse("approvals", "hold nobody's approval");
        for (const std::string& approver : entry_.approvers)
            if (std::find(approvers.begin(), approvers.end(), approver) == approvers.end())
                refuse("approvals", "there is none of " + approver);
    }

    const fs::path& folder_;
    const Trust& trust_;
    Statement statement_;
    Entry entry_;
    reports::RunDocument run_;
    bool evidence_is_whole_ = false;  ///< else an approval of it says nothing
    std::vector<Refusal> refusals_;
};

}  // namespace

Trust trust_of(const fs::path& state) {
    return {catalog_keys(state).public_keys(), installation_keys(state).public_keys()};
}

std::vector<Refusal> verify_entry(const fs::path& folder, const Trust& trust,
                                  const std::string& id) {
    return Verification(folder, trust).run(id);
}

Entry open_entry(const fs::path& folder, const Trust& trust, const std::string& id) {
    refuse(verify_entry(folder, trust, id),
           "entry '" + (id.empty() ? folder.filename().string() : id) + "' is not whole");
    return entry_from_json(read_json(folder / entry_file));
}

void refuse(const std::vector<Refusal>& refusals, const std::string& activity) {
    if (refusals.empty()) return;
    std::string text = activity + ": ";
    for (std::size_t i = 0; i < refusals.size(); ++i)
        text += (i == 0 ? "" : "; ") + refusals[i].text();
    throw Error(ErrorCode::refused, text);
}

}  // namespace patchlab::catalog
