// SPDX-License-Identifier: Apache-2.0
//
// The house itself: audit trail, policy, notices, doctor, and what the console can do.
#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t audit_a_page = 100;

std::vector<Call> audit_calls(const Visit& visit) {
    Json request = newest(visit, audit_a_page);
    request["limit"] = request["filter"]["limit"];
    request.erase("filter");
    if (const std::string subject = visit.query.one("subject"); !subject.empty())
        request["subject"] = subject;
    return {{"rows", "audit.list", request}, {"intact", "audit.verify", Json::object()}};
}

void write_audit_row(const View& view, const Json& row) {
    const auto line = view.out.open("tr", {{"data-filter", text_at(row, "action")}});
    {
        const auto number = view.out.open("th", {{"scope", "row"}});
        view.out.text(std::to_string(number_at(row, "seq")));
    }
    moment_cell(view, "When", text_at(row, "time"));
    {
        const auto who = cell(view.out, "Who");
        view.out.guest(text_at(row, "user"), 100);
        if (text_at(row, "os_user") != text_at(row, "user"))
            detail_line(view.out, "from " + text_at(row, "os_user"), 100);
    }
    guest_cell(view.out, "What", text_at(row, "action"));
    {
        const auto subject = cell(view.out, "To");
        const std::string name = text_at(row, "subject");
        if (!name.empty()) guest_link(view.out, "/audit" + query_text({{"subject", name}}), name);
    }
    const auto detail = cell(view.out, "Detail");
    if (const Json& members = object_at(row, "detail"); !members.empty())
        view.out.guest_code(to_line(members), 300);
}

void render_audit(const View& view) {
    heading(view.out, "Audit trail", "Everything that was done, chained and signed.");
    if (const Json* intact = view.document("intact")) {
        const auto facts = view.out.open("dl", {{"class", "facts"}});
        const bool whole = flag_at(*intact, "intact");
        fact(view.out, whole ? "good" : "bad", "The chain", whole ? "Intact" : "Broken",
             "computed just now over every row");
        fact(view.out, "plain", "Rows", number_text(magnitude(number_at(*intact, "rows"))));
    }
    const Region section(view.out, "rows", "Rows");
    if (write_failure(view, "rows", "the audit trail")) return;
    const Json& rows = list_at(*view.document("rows"), "rows");
    const Cut cut = cut_newest(view.visit, rows.size(), audit_a_page);
    {
        const auto table = view.out.open("table", {{"class", "stack trail"}, {"data-rows", "on"}});
        table_head(view.out, "Audit trail", {"No.", "When", "Who", "What", "To", "Detail"});
        const auto body = view.out.open("tbody");
        // the newest come last in the document
        for (std::size_t i = cut.from; i < cut.to; ++i)
            write_audit_row(view, rows[rows.size() - 1 - i]);
    }
    pager(view, cut, "rows");
    from_a_shell(view, {{"audit list", "audit.list", Json::object()},
                        {"audit verify", "audit.verify", Json::object()}});
}

std::vector<Call> policy_calls(const Visit& visit) {
    Json shown = Json::object();
    if (const std::string policy = visit.query.one("policy"); !policy.empty())
        shown["policy"] = policy;
    return {{"policies", "policy.list", Json::object()}, {"policy", "policy.show", shown}};
}

Json policy_request(const Values&, const Values& fields) {
    return {{"definition", {{"file", "policy"}, {"text", fields.one("definition")}}}};
}

std::string to_the_policy(const Values&, const Values&, const Json&) { return "/policy"; }

void render_policy(const View& view) {
    heading(view.out, "Policy", "Which runs may be promoted, and who must approve.");
    {
        const Region section(view.out, "policies", "Policies");
        if (!write_failure(view, "policies", "the policies")) {
            const auto table = view.out.open("table", {{"class", "stack"}});
            table_head(view.out, "Policies", {"Policy", "State", "Added", "By"});
            const auto body = view.out.open("tbody");
            for (const Json& policy : list_at(*view.document("policies"), "policies")) {
                const auto row = view.out.open("tr");
                name_cell(view.out, "/policy" + query_text({{"policy", text_at(policy, "digest")}}),
                          text_at(policy, "name"));
                const auto state = cell(view.out, "State");
                if (flag_at(policy, "in_force")) outcome(view.out, "good", "in force");
                else view.out.text("of former times");
                moment_cell(view, "Added", text_at(policy, "added"));
                guest_cell(view.out, "By", text_at(policy, "added_by"));
            }
        }
    }
    std::string text;
    Json shown = Json::object();
    {
        const Region section(view.out, "policy", "What it says");
        if (!write_failure(view, "policy", "the policy")) {
            shown["policy"] = text_at(*view.document("policy"), "digest");
            text = text_at(*view.document("policy"), "text");
            const auto pre = view.out.open("pre", {{"tabindex", "0"}});
            view.out.guest(text, 60000);
        }
    }
    {
        const Region section(view.out, "replace", "Put another one in force");
        OpenForm form(view, {"check", "act", {}, "policy-text"});
        form.area("definition", "Policy (YAML)", "It takes the place of the one in force.", true,
                  text);
        form.password_if_stale();
        form.submit_as("_form", "check", "Check it", "primary");
        form.submit_as("_form", "add", "Put it in force", "danger");
        if (const Json* checked = view.response("check")) {
            const bool fine = flag_at(*checked, "ok");
            outcome(view.out, fine ? "good" : "bad",
                    fine ? "It has no mistake." : "It has mistakes:");
            for (const Json& mistake : list_at(*checked, "mistakes")) {
                const auto item = view.out.open("p");
                view.out.guest("line " + std::to_string(number_at(mistake, "line")) + ": " +
                                   text_at(mistake, "message"),
                               600);
            }
        }
    }
    from_a_shell(view, {{"policy show", "policy.show", shown},
                        {"policy list", "policy.list", Json::object()}});
}

std::vector<Call> notices_calls(const Visit& visit) {
    Json request = newest(visit, audit_a_page);
    if (!visit.query.one("open").empty()) request["open"] = true;
    return {{"deliveries", "notify.list", request}, {"targets", "notify.targets", Json::object()}};
}

std::string to_the_notices(const Values&, const Values&, const Json&) { return "/notices"; }

const char* tone_of_delivery(const std::string& state) {
    if (state == "delivered") return "good";
    return state == "failed" ? "bad" : "warn";
}

std::string target_words(const Json& target) {
    std::string words;
    for (const char* kind : {"name", "webhook", "mail", "command"})
        if (target.is_object() && target.contains(kind))
            words +=
                (words.empty() ? "" : ", ") + std::string(kind) + " " + to_line(target.at(kind));
    return words.empty() ? to_line(target) : words;
}

void write_targets(const View& view) {
    const Region section(view.out, "targets", "Who is told");
    if (write_failure(view, "targets", "the targets")) return;
    const Json& targets = list_at(*view.document("targets"), "targets");
    if (targets.empty())
        nothing_here(
            view.out, "Nobody is told anything.",
            "Webhooks, mail and programs are named in a file:", "patchlab notify add targets.yaml");
    else {
        const auto list = view.out.open("ul");
        for (const Json& target : targets) {
            const auto item = view.out.open("li");
            view.out.guest_code(target_words(target), 400);
        }
    }
    const auto forms = view.out.open("div", {{"class", "buttons"}});
    {
        OpenForm form(view, {"test", "inline"});
        form.submit("Send a test notice", "");
    }
    OpenForm form(view, {"retry", "inline"});
    form.submit("Try the undelivered again", "");
}

void render_notices(const View& view) {
    heading(view.out, "Notices", "Who was told what, and whether it arrived.");
    write_targets(view);
    const Region section(view.out, "deliveries", "Deliveries");
    if (write_failure(view, "deliveries", "the deliveries")) return;
    const Json& all = list_at(*view.document("deliveries"), "deliveries");
    const Cut cut = cut_newest(view.visit, all.size(), audit_a_page);
    if (all.empty()) {
        nothing_here(view.out, "Nothing was sent yet.",
                     "A notice goes out when an approval is wanted, a ring starts or ends, or a "
                     "rollout halts.");
        return;
    }
    {
        const auto table = view.out.open("table", {{"class", "stack"}});
        table_head(view.out, "Deliveries", {"Delivery", "State", "Event", "Target", "When"});
        const auto body = view.out.open("tbody");
        for (std::size_t i = cut.from; i < cut.to; ++i) {
            const auto row = view.out.open("tr");
            {
                const auto name = view.out.open("th", {{"scope", "row"}});
                view.out.guest_code(text_at(all[i], "id"), 80);
            }
            {
                const auto one = cell(view.out, "State");
                const std::string state = text_at(all[i], "state");
                outcome(view.out, tone_of_delivery(state), state);
            }
            guest_cell(view.out, "Event", text_at(object_at(all[i], "notice"), "event"));
            guest_cell(view.out, "Target", target_words(object_at(all[i], "target")));
            moment_cell(view, "When", text_at(all[i], "time"));
        }
    }
    pager(view, cut, "deliveries");
    from_a_shell(view, {{"notify list", "notify.list", Json::object()}});
}

std::vector<Call> doctor_calls(const Visit&) { return {{"host", "host.check", Json::object()}}; }

void render_doctor(const View& view) {
    heading(view.out, "Doctor", "Whether this host can run labs, and what to do where it cannot.");
    const Region section(view.out, "checks", "Checks");
    if (write_failure(view, "host", "this host")) return;
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Checks of the host", {"Check", "State", "Found", "What to do"});
    const auto body = view.out.open("tbody");
    for (const Json& check : list_at(*view.document("host"), "checks")) {
        const std::string status = text_at(check, "status");
        const char* tone = "good";
        if (status == "warn") tone = "warn";
        if (status == "fail") tone = "bad";
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(check, "name"), 100);
        {
            const auto one = cell(view.out, "State");
            outcome(view.out, tone, status);
        }
        guest_cell(view.out, "Found", text_at(check, "detail"));
        guest_cell(view.out, "What to do", text_at(check, "advice"));
    }
}

}  // namespace

std::vector<Screen> upkeep_screens() {
    const Form check{"check", "policy.check", policy_request, nullptr};
    Form add{"add", "policy.add", policy_request, to_the_policy};
    add.sign_in_again = true;
    return {{"/audit", "Audit trail", audit_calls, render_audit},
            {"/policy", "Policy", policy_calls, render_policy, {check, add}},
            {"/notices",
             "Notices",
             notices_calls,
             render_notices,
             {{"test", "notify.test", no_request, to_the_notices},
              {"retry", "notify.retry", no_request, to_the_notices}}},
            {"/doctor", "Doctor", doctor_calls, render_doctor}};
}

}  // namespace patchlab::service::console
