// SPDX-License-Identifier: Apache-2.0
//
// The console over HTTP: a screen is asked what it needs, the back for it, and the screen renders.
// A form goes to the operation that its screen names. Nothing in here knows a single screen.
#include <algorithm>

#include "orchestrator/service/api/problem.hpp"
#include "orchestrator/service/api/tags.hpp"
#include "orchestrator/service/front/body.hpp"
#include "orchestrator/service/front/front.hpp"
#include "orchestrator/service/front/pages.hpp"
#include "platform/core/digest.hpp"

namespace patchlab::service::front {

using console::Answers;
using console::Attempt;
using console::Failure;
using console::Form;
using console::Screen;
using console::Values;
using console::Viewer;
using console::Visit;
using http::Request;
using http::Response;
using http::Task;

namespace {

constexpr std::string_view static_folder = "/static/";
constexpr std::string_view login_path = "/login";

Visit visit_for(const Context& context, const std::string& path) {
    Visit visit;
    visit.path = path;
    visit.query = values_of(query_in(context.request()));
    visit.now = std::chrono::system_clock::now();
    visit.origin = origin_of(context.request(), context.caller);
    return visit;
}

Response see_other(const std::string& where) {
    Response response;
    response.status = 303;
    response.fields.emplace_back("Location", where);
    return response;
}

Attempt attempt_of(std::string form, Values fields, std::optional<Failure> failure) {
    Attempt attempt;
    attempt.form = std::move(form);
    attempt.fields = std::move(fields);
    attempt.failure = std::move(failure);
    return attempt;
}

Response static_response(const Request& request) {
    const std::string name = request.path.substr(static_folder.size());
    const std::string_view content = console::static_file(name);
    if (content.empty())
        return problem_response(api::error_document("not-found", "there is no such file"));
    const std::string digest = sha256_hex(content), tag = "\"" + digest.substr(0, 32) + "\"";
    // a page names the version that it needs; whoever has that one needs not ask again
    const bool named = request.query == "v=" + digest.substr(0, 12);
    Response response;
    response.fields.emplace_back("ETag", tag);
    response.fields.emplace_back("Cache-Control",
                                 named ? "public, max-age=31536000, immutable" : "no-cache");
    if (request.field("if-none-match") == tag) {
        response.status = 304;
        return response;
    }
    response.fields.emplace_back("Content-Type", std::string(console::static_type(name)));
    response.body = content;
    return response;
}

}  // namespace

/// What is known while a form is worked on.
struct Front::Sent {
    const Screen* screen = nullptr;
    const Form* form = nullptr;
    Visit visit;
    Viewer viewer;
    Values fields;
    Json request;
};

/// Nobody, when nobody is signed in or the session is over; another failure is thrown.
Task<console::Viewer> Front::viewer_for(const Context& context) {
    Viewer nobody;
    nobody.theme = theme_of(context.request());
    if (context.caller.kind == CredentialKind::none) co_return nobody;
    const BackReply who = co_await ask(context, "session.show", Json::object());
    if (who.ok) co_return viewer_of(who.document, nobody.theme);
    if (api::status_of(who.document.value("code", std::string())) == 401) co_return nobody;
    throw Error(ErrorCode::lab, who.document.value("message", std::string("the back is silent")));
}

Task<void> Front::serve_page(Context& context) {
    const Request& request = context.request();
    if (request.path.starts_with(static_folder)) {
        co_await respond(context, static_response(request));
        co_return;
    }
    Visit visit;
    std::optional<Failure> broken;
    Viewer viewer;
    try {
        visit = visit_for(context, api::percent_decoded(request.path).value_or(""));
        viewer = co_await viewer_for(context);
    } catch (const Error& error) {
        broken = failure_of(api::error_document(error));
    }
    if (broken) {
        const console::Page page =
            console::render_problem(api::status_of(broken->code), visit, viewer, *broken);
        co_await respond(context, page_response(page));
        co_return;
    }
    const auto found = console::find_screen(visit.path);
    if (!found) {
        const Failure nothing =
            failure_of(api::error_document("not-found", "there is nothing at this address"));
        co_await respond(context, page_response(render_problem(404, visit, viewer, nothing)));
        co_return;
    }
    visit.params = found->params;
    const bool posts = request.method == "POST";
    if (!posts && !is_read(request)) {
        co_await problem(context, "method", "a page takes GET and POST");
        co_return;
    }
    if (!posts && visit.query.has("theme")) {
        viewer.theme = theme_in(visit.query.one("theme"));
        context.cookie = theme_cookie(viewer.theme, context.caller.https);
    }
    if (posts) co_await send_form(context, *found->screen, std::move(visit), std::move(viewer));
    else co_await show(context, *found->screen, std::move(visit), viewer, 0);
}

/// Renders a screen, or the one that signs in. `status`: instead of the screen's own; 0: none.
Task<void> Front::show(Context& context, const Screen& wanted, Visit visit, const Viewer& viewer,
                       int status) {
    const Screen* screen = &wanted;
    if (!viewer.known() && !wanted.for_everybody) {
        screen = console::find_screen(login_path).value().screen;
        if (status == 0) status = 401;
    }
    Answers answers;
    for (const console::Call& call : screen->calls(visit)) {
        const BackReply reply = co_await ask(context, call.operation, call.request);
        answers[call.key] = answer_of(reply);
    }
    console::Page page = console::render(*screen, visit, viewer, answers);
    if (status != 0 && page.status < 500) page.status = status;
    co_await respond(context, page_response(page));
}

Task<void> Front::send_form(Context& context, const Screen& screen, Visit visit, Viewer viewer) {
    const Body body = body_of(context.request(), limits_.json, "");
    if (!body.is_form) throw Error(ErrorCode::usage, "a page takes a form");
    Sent sent;
    sent.screen = &screen;
    sent.visit = std::move(visit);
    sent.viewer = std::move(viewer);
    sent.fields = values_of(body.fields);
    sent.form = console::find_form(screen, sent.fields.one("_form"));
    if (!sent.form) throw Error(ErrorCode::usage, "this page has no such form");
    const bool signs_in = sent.form->operation == "session.login";
    if (comes_from_elsewhere(context.request(), context.caller)) {
        co_await problem(context, "not-allowed", "another site sent this form");
        co_return;
    }
    std::optional<Failure> failure;
    if (!signs_in && !sent.viewer.known())
        failure = failure_of(api::error_document("not-authenticated", "your session has ended"));
    else if (!signs_in && context.caller.kind != CredentialKind::proxy &&
             !same_secret(sent.fields.one("_csrf"), sent.viewer.csrf))
        failure = failure_of(api::error_document("not-allowed", "the form is of an earlier session",
                                                 "look at it, and send it again"));
    else failure = console::refusal(*sent.form, sent.fields, sent.viewer, sent.visit.now);
    if (failure) {
        co_await show_again(context, sent, *failure);
        co_return;
    }
    failure = co_await sign_in_again(context, sent);
    if (failure) {
        co_await show_again(context, sent, *failure);
        co_return;
    }
    sent.request = sent.form->request(sent.visit.params, sent.fields);
    co_await pass_on(context, sent);
}

/// With the password that came along with a form which wants a fresh sign-in. The new session takes
/// the place of the one so far. nullopt: it is fresh now, or was.
Task<std::optional<Failure>> Front::sign_in_again(Context& context, Sent& sent) {
    const std::string password = sent.fields.one("_password");
    if (!sent.form->sign_in_again || sent.viewer.is_fresh(sent.visit.now) || password.empty())
        co_return std::nullopt;
    Json request{{"user", sent.viewer.user}, {"password", password}};
    BackCall call = call_by(context.caller, "session.login", std::move(request));
    BackReply reply = co_await upstream_.call(std::move(call));
    if (!reply.ok) co_return failure_of(reply.document);
    begin_session(context, reply.document);
    sent.viewer = viewer_of(reply.document, sent.viewer.theme);
    co_return std::nullopt;
}

/// From now on the caller has the session that a login began. Its secret leaves the document.
void Front::begin_session(Context& context, Json& started) {
    const std::string secret = started.value("session", std::string());
    started.erase("session");
    context.cookie = session_cookie(secret, context.caller.https);
    context.caller.kind = CredentialKind::session;
    context.caller.credential = Json::object();
    context.caller.credential["session"] = secret;
}

/// The screen once more, with what was typed and why it was not taken.
Task<void> Front::show_again(Context& context, Sent& sent, const Failure& failure) {
    sent.visit.attempt = attempt_of(std::string(sent.form->name), sent.fields, failure);
    return show(context, *sent.screen, sent.visit, sent.viewer, api::status_of(failure.code));
}

/// Asks the back; of an act that rests on what was seen, one at a time.
Task<void> Front::pass_on(Context& context, Sent& sent) {
    const api::Route* route = api::route_of(sent.form->operation);
    if (sent.form->match.empty() || !route || route->guarded_by.empty()) {
        co_await finish_form(context, sent);
        co_return;
    }
    const std::string subject = sent.request.value(route->subject, std::string());
    const std::string thing = std::string(route->guarded_by) + " " + subject;
    co_await begin_decision(thing);
    std::exception_ptr broken;
    try {
        const std::string tag =
            co_await tag_of(context, route->guarded_by, route->subject, subject);
        if (api::still_holds(sent.fields.one(sent.form->match), tag)) {
            co_await finish_form(context, sent);
        } else {
            const Json changed = api::error_document(
                "changed", "it is not what you have seen any more", "read it again, then decide");
            const Failure failure = failure_of(changed);
            co_await show_again(context, sent, failure);
        }
    } catch (...) {
        broken = std::current_exception();
    }
    end_decision(thing);
    if (broken) std::rethrow_exception(broken);
}

BackCall Front::call_of_form(const Context& context, const Sent& sent) const {
    BackCall call;
    call.operation = sent.form->operation;
    call.request = sent.request;
    call.from = context.caller.from;
    if (call.operation != "session.login") call.credential = context.caller.credential;
    if (const auto* row = operations::find(call.operation))
        call.long_one = operations::takes_long(row->kind) && !call.request.value("detach", false);
    return call;
}

Task<void> Front::work_alone(BackCall call) { co_await upstream_.call(std::move(call)); }

Task<void> Front::finish_form(Context& context, Sent& sent) {
    BackCall call = call_of_form(context, sent);
    BackReply reply;
    if (sent.form->waits) {
        reply = co_await upstream_.call(std::move(call));
    } else {
        loop_.spawn(work_alone(std::move(call)));
        reply.ok = true;
        reply.document = Json::object();
    }
    if (!reply.ok) {
        const Failure failure = failure_of(reply.document);
        co_await show_again(context, sent, failure);
        co_return;
    }
    if (sent.form->operation == "session.login") {
        co_await signed_in(context, sent, std::move(reply.document));
        co_return;
    }
    if (!sent.form->next) {
        sent.visit.attempt = attempt_of(std::string(sent.form->name), sent.fields, std::nullopt);
        sent.visit.attempt->response = reply.document;
        co_await show(context, *sent.screen, sent.visit, sent.viewer, 0);
        co_return;
    }
    Response response = see_other(sent.form->next(sent.visit.params, sent.fields, reply.document));
    if (sent.form->operation == "session.logout") {
        hub_.drop(context.caller.credential);
        response.fields.emplace_back("Set-Cookie", session_cookie("", context.caller.https));
    }
    co_await respond(context, std::move(response));
}

/// On to where they wanted to go; with what they were typing when their session ended.
Task<void> Front::signed_in(Context& context, Sent& sent, Json session) {
    begin_session(context, session);
    const std::string next = sent.form->next(sent.visit.params, sent.fields, session);
    const auto kept = kept_in(sent.fields);
    const auto question = next.find('?');
    const std::string path =
        api::percent_decoded(std::string_view(next).substr(0, question)).value_or("");
    const auto found = console::find_screen(path);
    if (!kept || !found) {
        co_await respond(context, see_other(next));
        co_return;
    }
    Visit visit = sent.visit;
    visit.path = path;
    visit.params = found->params;
    const auto query = question == std::string::npos
                           ? std::optional<api::Parameters>(api::Parameters{})
                           : api::parameters_in(std::string_view(next).substr(question + 1));
    visit.query = values_of(query.value_or(api::Parameters{}));
    visit.attempt = attempt_of(kept->form, kept->fields, std::nullopt);
    const Viewer viewer = viewer_of(session, theme_of(context.request()));
    co_await show(context, *found->screen, std::move(visit), viewer, 0);
}

}  // namespace patchlab::service::front
