// SPDX-License-Identifier: Apache-2.0
//
// What stands at the end of lists and pages: more pages, and the same from a shell.
#include <algorithm>
#include <charconv>

#include "orchestrator/service/console/view.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

std::size_t asked_page(const std::string& text) {
    std::size_t page = 1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), page);
    return error == std::errc() && end == text.data() + text.size() ? page : 1;
}

/// Empty: the API does not offer it.
std::string curl_of(const View& view, const Shell& line) {
    const auto found = route_of(line.operation, line.request);
    if (!found) return {};
    const Route& route = *found;
    std::string text = "curl -H \"Authorization: Bearer $PATCHLAB_TOKEN\"";
    if (route.method != "GET") text += " -X " + route.method;
    if (route.guarded)
        text += line.seen.empty() ? std::string(" -H \"If-Match: $ETAG\"")
                                  : " -H " + shell_word("If-Match: \"" + line.seen + "\"");
    const bool with_body = route.method == "POST" && !route.body.empty();
    if (with_body)
        text += " -H 'Content-Type: application/json' -d " + shell_word(to_line(route.body));
    return text + " " + shell_word(view.visit.origin + route.path);
}

}  // namespace

Cut cut_page(const Visit& visit, std::size_t all, std::size_t per_page) {
    Cut cut;
    cut.all = all;
    cut.pages = std::max<std::size_t>(1, (all + per_page - 1) / per_page);
    cut.page = std::clamp<std::size_t>(asked_page(visit.query.one("page")), 1, cut.pages);
    cut.from = (cut.page - 1) * per_page;
    cut.to = std::min(all, cut.from + per_page);
    return cut;
}

Json newest(const Visit& visit, std::size_t per_page) {
    const std::size_t page = std::clamp<std::size_t>(asked_page(visit.query.one("page")), 1, 10000);
    return {{"filter", {{"limit", page * per_page + 1}}}};
}

Cut cut_newest(const Visit& visit, std::size_t came, std::size_t per_page) {
    Cut cut = cut_page(visit, came, per_page);
    cut.open_end = cut.pages > cut.page;
    return cut;
}

void pager(const View& view, const Cut& cut, std::string_view what) {
    Writer& out = view.out;
    const auto nav =
        out.open("nav", {{"class", "pager"}, {"aria-label", "Pages of " + std::string(what)}});
    if (cut.pages == 1) {
        out.element("p", {{"class", "note"}}, number_text(cut.all) + " " + std::string(what));
        return;
    }
    std::string shown = number_text(cut.from + 1) + " to " + number_text(cut.to);
    if (!cut.open_end) shown += " of " + number_text(cut.all);
    out.element("p", {{"class", "note"}},
                shown + " " + std::string(what) + (cut.open_end ? ", there are more" : ""));
    const auto to = [&](std::size_t page) {
        return this_page_with(view.visit, {{"page", std::to_string(page)}});
    };
    if (cut.page > 1) {
        out.element("a", {{"href", to(cut.page - 1)}, {"rel", "prev"}}, "Previous page");
    }
    if (cut.page < cut.pages)
        out.element("a", {{"href", to(cut.page + 1)}, {"rel", "next"}, {"data-more", "rows"}},
                    "Next page");
}

void from_a_shell(const View& view, const std::vector<Shell>& lines) {
    Writer& out = view.out;
    const auto box = out.open("details", {{"class", "shell"}});
    out.element("summary", "The same from a shell");
    const auto list = out.open("dl");
    for (const Shell& line : lines) {
        if (!line.command.empty()) {
            out.element("dt", "as CLI");
            const auto item = out.open("dd");
            copyable(out, "patchlab " + line.command);
        }
        if (const std::string curl = curl_of(view, line); !curl.empty()) {
            out.element("dt", "as curl");
            const auto item = out.open("dd");
            copyable(out, curl);
        }
    }
}

}  // namespace patchlab::service::console
