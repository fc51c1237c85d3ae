// SPDX-License-Identifier: Apache-2.0
//
// The console: every page is a pure function of documents that operations gave. A screen is a row
// of one table: the path it answers, the operations whose responses it needs, how it is rendered,
// and the operations that its forms ask for. Nothing in here opens a socket, reads a file or calls
// an operation: the front does, in one generic handler:
//
//   GET   found = find_screen(path); ask the back for each of calls(visit); render(…).
//   POST  the same screen; `_form` names the form, `_csrf` must be the viewer's token. refusal() is
//         asked first; then the back is asked for form->operation with form->request(…). Without a
//         failure, and with form->next: 303 to next(…). Otherwise the screen again, with the
//         attempt, so that nothing that was typed is lost.
//
// Thread safety: the table is immutable, everything else is values.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/json.hpp"

namespace patchlab::service::console {

/// Names and values of a path, a query string or a form. A name may come several times.
class Values {
  public:
    Values() = default;
    Values(std::initializer_list<std::pair<std::string, std::string>> all) : all_(all) {}
    void add(std::string name, std::string value);
    bool has(std::string_view name) const;
    /// The first of that name; empty when there is none.
    std::string one(std::string_view name) const;
    std::vector<std::string> every(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

  private:
    std::vector<std::pair<std::string, std::string>> all_;
};

/// Who looks at a page, as session.show says.
struct Viewer {
    std::string user;                      ///< empty: nobody has signed in
    std::vector<std::string> roles;        ///< "release-manager"
    std::string csrf;                      ///< goes into each form
    std::optional<TimePoint> fresh_until;  ///< until then no password is asked for again
    std::string theme;                     ///< "light", "dark"; empty: as the browser likes it
    bool known() const { return !user.empty(); }
    bool is_fresh(TimePoint now) const { return fresh_until && *fresh_until > now; }
};

/// One operation that a screen needs the response of.
struct Call {
    std::string key;  ///< under which the screen finds it among the answers
    std::string operation;
    Json request = Json::object();
};

/// patchlab/error/v1, as far as a page shows it.
struct Failure {
    std::string code;  ///< "not_allowed": shown as forbidden, never as empty
    std::string message;
    std::string advice;

    /// Whether its code is this one ("not_allowed"), however the words of it are joined.
    bool is(std::string_view wanted) const;
};

struct Answer {
    Json document;
    std::optional<Failure> failure;
};
using Answers = std::map<std::string, Answer, std::less<>>;

/// A form that was sent.
struct Attempt {
    std::string form;
    Values fields;
    std::optional<Failure> failure;
    Json response;  ///< of a form that shows its response on the same screen
};

struct Visit {
    std::string path;  ///< without the query, decoded
    Values params;     ///< of the path: {"run", "r-20261130-0001"}
    Values query;
    TimePoint now;
    std::string origin = "http://127.0.0.1:8443";  ///< for the lines that people copy
    std::optional<Attempt> attempt;
};

struct Form {
    std::string_view name;       ///< value of the field `_form`
    std::string_view operation;  ///< that it asks for
    Json (*request)(const Values& params, const Values& fields) = nullptr;
    /// Where to go afterwards; nullptr: the same screen, with the response.
    std::string (*next)(const Values& params, const Values& fields, const Json& response) = nullptr;
    /// What must be typed right before anything is asked of the back. Empty: it is.
    std::string (*check)(const Values& fields) = nullptr;
    bool sign_in_again = false;   ///< not without a fresh sign-in
    bool waits = true;            ///< false: the work goes on, nobody waits for its end
    std::string_view match = {};  ///< the field that holds what If-Match is compared with
};

struct Page {
    std::string html;
    int status = 200;
    std::string type = "text/html; charset=utf-8";
    std::string file = {};  ///< not empty: to be saved under this name (Content-Disposition)
};

struct View;

struct Screen {
    std::string_view pattern;  ///< "/runs/{run}"
    std::string_view title;
    std::vector<Call> (*calls)(const Visit& visit) = nullptr;
    void (*render)(const View& view) = nullptr;  ///< into the page
    std::vector<Form> forms = {};
    bool for_everybody = false;  ///< also for who has not signed in
    /// What the page listens to on the event stream: "run", "rollout"; its regions are renewed.
    std::string_view live = {};
    /// Of a screen that gives a file instead of a page; `render` is for when it cannot.
    std::optional<Page> (*file)(const View& view) = nullptr;
};

std::span<const Screen> screens();

struct Found {
    const Screen* screen = nullptr;
    Values params;
};
/// The screen of this path (decoded, without the query); nullopt: there is none.
std::optional<Found> find_screen(std::string_view path);

const Form* find_form(const Screen& screen, std::string_view name);
/// Why this form must not be passed on; nullopt: it may be. Looks at what was typed and at how long
/// ago the viewer signed in; the CSRF token is the front's to compare.
std::optional<Failure> refusal(const Form& form, const Values& fields, const Viewer& viewer,
                               TimePoint now);

/// The whole page. A refused call shows as forbidden.
Page render(const Screen& screen, const Visit& visit, const Viewer& viewer, const Answers& answers);
/// A page for what went wrong before a screen was found or asked: 404, 403, 500, 503.
Page render_problem(int status, const Visit& visit, const Viewer& viewer, const Failure& failure);

/// A file of /static/: "console.css", "console.js", "icon.svg"; empty: there is none of that name.
std::string_view static_file(std::string_view name);
std::string_view static_type(std::string_view name);

/// The value of Content-Security-Policy that every page gets.
inline constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

}  // namespace patchlab::service::console
