// SPDX-License-Identifier: Apache-2.0
//
// The decision about a run: what the policy asks for, one requirement at a time; exactly what would
// be signed; and the forms to approve, reject and waive.
#include <array>

#include "orchestrator/service/api/tags.hpp"
#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/runs.hpp"

namespace patchlab::service::console {

namespace {

std::vector<Call> decision_calls(const Visit& visit) {
    const std::string run = visit.params.one("run");
    return {{"run", "run.show", {{"run", run}}},
            {"policy", "policy.explain", {{"run", run}}},
            {"change", "change.show", {{"id", run}}},
            {"users", "user.list", Json::object()}};
}

Json words_of_decision(const Values& params, const Values& fields) {
    Json request{{"run", params.one("run")}};
    for (const char* member : {"reason", "role"})
        if (const std::string value = fields.one(member); !value.empty()) request[member] = value;
    return request;
}

Json waive_request(const Values& params, const Values& fields) {
    Json request = words_of_decision(params, fields);
    request["requirement"] = fields.one("requirement");
    request["expires"] = fields.one("expires");
    if (const std::string owner = fields.one("owner"); !owner.empty()) request["owner"] = owner;
    return request;
}

std::string back_to_the_decision(const Values& params, const Values&, const Json&) {
    return address("/runs/", params.one("run")) + "/decision";
}

std::string check_reason(const Values& fields) {
    return fields.one("reason").empty() ? "Say why: the reason becomes part of what is signed."
                                        : std::string();
}

std::string check_waiver(const Values& fields) {
    if (fields.one("requirement").empty()) return "Say which requirement is waived.";
    if (fields.one("expires").empty()) return "A waiver has an end: give a date.";
    return check_reason(fields);
}

/// The requester may not approve, whatever roles they have.
std::string why_not_decide(const View& view, const Json& run) {
    if (is_unfinished(run)) return "The run has not ended.";
    if (text_at(run, "requester") == view.viewer.user)
        return "You asked for this run. Whoever asks for a run does not approve it.";
    return {};
}

const char* tone_of_requirement(const std::string& type) {
    if (type == "passed") return "good";
    if (type == "waived") return "unsure";
    return type == "failed" ? "bad" : "warn";
}

void write_requirements(const View& view, const Json& policy) {
    const Region section(view.out, "requirements", "What the policy asks for");
    {
        const bool satisfied = flag_at(policy, "satisfied");
        const auto line = view.out.open("p", {{"class", "summary"}});
        outcome(view.out, satisfied ? "good" : "warn", text_at(policy, "summary"));
    }
    for (const std::string& warning : texts_at(policy, "warnings")) {
        const auto box = view.out.open("p", {{"class", "reason unsure"}});
        view.out.guest(warning, 1000);
    }
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Requirements of the policy",
               {"Requirement", "State", "Why", "Looked at"});
    const auto body = view.out.open("tbody");
    for (const Json& requirement : list_at(policy, "requirements")) {
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(requirement, "id"), 200);
        {
            const auto state = cell(view.out, "State");
            const std::string type = text_at(requirement, "type");
            outcome(view.out, tone_of_requirement(type), type);
        }
        guest_cell(view.out, "Why", text_at(requirement, "detail"));
        const auto looked = cell(view.out, "Looked at");
        for (const std::string& evidence : texts_at(requirement, "evidence")) {
            const auto line = view.out.open("div", {{"class", "note"}});
            view.out.guest(evidence, 200);
        }
    }
}

/// What a signature of today would cover, member by member.
void write_to_be_signed(const View& view, const Json& run, const Json& policy) {
    const Region section(view.out, "signed", "Exactly what is signed");
    view.out.element("p",
                     "A decision is a statement over the digest of the sealed evidence. Another "
                     "run, or one changed byte, needs another decision.");
    const auto list = view.out.open("dl", {{"class", "pairs wide"}});
    copyable_pair(view.out, "Digest of the evidence (sha256)", text_at(policy, "evidence_digest"));
    copyable_pair(view.out, "Digest of the policy (sha256)",
                  text_at(object_at(policy, "policy"), "digest"));
    pair(view.out, "Run", text_at(run, "id"));
    pair(view.out, "Verdict", text_at(policy, "verdict"));
    pair(view.out, "Asked for by", text_at(run, "requester"));
    pair(view.out, "Decided by", view.viewer.user);
}

bool keeps_own_key(const View& view) {
    const Json* users = view.document("users");
    if (!users) return false;
    for (const Json& user : list_at(*users, "users"))
        if (text_at(user, "name") == view.viewer.user)
            for (const Json& key : list_at(user, "keys"))
                if (text_at(key, "retired").empty()) return text_at(key, "custody") == "own";
    return false;
}

void write_own_key(const View& view, const std::string& run) {
    const Region section(view.out, "own-key", "With your own key");
    view.out.element("p",
                     "You keep your key yourself, and a key is never lent to this service. Sign on "
                     "the host of this installation. The signed document names the digest of the "
                     "evidence: compare it with the one above.");
    copyable(view.out, "patchlab --as " + shell_word(view.viewer.user) + " approve " +
                           shell_word(run) +
                           " --key my-key.pem -o approval.json --reason 'what you looked at'");
}

std::vector<std::string> decider_roles(const View& view) {
    std::vector<std::string> roles;
    for (const std::string& role : view.viewer.roles)
        if (role == "release-manager" || role == "system-owner") roles.push_back(role);
    return roles;
}

void role_choice(const View& view, OpenForm& form) {
    const auto roles = decider_roles(view);
    if (roles.size() > 1) form.choice("role", "In the role", roles);
}

/// What a decision is about: the evidence, and what others decided about it so far.
std::string tag_of(const Json& policy) { return api::tag_in("policy.explain", policy); }

void write_approve(const View& view, const std::string& blocked, const std::string& seen) {
    OpenForm form(view, {"approve", "act card", blocked});
    view.out.element("h3", "Approve");
    form.hidden("seen", seen);
    form.area("reason", "What you looked at", "It becomes part of the signed document.");
    role_choice(view, form);
    form.password_if_stale();
    form.submit("Approve this evidence", "primary");
}

void write_reject(const View& view, const std::string& blocked, const std::string& seen) {
    OpenForm form(view, {"reject", "act card", blocked});
    view.out.element("h3", "Reject");
    form.hidden("seen", seen);
    form.area("reason", "Why", "It stays rejected until you approve it.", true);
    role_choice(view, form);
    form.password_if_stale();
    form.submit("Reject this evidence", "danger");
}

void write_waive(const View& view, const Json& policy, const std::string& blocked,
                 const std::string& seen) {
    std::vector<std::string> open;
    for (const Json& requirement : list_at(policy, "unsatisfied"))
        if (const std::string id = text_at(requirement, "id"); !id.starts_with("approval:"))
            open.push_back(id);
    const std::string nothing =
        open.empty() ? "No requirement is open that somebody could waive." : blocked;
    OpenForm form(view, {"waive", "act card", nothing});
    view.out.element("h3", "Waive one requirement");
    form.hidden("seen", seen);
    form.choice("requirement", "Which", open);
    form.line("expires", "Until", "A date, such as 2026-12-31. It ends as that day begins, UTC.",
              true);
    form.line("owner", "Who answers for the risk", "A user. Empty: you.");
    form.area("reason", "Why", {}, true);
    role_choice(view, form);
    form.password_if_stale();
    form.submit("Waive it", "danger");
}

void write_forms(const View& view, const Json& run, const Json& policy) {
    const Region section(view.out, "decide", "Decide");
    const std::string digest = text_at(policy, "evidence_digest"), seen = tag_of(policy);
    std::string blocked = why_not_decide(view, run);
    if (digest.empty()) blocked = "There is no sealed evidence to decide about.";
    if (keeps_own_key(view)) blocked = "You keep your key yourself: sign where it is.";
    const auto forms = view.out.open("div", {{"class", "columns"}});
    write_approve(view, blocked, seen);
    write_reject(view, blocked, seen);
    write_waive(view, policy, blocked, seen);
}

struct RulingKind {
    const char* member;
    const char* tone;
    const char* words;
};
constexpr std::array<RulingKind, 3> ruling_kinds{{{"approvals", "good", "approved"},
                                                  {"rejections", "bad", "rejected"},
                                                  {"waivers", "unsure", "waived"}}};

void write_ruling(const View& view, const RulingKind& kind, const Json& ruling) {
    const auto line = view.out.open("div", {{"class", "ruling"}});
    outcome(view.out, kind.tone, kind.words);
    view.out.text(" by ");
    view.out.guest(text_at(ruling, "user"), 80);
    if (const std::string role = text_at(ruling, "role"); !role.empty())
        view.out.text(" as " + role);
    view.out.text(" ");
    moment(view.out, text_at(ruling, "time"), view.visit.now);
    detail_line(view.out, text_at(ruling, "reason"), 1000);
}

void write_decided(const View& view) {
    const Json* change = view.document("change");
    if (!change) return;
    const Region section(view.out, "decided", "Decided so far");
    bool any = false;
    for (const RulingKind& kind : ruling_kinds)
        for (const Json& ruling : list_at(*change, kind.member)) {
            any = true;
            write_ruling(view, kind, ruling);
        }
    if (!any) view.out.element("p", {{"class", "note"}}, "Nobody has decided yet.");
}

void render_decision(const View& view) {
    const std::string run = view.param("run");
    heading(view.out, "Decision about " + run,
            view.document("run") ? patches_of(*view.document("run")) : std::string());
    run_tabs(view, run, "Decision");
    if (write_failure(view, "run", "this run")) return;
    if (write_failure(view, "policy", "what the policy asks for")) return;
    const Json& policy = *view.document("policy");
    write_requirements(view, policy);
    write_decided(view);
    write_to_be_signed(view, *view.document("run"), policy);
    if (keeps_own_key(view)) write_own_key(view, run);
    write_forms(view, *view.document("run"), policy);
    const std::string word = shell_word(run);
    from_a_shell(view, {{"policy explain " + word, "policy.explain", {{"run", run}}},
                        {"approve " + word + " --reason 'read the report'",
                         "decision.approve",
                         {{"run", run}, {"reason", "read the report"}},
                         tag_of(policy)}});
}

}  // namespace

std::vector<Screen> decision_screens() {
    Form approve{"approve", "decision.approve", words_of_decision, back_to_the_decision};
    Form reject{"reject", "decision.reject", words_of_decision, back_to_the_decision, check_reason};
    Form waive{"waive", "decision.waive", waive_request, back_to_the_decision, check_waiver};
    for (Form* form : {&approve, &reject, &waive}) {
        form->sign_in_again = true;
        form->match = "seen";
    }
    return {{"/runs/{run}/decision",
             "Decision about",
             decision_calls,
             render_decision,
             {approve, reject, waive},
             false,
             "run decision"}};
}

}  // namespace patchlab::service::console
