// SPDX-License-Identifier: Apache-2.0
//
// The management view: what was released, rehearsed, approved, deployed and backed out, by month
// and quarter; to be printed, and as CSV.
#include <algorithm>
#include <array>

#include "orchestrator/service/console/figures.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

std::vector<Call> management_calls(const Visit& visit) {
    Json request = Json::object();
    if (const std::string by = visit.query.one("by"); by == "month" || by == "quarter")
        request["by"] = by;
    for (const char* limit : {"from", "to"})
        if (const std::string date = visit.query.one(limit); !date.empty()) request[limit] = date;
    return {{"management", "management.show", request}};
}

struct Column {
    const char* member;
    const char* title;
};
constexpr std::array<Column, 11> columns{
    {{"released", "Released"},
     {"rehearsed", "Rehearsed"},
     {"approved", "Approved"},
     {"rejected_by_people", "Rejected by people"},
     {"rollouts", "Rollouts"},
     {"rollouts_halted", "Rollouts halted"},
     {"rollouts_backed_out", "Rollouts backed out"},
     {"hosts_updated", "Hosts updated"},
     {"hosts_failed", "Hosts failed"},
     {"hosts_backed_out", "Hosts backed out"},
     {"median_days_to_last_ring", "Median days to the last ring"}}};

/// A number that nobody knows reads so.
std::string value_text(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) return {};
    if (!found->is_number_float()) return std::to_string(found->get<std::int64_t>());
    std::string text = std::to_string(found->get<double>());
    return text.substr(0, text.find('.') + 2);
}

void write_periods(const View& view, const Json& periods) {
    const Region section(view.out, "periods", "By period");
    if (periods.empty()) {
        nothing_here(view.out, "Nothing was done yet.", "Months appear here as runs are made.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack figures"}});
    std::vector<const char*> titles{"Period"};
    for (const Column& column : columns) titles.push_back(column.title);
    table_head(view.out, "Figures by period", titles);
    const auto body = view.out.open("tbody");
    for (const Json& period : periods) {
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(period, "period"), 40);
        for (const Column& column : columns) {
            const std::string value = value_text(period, column.member);
            text_cell(view.out, column.title, value.empty() ? "\u2013" : value);
        }
    }
}

void write_pictures(const View& view, const Json& periods) {
    const Region section(view.out, "pictures", "Over time");
    const auto picture = [&](const char* title, const char* member, const char* unit) {
        std::vector<Bar> values;
        for (const Json& period : periods)
            values.push_back({text_at(period, "period").substr(0, 7), known_at(period, member)});
        view.out.element("h3", title);
        const bool any = std::any_of(values.begin(), values.end(),
                                     [](const Bar& bar) { return bar.value.value_or(0) > 0; });
        if (any) bars(view.out, title, values, unit);
        else view.out.element("p", {{"class", "note"}}, "None in this time.");
    };
    picture("Days from release to the last ring, median", "median_days_to_last_ring", "days");
    picture("Rehearsals", "rehearsed", "runs");
    picture("Hosts updated", "hosts_updated", "hosts");
}

void write_coverage(const View& view, const Json& document) {
    const Json& critical = object_at(document, "mission_critical");
    const auto facts = view.out.open("dl", {{"class", "facts"}});
    const auto share = known_at(critical, "share");
    fact(view.out, share ? "plain" : "unsure", "Mission-critical hosts covered",
         share ? std::to_string(static_cast<int>(*share * 100)) + " %" : "Not known",
         "of " + count_text(number_at(critical, "hosts"), "host"));
    const auto count = [&](const char* label, const char* member, const char* tone) {
        const std::int64_t n = number_at(critical, member);
        fact(view.out, n > 0 ? tone : "plain", label, number_text(magnitude(n)));
    };
    count("Lack something", "lacking", "bad");
    count("Without a current scan", "unknown", "unsure");
    fact(view.out, "good", "Caught in the lab", number_text(list_at(document, "caught").size()),
         "patches that were rejected");
}

void write_overdue_bands(const View& view, const Json& document) {
    const Region section(view.out, "overdue", "Overdue, by limit");
    const auto found = document.find("overdue");
    if (found == document.end() || !found->is_array()) {
        nothing_here(view.out, "Nobody knows.", "Nothing ranks the patches yet.");
        return;
    }
    if (found->empty()) {
        nothing_here(view.out, "Nothing is overdue.",
                     "The policy says by when a patch must be everywhere. A patch whose day has "
                     "passed counts here, under its limit.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Overdue patches by limit", {"Limit", "Patches", "Hosts"});
    const auto body = view.out.open("tbody");
    for (const Json& band : *found) {
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(band, "limit"), 80);
        text_cell(view.out, "Patches", number_text(magnitude(number_at(band, "patches"))));
        text_cell(view.out, "Hosts", number_text(magnitude(number_at(band, "host_count"))));
    }
}

void write_caught(const View& view, const Json& document) {
    const Region section(view.out, "caught", "What the lab caught");
    const Json& caught = list_at(document, "caught");
    if (caught.empty()) {
        nothing_here(view.out, "Nothing was rejected.",
                     "Runs whose verdict is rejected stand here: harm that did not reach a host.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Runs that the lab rejected", {"Run", "Patches", "Lab", "When"});
    const auto body = view.out.open("tbody");
    for (const Json& run : caught) {
        const auto row = view.out.open("tr");
        name_cell(view.out, address("/runs/", text_at(run, "run")), text_at(run, "run"));
        guest_cell(view.out, "Patches", a_few(texts_at(run, "patches")));
        guest_cell(view.out, "Lab", text_at(run, "lab"));
        moment_cell(view, "When", text_at(run, "finished"));
    }
}

void write_choice_of_period(const View& view) {
    const auto form = view.out.open("form", {{"method", "get"}, {"class", "filter"}});
    {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", "by"}}, "By");
        const auto select = view.out.open("select", {{"id", "by"}, {"name", "by"}});
        for (const char* by : {"month", "quarter"})
            write_option(view.out, by, view.query("by") == by, by);
    }
    for (const char* limit : {"from", "to"}) {
        const auto box = view.out.open("div", {{"class", "field"}});
        view.out.element("label", {{"for", limit}},
                         limit == std::string_view("from") ? "From" : "To (not included)");
        view.out.lone(
            "input",
            {{"id", limit}, {"name", limit}, {"type", "date"}, {"value", view.query(limit)}});
    }
    view.out.element("button", {{"type", "submit"}}, "Show");
    view.out.element("a",
                     {{"href", "/management.csv" + query_text({{"by", view.query("by")},
                                                               {"from", view.query("from")},
                                                               {"to", view.query("to")}})},
                      {"class", "button"}},
                     "CSV");
}

void render_management(const View& view) {
    heading(view.out, "Management", "What was done, how long it took, and what the lab caught.");
    write_choice_of_period(view);
    if (write_failure(view, "management", "the figures")) return;
    const Json& document = *view.document("management");
    write_coverage(view, document);
    write_periods(view, list_at(document, "periods"));
    write_pictures(view, list_at(document, "periods"));
    write_overdue_bands(view, document);
    write_caught(view, document);
    from_a_shell(view, {{"management show", "management.show", Json::object()}});
}

std::optional<Page> management_csv(const View& view) {
    const Json* document = view.document("management");
    if (!document) return std::nullopt;
    std::string text = "period";
    for (const Column& column : columns) text += "," + std::string(column.member);
    text += "\r\n";
    for (const Json& period : list_at(*document, "periods")) {
        text += csv_cell(text_at(period, "period"));
        for (const Column& column : columns) text += "," + value_text(period, column.member);
        text += "\r\n";
    }
    return Page{text, 200, "text/csv; charset=utf-8", "patchlab-management.csv"};
}

}  // namespace

std::vector<Screen> management_screens() {
    Screen csv{"/management.csv", "Management", management_calls, render_management};
    csv.file = management_csv;
    return {{"/management", "Management", management_calls, render_management}, csv};
}

}  // namespace patchlab::service::console
