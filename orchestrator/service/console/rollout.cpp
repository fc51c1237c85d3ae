// SPDX-License-Identifier: Apache-2.0
//
// The page of one rollout.
#include "orchestrator/service/console/rollouts.hpp"
#include "platform/core/text_units.hpp"
#include "reports/words.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t hosts_of_page = 100;
constexpr std::size_t most_hosts = 10'000'000;  ///< until its answer says how many there are
constexpr std::size_t events_shown = 100;

std::vector<Call> rollout_calls(const Visit& visit) {
    const Cut cut = cut_page(visit, most_hosts, hosts_of_page);
    return {{"rollout",
             "rollout.show",
             {{"rollout", visit.params.one("rollout")},
              {"hosts_from", cut.from},
              {"hosts_limit", hosts_of_page},
              {"first_of_rings", squares_a_ring}}}};
}

Json steer_request(const Values& params, const Values&) {
    return {{"rollout", params.one("rollout")}};
}

Json resume_rollout_request(const Values& params, const Values&) {
    return {{"rollout", params.one("rollout")}, {"detach", true}};
}

Json back_out_request(const Values& params, const Values& fields) {
    Json request{{"rollout", params.one("rollout")}, {"detach", true}};
    if (const std::string reason = fields.one("reason"); !reason.empty())
        request["reason"] = reason;
    request["now"] = !fields.one("now").empty();
    return request;
}

std::string back_to_the_rollout(const Values& params, const Values&, const Json&) {
    return address("/rollouts/", params.one("rollout"));
}

std::string check_number_of_hosts(const Values& fields) {
    const std::string wanted = fields.one("hosts"), given = fields.one("confirm");
    if (given == wanted) return {};
    return "The number of hosts is " + wanted + ", and you typed '" + given + "'.";
}

void write_state(const View& view, const Json& rollout) {
    Writer& out = view.out;
    const std::string state = text_at(rollout, "state"), reason = text_at(rollout, "reason");
    const Region section(out, "state", "Where it is");
    {
        const auto line = out.open("p", {{"class", "summary"}});
        outcome(out, tone_of_rollout(state), in_words(state));
        if (!reason.empty()) {
            out.text(": ");
            out.guest(reason, 500);
        }
    }
    if (flag_at(rollout, "simulated"))
        out.element("p", {{"class", "reason unsure"}},
                    "Simulated: its hosts exist in a script alone, no real host is touched.");
    const auto facts = out.open("dl", {{"class", "facts"}});
    const std::int64_t failed = number_at(rollout, "failed"), may = number_at(rollout, "may_fail");
    fact(out, failed > may ? "bad" : "plain", "Failures",
         number_text(magnitude(failed)) + " of " + number_text(magnitude(may)), "permitted");
    fact(out, "plain", "Hosts", number_text(magnitude(number_at(rollout, "hosts"))));
    const std::int64_t disagree = number_at(rollout, "disagree_with_lab");
    fact(out, disagree > 0 ? "bad" : "good", "Disagree with the lab",
         number_text(magnitude(disagree)));
    fact(out, "plain", "In the name of", text_at(rollout, "acting_for"),
         reports::time_words(text_at(rollout, "created")));
}

void write_attention(const View& view, const Json& rollout) {
    const Json& hosts = list_at(rollout, "attention");
    if (hosts.empty()) return;
    const Region section(view.out, "attention", "Look at these hosts");
    for (const Json& host : hosts) {
        const std::string state = text_at(host, "state");
        const auto box =
            view.out.open("div", {{"class", std::string("reason ") + tone_of_host(state)}});
        {
            const auto title = view.out.open("h3");
            view.out.guest(text_at(host, "name"), 200);
            view.out.text(", ring ");
            view.out.guest(text_at(host, "ring"), 80);
            view.out.text(": " + in_words(state));
        }
        const auto list = view.out.open("ul");
        for (const std::string& reason : texts_at(host, "reasons")) {
            const auto item = view.out.open("li");
            view.out.guest(reason, 500);
        }
    }
}

std::string versions_text(const Json& versions) {
    std::string text;
    for (const auto& [package, version] : versions.items()) {
        text += (text.empty() ? "" : ", ") + package + " ";
        text += version.is_string() && !version.get<std::string>().empty()
                    ? version.get<std::string>()
                    : "not installed";
    }
    return text;
}

void write_hosts(const View& view, const Json& rollout) {
    const Region section(view.out, "hosts", "Hosts");
    const Json& hosts = list_at(rollout, "all_hosts");
    const Cut cut = cut_page(view.visit, magnitude(number_at(rollout, "hosts")), hosts_of_page);
    {
        const auto table = view.out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
        table_head(view.out, "Hosts of the rollout",
                   {"Host", "Ring", "State", "Before", "Now", "Why"});
        const auto body = view.out.open("tbody");
        for (std::size_t i = cut.from; i < cut.to; ++i) {
            if (i - cut.from >= hosts.size()) break;
            const Json& host = hosts[i - cut.from];
            const std::string state = text_at(host, "state");
            const auto row = view.out.open("tr", {{"data-filter", text_at(host, "name")}});
            name_cell(view.out, address("/hosts/", text_at(host, "name")), text_at(host, "name"));
            guest_cell(view.out, "Ring", text_at(host, "ring"));
            {
                const auto one = cell(view.out, "State");
                outcome(view.out, tone_of_host(state), in_words(state));
                if (flag_at(host, "proven")) tag(view.out, "plain", "proven");
            }
            guest_cell(view.out, "Before", versions_text(object_at(host, "before")));
            guest_cell(view.out, "Now", versions_text(object_at(host, "after")));
            guest_cell(view.out, "Why", text_at(host, "detail"));
        }
    }
    pager(view, cut, "hosts");
}

void write_events(const View& view, const Json& rollout) {
    const Region section(view.out, "events", "What happened");
    const Json& events = list_at(rollout, "events");
    const auto list = view.out.open(
        "ol",
        {{"class", "loglines"}, {"tabindex", "0"}, {"aria-label", "Events, the newest first"}});
    for (std::size_t i = 0; i < events.size() && i < events_shown; ++i) {
        const Json& event = events[events.size() - 1 - i];
        const auto line = view.out.open("li");
        moment(view.out, text_at(event, "time"), view.visit.now);
        {
            const auto ring = view.out.open("span", {{"class", "stage"}});
            view.out.guest(text_at(event, "ring"), 40);
        }
        const auto text = view.out.open("span", {{"class", "said"}});
        view.out.guest(text_at(event, "text"), 600);
    }
}

void render_rollout(const View& view) {
    const std::string id = view.param("rollout");
    if (!view.document("rollout")) {
        heading(view.out, id, "A rollout");
        write_failure(view, "rollout", "this rollout");
        return;
    }
    const Json& rollout = *view.document("rollout");
    heading(view.out, text_at(rollout, "name"));
    {
        const auto line = view.out.open("p", {{"class", "below"}});
        copyable(view.out, id);
        view.out.text(" brings ");
        guest_link(view.out, address("/catalog/", text_at(rollout, "entry")),
                   text_at(rollout, "entry"));
    }
    write_steering_bar(view, rollout);
    write_state(view, rollout);
    write_rings(view, rollout);
    write_attention(view, rollout);
    write_steering_of(view, rollout);
    write_hosts(view, rollout);
    write_events(view, rollout);
    const std::string word = shell_word(id);
    const Json named{{"rollout", id}};
    from_a_shell(view, {{"rollout status " + word, "rollout.show", named},
                        {"rollout pause " + word, "rollout.pause", named},
                        {"rollout abort " + word, "rollout.abort", named},
                        {"rollout back-out " + word + " --now", "rollout.back_out", named}});
}

}  // namespace

std::vector<Screen> one_rollout_screens() {
    const Form pause{"pause", "rollout.pause", steer_request, back_to_the_rollout};
    Form resume{"resume", "rollout.resume", resume_rollout_request, back_to_the_rollout};
    Form abort{"abort", "rollout.abort", steer_request, back_to_the_rollout, check_number_of_hosts};
    Form back_out{"back-out", "rollout.back_out", back_out_request, back_to_the_rollout,
                  check_number_of_hosts};
    for (Form* form : {&abort, &back_out}) form->sign_in_again = true;
    return {{"/rollouts/{rollout}",
             "Rollout",
             rollout_calls,
             render_rollout,
             {pause, resume, abort, back_out},
             false,
             "rollout"}};
}

}  // namespace patchlab::service::console
