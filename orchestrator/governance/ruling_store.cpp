// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/ruling_store.hpp"

#include <algorithm>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/policy.hpp"
#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

constexpr std::size_t max_reason_bytes = 4000;
constexpr double longest_draft = 15 * 60;  ///< seconds, until its author has signed it

/// The roles whose word counts for this kind of ruling, as the policy has it.
std::vector<Role> roles_for(RulingKind kind, const Policy& policy) {
    return kind == RulingKind::waive ? policy.waivers.roles
                                     : std::vector<Role>{Role::release_manager, Role::system_owner};
}

std::string_view to_do(RulingKind kind) {
    switch (kind) {
        case RulingKind::approve: return "approve a run";
        case RulingKind::reject: return "reject a run";
        case RulingKind::waive: return "waive a requirement";
    }
    return "decide";
}

/// In which role the author speaks: the one they name, or the only one they have.
Role role_of(const User& author, const RulingWords& words, const Policy& policy) {
    std::vector<Role> has;
    std::string known;
    for (const Role role : roles_for(words.kind, policy)) {
        known += (known.empty() ? "" : " or ") + std::string(name(role));
        if (author.has(role)) has.push_back(role);
    }
    if (!author.active() || has.empty() ||
        (words.role && std::find(has.begin(), has.end(), *words.role) == has.end()))
        throw Error(ErrorCode::not_allowed,
                    "user '" + author.name + "' may not " + std::string(to_do(words.kind)) +
                        (words.role ? " as " + std::string(name(*words.role)) : ""),
                    "this takes the role " + known);
    if (words.role) return *words.role;
    if (has.size() > 1 && words.kind == RulingKind::approve)
        throw Error(ErrorCode::usage, "user '" + author.name + "' has several roles that approve",
                    "say in which: --role " + known);
    return has.front();
}

EvidenceFacts facts_to_rule_on(Governance& house, const std::string& run) {
    EvidenceFacts facts = facts_of(house, run);
    if (facts.digest.empty())
        throw Error(ErrorCode::conflict, "run " + run + " left no evidence to decide about",
                    "see: patchlab run show " + run);
    if (!facts.intact())
        throw Error(ErrorCode::refused,
                    "the evidence of run " + run + " is not what was sealed: " + facts.seal_problem,
                    "rehearse again: patchlab run start");
    if (facts.signer.empty())
        throw Error(ErrorCode::refused,
                    "the evidence of run " + run + " is not signed by this installation" +
                        (facts.signature_problem.empty() ? "" : ": " + facts.signature_problem),
                    "rehearse again: patchlab run start");
    return facts;
}

/// Times of the store are whole seconds, so that a waiver says exactly what is compared later.
std::string expiry_of(const RulingWords& words, const Policy& policy, TimePoint now) {
    const TimePoint expires = from_rfc3339(words.expires);
    if (expires <= now)
        throw Error(ErrorCode::invalid, "a waiver until " + words.expires + " is over already",
                    "a date begins at midnight UTC; give a later one");
    const std::string text = to_rfc3339(expires);
    const double days = Seconds(from_rfc3339(text) - from_rfc3339(to_rfc3339(now))).count() / 86400;
    if (days > policy.waivers.longest_days)
        throw Error(ErrorCode::not_allowed, "a waiver until " + words.expires +
                                                " is longer than the " +
                                                std::to_string(policy.waivers.longest_days) +
                                                " days that policy '" + policy.name + "' takes");
    return text;
}

void check_waiver(const Policy& policy, const EvidenceFacts& facts, const Decision& decision,
                  const std::string& wanted) {
    const Requirement* requirement = decision.find(wanted);
    if (!requirement) {
        std::string open;
        for (const Requirement* candidate : decision.unsatisfied())
            open += (open.empty() ? "" : ", ") + candidate->id;
        throw Error(ErrorCode::invalid,
                    "policy '" + policy.name + "' has no requirement '" + wanted + "' for this run",
                    open.empty() ? "nothing is open" : "open are: " + open);
    }
    if (!waivable(policy, facts, wanted))
        throw Error(ErrorCode::not_allowed,
                    "'" + wanted + "' may not be waived: " + requirement->detail);
    if (requirement->state == RequirementState::passed)
        throw Error(ErrorCode::conflict, "'" + wanted + "' holds: there is nothing to waive");
}

void check_approval(const Decision& decision) {
    std::string open;
    for (const Requirement* requirement : decision.unsatisfied())
        if (precedes_approval(requirement->id))
            open += (open.empty() ? "" : "; ") + requirement->id + " (" +
                    std::string(name(requirement->state)) + "): " + requirement->detail;
    if (!open.empty())
        throw Error(ErrorCode::not_allowed,
                    "policy '" + decision.policy + "' is not satisfied: " + open,
                    "see: patchlab policy explain " + decision.run);
}

/// Its place behind those that were given over the same evidence.
void take_place(Ruling& ruling, const std::vector<Ruling>& given) {
    ruling.number = static_cast<std::int64_t>(given.size()) + 1;
    if (given.empty()) return;
    ruling.previous = given.back().digest();
    if (ruling.time < given.back().time)
        throw Error(ErrorCode::lab,
                    "the clock of this host says " + ruling.time +
                        ", but the newest decision over run " + ruling.run + " was given at " +
                        given.back().time,
                    "set the clock, and try again");
}

/// The ruling as the words, the evidence and the policy have it; everything but its place and the
/// signature.
Ruling draft(Governance& house, const User& author, const RulingWords& words,
             const EvidenceFacts& facts, const Policy& policy) {
    Ruling ruling;
    ruling.kind = words.kind;
    ruling.run = facts.run.id;
    ruling.evidence_digest = facts.digest;
    ruling.requester = facts.run.requester;
    ruling.verdict = facts.run.verdict ? name(*facts.run.verdict) : "";
    ruling.author = author.name;
    ruling.role = role_of(author, words, policy);
    ruling.custody = author.key() ? author.key()->custody : KeyCustody::state;
    ruling.time = house.now();
    ruling.reason = words.reason;
    ruling.policy = policy.digest;
    if (words.kind != RulingKind::waive) return ruling;
    ruling.requirement = words.requirement;
    ruling.owner = words.owner.empty() ? author.name : words.owner;
    ruling.expires = expiry_of(words, policy, house.clock.now());
    if (!house.users.find(ruling.owner))
        throw Error(ErrorCode::not_found,
                    "'" + ruling.owner + "', who is to answer for it, is not a user",
                    "see: patchlab user list");
    return ruling;
}

Ruling sign_as(Governance& house, const User& author, const Ruling& ruling,
               const RulingWords& words) {
    const SecretKey installation = house.keys.current(house.clock);
    const UserKey* known = author.key();
    if (!words.signed_text.empty()) {
        if (!known || known->custody != KeyCustody::own) refuse_key_of(author.name);
        return countersign_ruling(ruling, words.signed_text, known->key, installation);
    }
    if (!words.key) return sign_ruling(ruling, house.users.kept_key(author), installation);
    if (!known || known->key != words.key->public_key()) refuse_key_of(author.name);
    return sign_ruling(ruling, *words.key, installation);
}

/// When it was drafted, which was a moment ago.
std::string time_of_draft(Governance& house, const std::string& signed_text) {
    const std::string time = ruling_said_in(signed_text, "the signed draft").time;
    const double age = Seconds(house.clock.now() - from_rfc3339(time)).count();
    if (age < -1 || age > longest_draft)
        throw Error(ErrorCode::conflict, "the draft is of " + time + ", not of this moment",
                    "decide again");
    return time;
}

Json detail_of(const Ruling& ruling) {
    Json detail{{"document", ruling.digest()},
                {"evidence", ruling.evidence_digest},
                {"role", name(ruling.role)}};
    if (!ruling.reason.empty()) detail["reason"] = ruling.reason;
    if (ruling.kind == RulingKind::waive)
        detail.update(Json{{"requirement", ruling.requirement},
                           {"owner", ruling.owner},
                           {"expires", ruling.expires}});
    return detail;
}

/// What was on record when the decision was taken must still be so when it is written.
void expect_unchanged(Governance& house, const Ruling& ruling) {
    const User author = house.users.get(ruling.author);
    if (!author.active() || !author.has(ruling.role) || !author.key() ||
        author.key()->key.pem() != ruling.key)
        throw Error(ErrorCode::conflict, "user '" + ruling.author + "' was changed meanwhile",
                    "try again");
    if (PolicyStore(house).in_force().policy.digest != ruling.policy)
        throw Error(ErrorCode::conflict, "the policy was changed meanwhile", "try again");
    const auto given = house.database.query_one(
        "SELECT count(*) AS given FROM governance_rulings WHERE run = ? AND digest = ?",
        {ruling.run, ruling.evidence_digest});
    if (given->integer("given") + 1 != ruling.number)
        throw Error(ErrorCode::conflict,
                    "somebody else decided about run " + ruling.run + " meanwhile", "try again");
}

/// A rejection taken out of the store, or put before an approval, would let a run pass. So the
/// store holds exactly the rulings that the trail names, in the order in which it names them.
void expect_trail_agrees(Governance& house, const std::string& run,
                         const std::vector<std::string>& on_record) {
    house.audit.expect_intact();
    std::size_t next = 0;
    for (const store::Row& row :
         house.database.query("SELECT seq, detail FROM governance_audit WHERE subject = ? AND "
                              "action IN ('approve', 'reject', 'waive') ORDER BY seq",
                              {run})) {
        const Json detail = parse_json(row.text("detail"), "the audit trail", 1U << 20);
        const std::string document =
            JsonReader(detail, "the audit trail").string_or("document", "");
        const std::string told = "a ruling over run " + run + ", in row " +
                                 std::to_string(row.integer("seq")) + " of the audit trail, ";
        if (std::find(on_record.begin(), on_record.end(), document) == on_record.end())
            throw Error(ErrorCode::refused, told + "is gone from the store");
        if (next == on_record.size() || on_record[next] != document)
            throw Error(ErrorCode::refused, told + "stands at another place in the store");
        ++next;
    }
    if (next != on_record.size())
        throw Error(ErrorCode::refused, "the store holds a ruling over run " + run +
                                            " that the audit trail does not name");
}

/// Who decides, by themselves and as they are on record.
User author_of(Governance& house, const Actor& actor, const RulingWords& words) {
    if (words.kind != RulingKind::approve && words.reason.empty())
        throw Error(ErrorCode::usage, "a " + std::string(name(words.kind)) + " needs a reason");
    if (words.reason.size() > max_reason_bytes)
        throw Error(ErrorCode::usage,
                    "the reason is longer than " + std::to_string(max_reason_bytes) + " bytes");
    if (actor.by_token())
        throw Error(ErrorCode::not_allowed, "a token may not " + std::string(to_do(words.kind)),
                    "a person decides: log in");
    expect_on_record(house, house.users.get(actor.user));
    return acting_user(house, actor);
}

/// What would be recorded, with its place, before anybody signs it.
Ruling prepare(Governance& house, const Actor& actor, const User& author,
               const RulingWords& words) {
    const Policy policy = PolicyStore(house).in_force().policy;
    role_of(author, words, policy);  // before anything of the run is told
    EvidenceFacts facts = facts_to_rule_on(house, words.run);
    look_for_dues(house.due, policy, facts);
    if (words.kind != RulingKind::reject && same_person(facts.run.requester, author.name))
        throw Error(ErrorCode::not_allowed,
                    "'" + author.name + "' asked for run " + words.run + " and so may not " +
                        std::string(to_do(words.kind)),
                    "separation of duties: another person decides");
    const std::vector<Ruling> given = rulings_of(house, words.run, facts.digest);
    const Decision decision = evaluate(policy, facts, given, house.clock.now());
    if (words.kind == RulingKind::waive) check_waiver(policy, facts, decision, words.requirement);
    if (words.kind == RulingKind::approve) check_approval(decision);
    Ruling drafted = draft(house, author, words, facts, policy);
    drafted.account = actor.account();
    if (!words.signed_text.empty()) drafted.time = time_of_draft(house, words.signed_text);
    take_place(drafted, given);
    return drafted;
}

}  // namespace

std::string draft_ruling(Governance& house, const Actor& actor, const RulingWords& words) {
    const User author = author_of(house, actor, words);
    const Ruling drafted = prepare(house, actor, author, words);
    const UserKey* key = author.key();
    if (!key || key->custody != KeyCustody::own) refuse_key_of(author.name);
    return unsigned_ruling(drafted, key->key);
}

Ruling rule(Governance& house, const Actor& actor, const RulingWords& words) {
    const User author = author_of(house, actor, words);
    const Ruling ruling = sign_as(house, author, prepare(house, actor, author, words), words);
    house.database.transaction([&] {
        expect_unchanged(house, ruling);
        house.database.execute(
            "INSERT INTO governance_rulings (seq, run, digest, kind, author, time, envelope) "
            "SELECT coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ? FROM governance_rulings",
            {ruling.run, ruling.evidence_digest, std::string(name(ruling.kind)), ruling.author,
             ruling.time, ruling.envelope});
        house.audit.append_inside(
            {actor, std::string(name(ruling.kind)), ruling.run, detail_of(ruling)});
    });
    return ruling;
}

namespace {

std::vector<Ruling> stored_rulings(Governance& house, const std::string& run,
                                   const std::string& evidence_digest) {
    const std::vector<PublicKey> installation = house.keys.public_keys();
    std::vector<Ruling> rulings;
    std::vector<std::string> on_record;
    for (const store::Row& row : house.database.query(
             "SELECT * FROM governance_rulings WHERE run = ? ORDER BY seq", {run})) {
        const std::string where = "ruling " + std::to_string(row.integer("seq")) + " in the store";
        Ruling ruling = verify_ruling(row.text("envelope"), where, installation);
        if (ruling.run != run || ruling.evidence_digest != row.text("digest") ||
            name(ruling.kind) != row.text("kind") || ruling.author != row.text("author"))
            throw Error(ErrorCode::refused, where + " says something else than its document");
        on_record.push_back(ruling.digest());
        if (ruling.evidence_digest == evidence_digest) rulings.push_back(std::move(ruling));
    }
    expect_trail_agrees(house, run, on_record);
    expect_chain(rulings);
    return rulings;
}

}  // namespace

std::vector<Ruling> rulings_of(Governance& house, const std::string& run,
                               const std::string& evidence_digest) {
    std::vector<Ruling> rulings;
    house.audit.settled([&] { rulings = stored_rulings(house, run, evidence_digest); });
    return rulings;
}

}  // namespace patchlab::governance
