// SPDX-License-Identifier: Apache-2.0
//
// The ways to steer a rollout. What changes hosts, or ends the rollout, is confirmed by typing how
// many hosts it has.
#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rollouts.hpp"

namespace patchlab::service::console {

namespace {

struct Steering {
    std::string pause, resume, abort, back_out;  ///< why it cannot be done; empty: it can
};

bool goes_forward(std::string_view state) {
    return state == "planned" || state == "running" || state == "catching-up";
}

/// As the engine has it: what is over is over for good, and the way back begins where nothing goes
/// forward any more.
Steering possible_in(const std::string& state) {
    Steering why;
    const bool over = rollout_is_over(state), forward = goes_forward(state);
    const std::string is = "It is " + in_words(state) + ".";
    if (!forward) why.pause = is;
    if (over) why.resume = "It is " + in_words(state) + ", for good.";
    if (!forward && state != "paused") why.abort = is;
    if (forward) why.back_out = "Pause or abort it first.";
    if (state == "halting" || state == "aborting") why.back_out = "It still settles. " + is;
    if (state == "backing-out") why.back_out = is;
    if (state == "backed-out") why.back_out = "Every host is back on its version from before.";
    return why;
}

void confirmed(OpenForm& form, const std::string& hosts) {
    form.hidden("hosts", hosts);
    form.line("confirm", "Type the number of hosts: " + hosts,
              "So that nobody does this to another rollout than they think.", true);
    form.password_if_stale();
}

/// A way that needs no more than the button. Gives why it cannot be done.
std::string button_of(const View& view, const char* form, const std::string& blocked,
                      const char* label, const char* css) {
    OpenForm one(view, {form, "inline", blocked, nullptr, true});
    one.submit(label, css);
    return one.why();
}

/// A way that is confirmed further down: the button leads there.
void way_to(const View& view, const char* form, const char* label) {
    view.out.element("a", {{"href", std::string("#form-") + form}, {"class", "button danger"}},
                     label);
}

void write_why(const View& view, const char* label, const std::string& why) {
    if (!why.empty())
        view.out.element("p", {{"class", "why-not"}}, std::string(label) + ": " + why);
}

}  // namespace

void write_steering_bar(const View& view, const Json& rollout) {
    const Steering why = possible_in(text_at(rollout, "state"));
    const auto bar = view.out.open("div", {{"class", "steer-bar"},
                                           {"data-region", "steer-bar"},
                                           {"role", "group"},
                                           {"aria-label", "Steer the rollout"}});
    std::string pause, resume;
    {
        const auto row = view.out.open("div", {{"class", "steer-row"}});
        pause = button_of(view, "pause", why.pause, "Pause", "warn");
        resume = button_of(view, "resume", why.resume, "Resume", "primary");
        way_to(view, "abort", "Abort");
        way_to(view, "back-out", "Back out");
    }
    if (pause == resume) return write_why(view, "Pause and resume", pause);
    write_why(view, "Pause", pause);
    write_why(view, "Resume", resume);
}

void write_steering_of(const View& view, const Json& rollout) {
    const Region section(view.out, "steering", "Abort, or back out");
    const Steering why = possible_in(text_at(rollout, "state"));
    const std::string hosts = std::to_string(number_at(rollout, "hosts"));
    const auto all = view.out.open("div", {{"class", "columns"}});
    {
        OpenForm form(view, {"abort", "act card", why.abort});
        view.out.element("h3", "Abort");
        view.out.element("p", {{"class", "hint"}}, "It ends here. Patched hosts stay patched.");
        if (form.enabled()) confirmed(form, hosts);
        form.submit("Abort the rollout", "danger");
    }
    OpenForm form(view, {"back-out", "act card", why.back_out});
    view.out.element("h3", "Back out");
    view.out.element("p", {{"class", "hint"}},
                     "Every patched host goes back to its exact versions from before.");
    if (form.enabled()) {
        confirmed(form, hosts);
        form.line("reason", "Why");
        form.tick("now", "Now, without waiting for windows", true);
    }
    form.submit("Back out", "danger");
}

}  // namespace patchlab::service::console
