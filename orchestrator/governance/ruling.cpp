// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/ruling.hpp"

#include <algorithm>
#include <array>

#include "orchestrator/governance/facts.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"
#include "reports/manifest.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view ruling_type = "urn:patchlab:ruling:v1";
constexpr std::array<std::pair<RulingKind, std::string_view>, 3> kinds{
    {{RulingKind::approve, "approve"},
     {RulingKind::reject, "reject"},
     {RulingKind::waive, "waive"}}};

RulingKind kind_from(const JsonReader& json) {
    const std::string word = json.string("kind");
    for (const auto& [kind, known] : kinds)
        if (known == word) return kind;
    json.fail("kind", "is neither approve, reject nor waive");
}

std::string time_in(const JsonReader& json, std::string_view key) {
    const std::string text = json.string(key);
    if (to_rfc3339(from_rfc3339(text)) != text)
        json.fail(key, "is not a time such as 2026-11-23T05:47:22Z");
    return text;
}

/// Its place among the rulings over the evidence, and who gave it from where. Rulings of earlier
/// versions have neither.
void read_place(Ruling& ruling, const JsonReader& json) {
    if (json.has("number")) {
        ruling.number = json.integer("number");
        if (ruling.number < 1) json.fail("number", "counts from 1");
        ruling.previous = json.string_or("previous", "");
        const bool good = ruling.number == 1 ? ruling.previous.empty() : is_sha256(ruling.previous);
        if (!good) json.fail("previous", "is not the digest of the one before");
    }
    if (json.has("account")) ruling.account = account_from(json.object("account"));
}

Ruling ruling_from(const Statement& statement, std::string_view where) {
    const JsonReader json(statement.predicate, std::string(where));
    Ruling ruling;
    ruling.kind = kind_from(json);
    ruling.run = json.string("run");
    ruling.evidence_digest = statement.digest_of(reports::manifest_file);
    ruling.requester = json.string("requester");
    ruling.verdict = json.string("verdict");
    const JsonReader author = json.object("author");
    ruling.author = author.string("user");
    ruling.role = role_from(author.string("role"));
    ruling.custody = custody_from(author);
    ruling.key = author.string("public_key");
    ruling.time = time_in(json, "time");
    ruling.reason = json.string("reason");
    ruling.policy = json.string("policy");
    if (ruling.kind == RulingKind::waive) {
        ruling.requirement = json.string("requirement");
        ruling.owner = json.string("owner");
        ruling.expires = time_in(json, "expires");
    }
    read_place(ruling, json);
    if (ruling.evidence_digest.empty()) json.fail("", "is about no evidence");
    check_user_name(ruling.author);
    return ruling;
}

/// The digest again, over what is said about which bytes.
Statement statement_of_ruling(const Ruling& ruling) {
    Json predicate = to_json(ruling);
    predicate.erase("schema");
    predicate.erase("evidence_digest");
    predicate.erase("document");
    predicate["author"]["public_key"] = ruling.key;
    return {{{reports::manifest_file, ruling.evidence_digest}},
            std::string(ruling_type),
            std::move(predicate)};
}

[[noreturn]] void refuse(std::string_view where, const std::string& why) {
    throw Error(ErrorCode::refused, std::string(where) + ": " + why);
}

}  // namespace

std::string_view name(RulingKind kind) {
    for (const auto& [value, word] : kinds)
        if (value == kind) return word;
    throw Error(ErrorCode::internal, "a kind of ruling has no name");
}

bool same_person(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return small(x) == small(y); });
}

std::string Ruling::digest() const { return sha256_hex(envelope); }

Json to_json(const Ruling& ruling) {
    Json json{
        {"schema", "patchlab/ruling/v1"},
        {"kind", name(ruling.kind)},
        {"run", ruling.run},
        {"evidence_digest", ruling.evidence_digest},
        {"requester", ruling.requester},
        {"verdict", ruling.verdict},
        {"author",
         {{"user", ruling.author},
          {"role", name(ruling.role)},
          {"custody", name(ruling.custody)},
          {"key", ruling.key.empty()
                      ? ""
                      : PublicKey::from_pem(ruling.key, "the key of " + ruling.author).id()}}},
        {"time", ruling.time},
        {"reason", ruling.reason}};
    if (ruling.kind == RulingKind::waive)
        json.update(Json{{"requirement", ruling.requirement},
                         {"owner", ruling.owner},
                         {"expires", ruling.expires}});
    json["policy"] = ruling.policy;
    if (ruling.number > 0) {
        json["number"] = ruling.number;
        json["previous"] = ruling.previous.empty() ? Json(nullptr) : Json(ruling.previous);
    }
    if (ruling.account.known()) json["account"] = to_json(ruling.account);
    json["document"] = ruling.digest();
    return json;
}

Ruling sign_ruling(Ruling ruling, const SecretKey& author, const SecretKey& installation) {
    ruling.key = author.public_key().pem();
    Envelope envelope = envelope_of(statement_of_ruling(ruling));
    envelope.sign(author);
    envelope.sign(installation);
    ruling.envelope = to_text(envelope);
    return ruling;
}

std::string unsigned_ruling(Ruling ruling, const PublicKey& author) {
    ruling.key = author.pem();
    return envelope_of(statement_of_ruling(ruling)).payload;
}

Ruling ruling_said_in(std::string_view text, std::string_view where) {
    const Statement statement = statement_of(parse_envelope(text, where), where);
    if (statement.predicate_type != ruling_type)
        throw Error(ErrorCode::invalid, std::string(where) + " is no ruling");
    return ruling_from(statement, where);
}

void refuse_key_of(const std::string& author) {
    throw Error(ErrorCode::not_allowed, "this is not the key of user '" + author + "'",
                "register it first: patchlab user key " + author + " --register PUBLIC-KEY");
}

Ruling countersign_ruling(Ruling ruling, std::string_view signed_text, const PublicKey& author,
                          const SecretKey& installation) {
    Envelope given = parse_envelope(signed_text, "the signed draft");
    ruling.key = author.pem();
    if (given.payload != envelope_of(statement_of_ruling(ruling)).payload)
        throw Error(ErrorCode::conflict, "what was signed is not what would be recorded now",
                    "something changed meanwhile: decide again");
    if (given.signatures.size() != 1 || !given.signed_by(author)) refuse_key_of(ruling.author);
    given.sign(installation);
    ruling.envelope = to_text(given);
    return ruling;
}

Ruling verify_ruling(std::string_view text, std::string_view where,
                     const std::vector<PublicKey>& installation) {
    const OpenedStatement opened =
        open_statement(text, where, installation);  // the countersignature
    if (opened.statement.predicate_type != ruling_type)
        throw Error(ErrorCode::invalid, std::string(where) + " is no ruling");
    Ruling ruling = ruling_from(opened.statement, where);
    const PublicKey author =
        PublicKey::from_pem(ruling.key, std::string(where) + ": the key of " + ruling.author);
    if (std::find(opened.signers.begin(), opened.signers.end(), author.id()) !=
        opened.signers.end())
        refuse(where, "the installation itself signed in the name of " + ruling.author);
    if (!parse_envelope(text, where).signed_by(author))
        refuse(where, ruling.author + " did not sign it");
    ruling.envelope = text;
    return ruling;
}

Ruling verify_approval(std::string_view text, std::string_view where,
                       const std::filesystem::path& evidence,
                       const std::vector<PublicKey>& installation) {
    const Ruling ruling = verify_ruling(text, where, installation);
    const EvidenceFacts facts = read_facts(evidence, installation);
    if (ruling.kind != RulingKind::approve) refuse(where, "is no approval");
    if (facts.digest.empty()) refuse(where, "there is no evidence in " + evidence.string());
    if (!facts.intact())
        refuse(where, "the evidence is not what was sealed: " + facts.seal_problem);
    if (facts.signer.empty())
        refuse(where, "the evidence is not signed by the installation" +
                          (facts.signature_problem.empty() ? "" : ": " + facts.signature_problem));
    expect_ruling_of(ruling, where, facts);
    return ruling;
}

void expect_ruling_of(const Ruling& ruling, std::string_view where, const EvidenceFacts& facts) {
    if (ruling.evidence_digest != facts.digest) refuse(where, "is of other evidence");
    if (ruling.run != facts.run.id || ruling.requester != facts.run.requester ||
        ruling.verdict != (facts.run.verdict ? name(*facts.run.verdict) : ""))
        refuse(where, "says something else than the evidence about run, requester or verdict");
    if (ruling.kind != RulingKind::reject && same_person(ruling.author, facts.run.requester))
        refuse(where, ruling.author + " asked for the run and so has no say in promoting it");
}

}  // namespace patchlab::governance
