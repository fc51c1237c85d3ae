// SPDX-License-Identifier: Apache-2.0
//
// The page around every screen: what it loads, where one is, where one can go, and when it was
// computed.
#include <array>

#include "console_files.hpp"
#include "orchestrator/service/console/forms.hpp"
#include "platform/core/digest.hpp"
#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::service::console {

namespace {

struct Place {
    const char* path;
    const char* title;
};
/// What people do every day stands in the bar, the rest behind "More".
constexpr std::array<Place, 6> daily{{{"/", "Today"},
                                      {"/patches", "Patches"},
                                      {"/runs", "Runs"},
                                      {"/catalog", "Catalog"},
                                      {"/rollouts", "Rollouts"},
                                      {"/hosts", "Hosts"}}};
constexpr std::array<Place, 11> further{{{"/cve", "CVEs"},
                                         {"/labs", "Labs"},
                                         {"/images", "Images"},
                                         {"/management", "Management"},
                                         {"/policy", "Policy"},
                                         {"/audit", "Audit trail"},
                                         {"/users", "Users"},
                                         {"/tokens", "Tokens"},
                                         {"/notices", "Notices"},
                                         {"/doctor", "Doctor"},
                                         {"/help", "Help"}}};

const std::string& style() {
    static const std::string whole = std::string(reports::html::style_sheet()) +
                                     std::string(embedded::console_files::file("console.css"));
    return whole;
}

/// A browser keeps a file until its content changes.
std::string file_address(std::string_view name) {
    return "/static/" + std::string(name) + "?v=" + sha256_hex(static_file(name)).substr(0, 12);
}

bool is_here(std::string_view path, std::string_view place) {
    if (place == "/") return path == "/";
    return path == place || path.starts_with(std::string(place) + "/");
}

void write_place(Writer& out, const Place& place, std::string_view path) {
    const auto item = out.open("li");
    std::vector<Attribute> attributes{{"href", place.path}};
    if (is_here(path, place.path)) attributes.push_back({"aria-current", "page"});
    const auto anchor = out.open_with("a", attributes);
    out.text(place.title);
}

void write_places(Writer& out, std::string_view path) {
    const auto nav = out.open("nav", {{"class", "nav"}, {"aria-label", "Console"}});
    {
        const auto list = out.open("ul", {{"class", "places"}});
        for (const Place& place : daily) write_place(out, place, path);
    }
    const auto more = out.open("details", {{"class", "more"}});
    out.element("summary", "More");
    const auto list = out.open("ul");
    for (const Place& place : further) write_place(out, place, path);
}

void write_search(Writer& out, const Visit& visit) {
    const auto form = out.open(
        "form",
        {{"class", "search"}, {"role", "search"}, {"action", "/search"}, {"method", "get"}});
    out.element("label", {{"for", "search"}, {"class", "unseen"}}, "Search");
    out.lone("input", {{"id", "search"},
                       {"type", "search"},
                       {"name", "q"},
                       {"maxlength", "200"},
                       {"placeholder", "Search runs, patches, hosts, CVEs"},
                       {"value", visit.path == "/search" ? visit.query.one("q") : ""}});
    out.element("button", {{"type", "submit"}, {"class", "unseen"}}, "Search");
}

void write_viewer(const View& view) {
    Writer& out = view.out;
    const auto box = out.open("div", {{"class", "viewer"}});
    if (!view.viewer.known()) {
        link(out, "/login", "Sign in");
        return;
    }
    guest_link(out, "/session", view.viewer.user);
}

void write_bar(const View& view) {
    Writer& out = view.out;
    const auto header = out.open("header", {{"class", "bar"}});
    const auto inner = out.open("div", {{"class", "bar-inner"}});
    {
        const auto brand = out.open("a", {{"href", "/"}, {"class", "brand"}});
        out.text("patchlab");
    }
    if (view.viewer.known()) {
        write_places(out, view.visit.path);
        write_search(out, view.visit);
    }
    write_viewer(view);
}

void write_head(Writer& out, std::string_view title) {
    // hashed once, not for every page
    static const std::string styles = file_address("console.css"), icon = file_address("icon.svg"),
                             code = file_address("console.js");
    const auto head = out.open("head");
    out.lone("meta", {{"charset", "utf-8"}});
    out.lone("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    out.lone("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
    out.lone("meta", {{"name", "referrer"}, {"content", "same-origin"}});
    out.lone("meta", {{"name", "robots"}, {"content", "noindex"}});
    {
        const auto element = out.open("title");
        out.text(std::string(title) + " \u00b7 patchlab");
    }
    out.lone("link", {{"rel", "stylesheet"}, {"href", styles}});
    out.lone("link", {{"rel", "icon"}, {"type", "image/svg+xml"}, {"href", icon}});
    const auto script = out.open("script", {{"type", "module"}, {"src", code}});
}

void write_foot(const View& view) {
    Writer& out = view.out;
    const auto footer = out.open("footer", {{"class", "foot"}});
    const auto line = out.open("p");
    out.text("Computed ");
    const std::string now = to_rfc3339(view.visit.now);
    out.element("time", {{"datetime", now}}, reports::time_words(now));
    out.text(" from the state of this installation. ");
    const auto live = out.open("span", {{"data-live-state", "off"}, {"role", "status"}});
}

/// "Run r-20261130-0001" for a page about one thing.
std::string title_of(const Screen& screen, const Visit& visit) {
    std::string title(screen.title);
    for (const auto& [name, value] : visit.params.all()) title += " " + value;
    return title;
}

std::string whole(const View& view, std::string_view title, const Writer& body) {
    Writer page;
    {
        std::vector<Attribute> attributes{{"lang", "en"}};
        if (view.viewer.theme == "light" || view.viewer.theme == "dark")
            attributes.push_back({"data-theme", view.viewer.theme});
        const auto html = page.open_with("html", attributes);
        write_head(page, title);
        const auto element = page.open("body", {{"class", "console"}});
        page.element("a", {{"class", "skip"}, {"href", "#main"}}, "Skip to the content");
        const View bar{page, view.screen, view.visit, view.viewer, view.answers};
        write_bar(bar);
        {
            const auto main =
                page.open("main", {{"id", "main"}, {"data-live", std::string(view.screen.live)}});
            page.append(body);
        }
        write_foot(bar);
    }
    return "<!doctype html>\n" + page.html();
}

}  // namespace

std::string_view static_file(std::string_view name) {
    if (name == "console.css") return style();
    return embedded::console_files::file(name);
}

std::string_view static_type(std::string_view name) {
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    return "application/octet-stream";
}

namespace {

/// The status of a page whose main document was refused, or is not there.
int status_of(const std::vector<Call>& calls, const Answers& answers) {
    if (calls.empty()) return 200;
    const auto first = answers.find(calls.front().key);
    if (first == answers.end() || !first->second.failure) return 200;
    if (first->second.failure->is("not_allowed")) return 403;
    return first->second.failure->is("not_found") ? 404 : 200;
}

}  // namespace

Page render(const Screen& screen, const Visit& visit, const Viewer& viewer,
            const Answers& answers) {
    Writer body;
    const View view{body, screen, visit, viewer, answers};
    if (screen.file)
        if (auto page = screen.file(view)) return *page;
    write_attempt(view);
    screen.render(view);
    const int status = visit.attempt ? 200 : status_of(screen.calls(visit), answers);
    return {whole(view, title_of(screen, visit), body), status};
}

Page render_problem(int status, const Visit& visit, const Viewer& viewer, const Failure& failure) {
    static const Screen none{"/", "Problem"};
    static const Answers nothing;
    Writer body;
    const View view{body, none, visit, viewer, nothing};
    std::string_view title = "That did not work";
    if (status == 403) title = "Forbidden";
    if (status == 404) title = "There is no such page";
    if (status == 503) title = "The service does not answer";
    heading(body, title);
    {
        const auto box = body.open("section");
        write_words_of(body, failure, 2000);
        link(body, "/", "Back to today");
    }
    return {whole(view, title, body), status};
}

}  // namespace patchlab::service::console
