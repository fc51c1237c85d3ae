// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/facts.hpp"

#include "platform/core/error.hpp"
#include "reports/evidence.hpp"
#include "reports/sealed_file.hpp"
#include "reports/signature.hpp"

namespace patchlab::governance {

namespace {

/// When each patch became known, and who asked from where, stand in the request, which is sealed
/// with the rest.
void read_request(EvidenceFacts& facts, const reports::SealedFolder& evidence) {
    if (!evidence.has("request.json")) return;
    const Json document = parse_json(evidence.read("request.json"), "request.json");
    const JsonReader request(document, "request.json");
    if (request.has("requester_account"))
        facts.requester_account = account_from(request.object("requester_account"));
    if (!request.has("patches")) return;
    for (const JsonReader& item : request.objects("patches")) {
        const JsonReader patch = item.object("patch");
        facts.releases.push_back({patch.string("id"), patch.string_or("urgency", "unknown"),
                                  patch.string_or("added", "")});
    }
}

void read_signature(EvidenceFacts& facts, const std::filesystem::path& evidence,
                    const std::vector<PublicKey>& installation) {
    const reports::SignatureCheck check = reports::check_signature(evidence, installation);
    switch (check.state) {
        case reports::SignatureState::good: facts.signer = check.key_id; return;
        case reports::SignatureState::none: return;
        case reports::SignatureState::unchecked:
            facts.signature_problem = "there is no key to check it with";
            return;
        case reports::SignatureState::bad: facts.signature_problem = check.problem; return;
    }
}

}  // namespace

EvidenceFacts read_facts(const std::filesystem::path& evidence,
                         const std::vector<PublicKey>& installation) {
    EvidenceFacts facts;
    try {
        const reports::EvidenceVerification verification = reports::verify(evidence);
        facts.digest = verification.digest;
        if (!verification.ok()) {
            facts.seal_problem =
                verification.problems.front().file + ": " + verification.problems.front().what;
            return facts;
        }
        const reports::SealedFolder sealed(evidence);
        facts.sealed = sealed.manifest().created;
        facts.run = reports::parse_run_document(parse_json(sealed.read("run.json"), "run.json"));
        read_request(facts, sealed);
        if (sealed.digest() != facts.digest)
            facts.seal_problem = "manifest.json: changed while it was read";
        read_signature(facts, evidence, installation);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found && facts.digest.empty()) return facts;
        if (error.code() != ErrorCode::not_found && error.code() != ErrorCode::invalid &&
            error.code() != ErrorCode::refused)
            throw;
        if (facts.digest.empty()) facts.digest = "unknown";
        facts.seal_problem = error.message();
    }
    return facts;
}

void expect_run(EvidenceFacts& facts, const std::string& run, const std::string& requester) {
    if (!facts.intact()) return;
    if (facts.run.id != run) facts.seal_problem = "it is the evidence of run " + facts.run.id;
    else if (facts.run.requester != requester)
        facts.seal_problem = "it says that '" + facts.run.requester +
                             "' asked for the run, the store says '" + requester + "'";
}

}  // namespace patchlab::governance
