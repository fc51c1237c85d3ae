// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/console/overview.hpp"

#include <array>

#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

/// Where an item of the overview leads to, and what is done there.
struct Errand {
    const char* kind;
    const char* prefix;
    const char* suffix;
    const char* words;
};
constexpr std::array<Errand, 4> errands{{{"approve", "/runs/", "/decision", "decide"},
                                         {"promote", "/runs/", "", "promote"},
                                         {"rollout", "/rollouts/", "", "look at the rollout"},
                                         {"run", "/runs/", "", "look at the run"}}};

const Errand& errand_of(const std::string& kind) {
    for (const Errand& one : errands)
        if (kind == one.kind) return one;
    return errands.back();
}

/// A promotion begins on the page of the catalog, with the run filled in.
std::string address_of(const Errand& errand, const std::string& id) {
    if (errand.words == std::string_view("promote"))
        return "/catalog" + query_text({{"entry", id}}) + "#promote";
    return address(errand.prefix, id) + errand.suffix;
}

void write_waiting_item(const View& view, const Json& item) {
    const Errand& errand = errand_of(text_at(item, "kind"));
    const std::string id = text_at(item, "id");
    const auto row = view.out.open("tr", {{"data-filter", id}});
    name_cell(view.out, address_of(errand, id), text_at(item, "title"));
    text_cell(view.out, "To do", errand.words);
    guest_cell(view.out, "Why", text_at(item, "why"));
    {
        const auto one = cell(view.out, "About");
        guest_link(view.out, address(errand.prefix, id), id);
    }
    moment_cell(view, "Since", text_at(item, "since"));
}

void write_waiting_items(const View& view, const Json& items) {
    const Region section(view.out, "waiting", "Waits for you");
    if (items.empty()) {
        nothing_here(view.out, "Nothing waits for you.",
                     "A run that you may decide about stands here, an approved one that is not in "
                     "the catalog, and a rollout that stands.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
    table_head(view.out, "What waits for you", {"What", "To do", "Why", "About", "Since"});
    const auto body = view.out.open("tbody");
    for (const Json& item : items) write_waiting_item(view, item);
}

void write_overdue(const View& view, const Json& overview) {
    const Region section(view.out, "overdue", "Overdue");
    const auto found = overview.find("overdue");
    if (found == overview.end() || !found->is_array()) {
        nothing_here(view.out, "Nobody knows.",
                     "Nothing ranks the patches yet, so no patch has a day by which it is due.");
        return;
    }
    if (found->empty()) {
        nothing_here(view.out, "Nothing is overdue.",
                     "A patch whose day has passed stands here, with the hosts that lack it.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
    table_head(view.out, "Overdue patches", {"Patch", "Limit", "Was due", "Hosts that lack it"});
    const auto body = view.out.open("tbody");
    for (const Json& patch : *found) {
        const auto row = view.out.open("tr");
        name_cell(view.out, address("/patches/", text_at(patch, "id")), text_at(patch, "id"));
        guest_cell(view.out, "Limit", text_at(patch, "limit"));
        moment_cell(view, "Was due", text_at(patch, "due_at"));
        text_cell(view.out, "Hosts that lack it",
                  number_text(magnitude(number_at(patch, "host_count"))));
    }
}

}  // namespace

bool write_overview(const View& view) {
    const Json* overview = view.document("overview");
    if (!overview) return false;
    write_waiting_items(view, list_at(*overview, "waiting"));
    write_overdue(view, *overview);
    return true;
}

std::int64_t waiting_for_viewer(const View& view) {
    const Json* overview = view.document("overview");
    return overview ? static_cast<std::int64_t>(list_at(*overview, "waiting").size()) : -1;
}

}  // namespace patchlab::service::console
