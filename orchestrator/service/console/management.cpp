// SPDX-License-Identifier: Apache-2.0
//
// The management view: what was released, rehearsed, approved, deployed and backed out, by month
// and quarter; to be printed, and as CSV.
#include "orchestrator/service/console/figures.hpp"
#include "orchestrator/service/console/rollouts.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

std::vector<Call> management_calls(const Visit& visit) {
    Json request = Json::object();
    if (const std::string by = visit.query.one("by"); by == "month" || by == "quarter")
        request["by"] = by;
    return {{"management", "management.show", request}};
}

/// A number that nobody knows reads so.
std::string value_text(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) return "not known";
    if (found->is_number_float()) {
        const double value = found->get<double>();
        return number_text(static_cast<std::uint64_t>(value < 0 ? 0 : value + 0.5));
    }
    return number_text(magnitude(found->get<std::int64_t>()));
}

void render_management(const View& view) {
    heading(view.out, "Management", "What was done, and how long it took.");
    if (write_failure(view, "management", "the figures")) return;
    const Json& document = *view.document("management");
    {
        const auto line = view.out.open("p", {{"class", "buttons"}});
        view.out.element("a", {{"href", "/management.csv"}, {"class", "button"}}, "CSV");
    }
    const Region section(view.out, "periods", "By period");
    const Json& periods = list_at(document, "periods");
    if (periods.empty()) {
        nothing_here(view.out, "Nothing was done yet.", "Months appear here as runs are made.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(
        view.out, "Figures by period",
        {"Period", "Released", "Rehearsed", "Approved", "Deployed", "Backed out", "Median days"});
    const auto body = view.out.open("tbody");
    for (const Json& period : periods) {
        const auto row = view.out.open("tr");
        {
            const auto name = view.out.open("th", {{"scope", "row"}});
            view.out.guest(text_at(period, "period"), 40);
        }
        text_cell(view.out, "Released", value_text(period, "released"));
        text_cell(view.out, "Rehearsed", value_text(period, "rehearsed"));
        text_cell(view.out, "Approved", value_text(period, "approved"));
        text_cell(view.out, "Deployed", value_text(period, "deployed"));
        text_cell(view.out, "Backed out", value_text(period, "backed_out"));
        text_cell(view.out, "Median days", value_text(period, "median_days"));
    }
}

}  // namespace

std::vector<Screen> management_screens() {
    return {{"/management", "Management", management_calls, render_management}};
}

}  // namespace patchlab::service::console
