// SPDX-License-Identifier: Apache-2.0
//
// A run that goes on: where it is in the stages, what its log says, and the way to stop it.
#include <algorithm>
#include <map>

#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/runs.hpp"
#include "platform/core/text_units.hpp"
#include "reports/words.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t log_lines = 200;

std::string title_of_stage(const std::string& stage) {
    const reports::StageWords words = reports::words_of_stage(stage);
    return words.title.empty() ? stage : std::string(words.title);
}

void write_passage(const View& view, const std::string& stage, const Json* passage, bool now) {
    std::string css = "later";
    if (passage) css = text_at(*passage, "outcome");
    if (now) css = "now";
    std::vector<Attribute> attributes{{"class", css}};
    if (now) attributes.push_back({"aria-current", "step"});
    const auto item = view.out.open_with("li", attributes);
    {
        const auto name = view.out.open("span", {{"class", "stage"}});
        view.out.guest(title_of_stage(stage), 60);
    }
    std::string note = "to come";
    if (passage) note = duration_text(real_at(*passage, "seconds"));
    if (css == "skipped") note = text_at(*passage, "detail") == "reused" ? "reused" : "skipped";
    if (css == "failed") note += ", failed";
    if (now) note = "now";
    view.out.element("span", {{"class", "note"}}, note);
}

void write_timeline(const View& view, const Json& run) {
    const Region section(view.out, "stages", "Stages");
    std::map<std::string, const Json*> last;
    for (const Json& stage : list_at(run, "stages")) last[text_at(stage, "name")] = &stage;
    const std::string at = text_at(run, "stage");
    const bool goes_on = text_at(run, "state") == "running";
    const auto list = view.out.open("ol", {{"class", "timeline"}});
    for (const std::string& stage : reports::stages_of_a_run()) {
        const auto found = last.find(stage);
        const bool now = goes_on && at == stage;
        write_passage(view, stage, found == last.end() ? nullptr : found->second, now);
    }
}

void write_log(const View& view) {
    const Region section(view.out, "log", "Log");
    if (write_failure(view, "log", "the log")) return;
    const Json& events = list_at(*view.document("log"), "events");
    if (events.empty()) {
        nothing_here(view.out, "Nothing was written yet.",
                     "The worker writes a line when it enters a stage, and while it works.");
        return;
    }
    const std::size_t first = events.size() - std::min(events.size(), log_lines);
    if (first > 0)
        view.out.element(
            "p", {{"class", "note"}},
            "The last " + number_text(log_lines) + " of " + number_text(events.size()) + " lines.");
    const auto list = view.out.open(
        "ol", {{"class", "loglines"}, {"tabindex", "0"}, {"aria-label", "Lines of the log"}});
    for (std::size_t i = first; i < events.size(); ++i) {
        const auto line = view.out.open("li");
        const std::string time = text_at(events[i], "time");
        view.out.element("time", {{"datetime", time}, {"title", reports::time_words(time)}},
                         time.size() == 20 ? time.substr(11, 8) : time);
        {
            const auto stage = view.out.open("span", {{"class", "stage"}});
            view.out.guest(text_at(events[i], "stage"), 40);
        }
        const auto text = view.out.open("span", {{"class", "said"}});
        view.out.guest(text_at(events[i], "text"), 1000);
    }
}

void write_steering(const View& view, const Json& run) {
    const Region section(view.out, "steering", "Stop it, or go on");
    const bool going = is_unfinished(run);
    const auto forms = view.out.open("div", {{"class", "buttons"}});
    {
        OpenForm cancel(
            view, {"cancel", "inline", going ? std::string_view() : "The run is not under way."});
        cancel.submit("Cancel the run", "danger");
    }
    const bool stands = text_at(run, "state") == "interrupted";
    OpenForm resume(view, {"resume", "inline",
                           stands ? std::string_view() : "Only an interrupted run is resumed."});
    resume.submit("Resume", "");
}

}  // namespace

void render_live_run(const View& view, const Json& run) {
    Writer& out = view.out;
    const std::string id = text_at(run, "id"), state = text_at(run, "state");
    heading(out, id, patches_of(run) + " in lab " + text_at(run, "lab"));
    {
        const Region section(out, "state", "Where it is");
        const auto facts = out.open("dl", {{"class", "facts"}});
        fact(out, state == "running" ? "good" : "unsure", "State", state);
        fact(out, "plain", "Stage",
             text_at(run, "stage").empty() ? "none yet" : title_of_stage(text_at(run, "stage")),
             reports::words_of_stage(text_at(run, "stage")).meaning);
        const std::string started = text_at(run, "started");
        fact(out, "plain", "Began",
             started.empty() ? "not yet" : distance_of(started, view.visit.now),
             started.empty() ? "" : reports::time_words(started));
        fact(out, "plain", "Asked by", text_at(run, "requester"));
    }
    write_timeline(view, run);
    write_steering(view, run);
    write_log(view);
    from_a_shell(view, {{"run watch " + shell_word(id), "run.show", {{"run", id}}},
                        {"run cancel " + shell_word(id), "run.cancel", {{"run", id}}}});
}

}  // namespace patchlab::service::console
