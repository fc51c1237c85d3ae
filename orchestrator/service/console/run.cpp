// SPDX-License-Identifier: Apache-2.0
//
// The page of one run: what is rendered depends on whether it has ended.
#include <array>

#include "orchestrator/service/console/runs.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service::console {

namespace {

std::vector<Call> run_calls(const Visit& visit) {
    const std::string run = visit.params.one("run");
    return {{"run", "run.show", {{"run", run}}},
            {"log", "run.log", {{"run", run}}},
            {"measured", "run.measurements", {{"run", run}}}};
}

void render_run(const View& view) {
    if (!view.document("run")) {
        heading(view.out, view.param("run"), "A run");
        write_failure(view, "run", "this run");
        return;
    }
    const Json& run = *view.document("run");
    if (is_unfinished(run) || text_at(run, "state") == "cancelled" ||
        text_at(run, "evidence").empty())
        return render_live_run(view, run);
    try {
        render_result(view, reports::parse_run_document(run));
    } catch (const Error& error) {
        heading(view.out, view.param("run"), "This run cannot be read");
        const auto line = view.out.open("p");
        view.out.guest(error.what(), 1000);
    }
}

Json cancel_request(const Values& params, const Values&) { return {{"run", params.one("run")}}; }

Json resume_request(const Values& params, const Values&) {
    return {{"run", params.one("run")}, {"detach", true}};
}

std::string back_to_the_run(const Values& params, const Values&, const Json&) {
    return address("/runs/", params.one("run"));
}

/// The downloads: one screen for each form of the report.
struct Download {
    const char* pattern;
    const char* format;
    const char* type;
    const char* ending;
};
constexpr std::array<Download, 4> downloads{
    {{"/runs/{run}/report.html", "html", "text/html; charset=utf-8", ".html"},
     {"/runs/{run}/report.xml", "junit", "application/xml", ".junit.xml"},
     {"/runs/{run}/report.md", "markdown", "text/markdown; charset=utf-8", ".md"},
     {"/runs/{run}/report.json", "json", "application/json", ".json"}}};

const Download& download_of(std::string_view path) {
    for (const Download& one : downloads) {
        const std::string_view pattern = one.pattern;
        if (path.ends_with(pattern.substr(pattern.rfind('/')))) return one;
    }
    return downloads.front();
}

std::vector<Call> report_calls(const Visit& visit) {
    return {{"report",
             "evidence.report",
             {{"run", visit.params.one("run")}, {"format", download_of(visit.path).format}}}};
}

std::optional<Page> report_file(const View& view) {
    const Json* report = view.document("report");
    if (!report) return std::nullopt;
    const Download& one = download_of(view.visit.path);
    return Page{text_at(*report, "text"), 200, one.type, view.param("run") + one.ending};
}

void render_no_report(const View& view) {
    heading(view.out, view.param("run"), "A report of this run");
    write_failure(view, "report", "the report");
}

}  // namespace

void run_tabs(const View& view, std::string_view run, std::string_view open) {
    struct Tab {
        const char* name;
        const char* below;
    };
    constexpr std::array<Tab, 4> tabs{{{"Result", ""},
                                       {"Changes", "/changes"},
                                       {"Decision", "/decision"},
                                       {"Compare", "/compare"}}};
    const auto nav = view.out.open("nav", {{"class", "tabs"}, {"aria-label", "This run"}});
    for (const Tab& tab : tabs) {
        std::vector<Attribute> attributes{{"href", address("/runs/", run) + tab.below}};
        if (open == tab.name) attributes.push_back({"aria-current", "page"});
        const auto anchor = view.out.open_with("a", attributes);
        view.out.text(tab.name);
    }
}

std::vector<Screen> one_run_screens() {
    std::vector<Screen> all{{"/runs/{run}",
                             "Run",
                             run_calls,
                             render_run,
                             {{"cancel", "run.cancel", cancel_request, back_to_the_run},
                              {"resume", "run.resume", resume_request, back_to_the_run}},
                             false,
                             "run"}};
    for (const Download& one : downloads) {
        Screen screen{one.pattern, "Report", report_calls, render_no_report};
        screen.file = report_file;
        all.push_back(std::move(screen));
    }
    return all;
}

}  // namespace patchlab::service::console
