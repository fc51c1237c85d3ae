// SPDX-License-Identifier: Apache-2.0
//
// A request under /api/v1: route, caller, body, what was seen, call, response.
#include <unistd.h>

#include <algorithm>

#include "orchestrator/operations/listing.hpp"
#include "orchestrator/service/api/badge.hpp"
#include "orchestrator/service/api/problem.hpp"
#include "orchestrator/service/api/request.hpp"
#include "orchestrator/service/api/tags.hpp"
#include "orchestrator/service/front/body.hpp"
#include "orchestrator/service/front/front.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::front {

using http::Request;
using http::Response;
using http::Task;

namespace {

constexpr std::string_view lines_type = "application/x-ndjson";

bool accepts(const Request& request, std::string_view type) {
    return request.field("accept").find(type) != std::string_view::npos;
}

Json nobody_signed_in() {
    return api::error_document("not-authenticated", "nobody has signed in",
                               "send a token: Authorization: Bearer plt_…");
}

/// The member whose file a plain body of bytes is: the first file that the operation needs.
std::string only_file_of(const api::Route& route) {
    for (const api::Member& member : route.members)
        if (member.required && api::is_upload(member.kind)) return member.name;
    return {};
}

api::Parameters query_of(const Request& request) {
    api::Parameters query = query_in(request);
    // of a body of bytes: it names the file
    std::erase_if(query, [](const auto& one) { return one.first == "file_name"; });
    return query;
}

/// Reports and public documents as themselves, for whoever asks for no JSON.
std::optional<std::string> plain_type(const Request& request, const Json& document) {
    const auto text = document.find("text"), format = document.find("format");
    if (text == document.end() || format == document.end() || !text->is_string() ||
        !format->is_string() || accepts(request, "json"))
        return std::nullopt;
    if (*format == "html" && accepts(request, "text/html")) return "text/html; charset=utf-8";
    if (*format == "junit" && accepts(request, "xml")) return "application/xml; charset=utf-8";
    if (*format == "markdown" && accepts(request, "text/markdown"))
        return "text/markdown; charset=utf-8";
    return std::nullopt;
}

/// The address of what a write made or began.
std::string location_of(const api::Route& route, const Json& document) {
    const std::string id = text_member(document, "id"), name = text_member(document, "name");
    if (!id.empty()) return api::path_of(route.operation->name, id);
    if (!route.detaches && !name.empty()) return api::path_of(route.operation->name, name);
    const std::string rollout = text_member(document, "rollout");
    return rollout.empty() ? "" : api::path_of("rollout.show", rollout);
}

/// What the file of an operation is called after its object.
std::string file_ending(std::string_view operation) {
    return operation == "evidence.export" ? ".tar.zst" : "";
}

std::string joined_methods(const std::vector<std::string>& methods) {
    std::string all;
    for (const std::string& method : methods) {
        all += (all.empty() ? "" : ", ") + method;
        if (method == "GET") all += ", HEAD";
    }
    return all;
}

/// What could not even be tried may be tried again with the same key.
bool may_be_tried_again(int status) {
    return status == 0 || status >= 500 || status == 401 || status == 412 || status == 428;
}

/// The run of "/api/v1/runs/RUN/badge.svg".
std::optional<std::string> run_of_badge(const Request& request) {
    static constexpr std::string_view begin = "/api/v1/runs/", end = "/badge.svg";
    const std::string_view path = request.path;
    if (!is_read(request) || !path.starts_with(begin) || !path.ends_with(end) ||
        path.size() <= begin.size() + end.size())
        return std::nullopt;
    const std::string_view run = path.substr(begin.size(), path.size() - begin.size() - end.size());
    return run.find('/') == std::string_view::npos ? api::percent_decoded(run) : std::nullopt;
}

}  // namespace

/// All that a call needs, kept until it is over.
struct Front::Work {
    const api::Route& route;
    std::string subject;
    api::Asked asked;
    Body body;
    bool detached = false;
    std::string file_name = {};  ///< of the file that is the response; empty: it is none
    bool repeatable = false;     ///< it has an Idempotency-Key: its end must be known
    int status = 0;              ///< of what came of it; 0: nothing yet
    Response response = {};      ///< what was answered, for repetitions
    bool kept = true;            ///< the response is whole; else a repetition cannot have it
};

Task<BackReply> Front::ask(const Context& context, std::string operation, Json request) {
    if (context.caller.credential.is_null()) {
        return [](Json error) -> Task<BackReply> {
            co_return BackReply{false, std::move(error), 4};
        }(nobody_signed_in());
    }
    return upstream_.call(call_by(context.caller, std::move(operation), std::move(request)));
}

Task<void> Front::badge(Context& context, std::string run) {
    Json request = Json::object();
    request["run"] = std::move(run);
    const BackReply reply = co_await ask(context, "run.show", std::move(request));
    if (!reply.ok) {
        co_await problem(context, reply.document);
        co_return;
    }
    Response response;
    response.fields.emplace_back("Content-Type", "image/svg+xml");
    response.body = api::badge_svg(reply.document);
    co_await respond(context, std::move(response));
}

Task<void> Front::serve_api(Context& context) {
    const Request& request = context.request();
    if (const auto run = run_of_badge(request)) return badge(context, *run);
    const auto match = api::find_route(request.method, request.path);
    if (match) return serve_route(context, *match);
    const auto methods = api::methods_of(request.path);
    if (methods.empty())
        return problem(context, "not-found", "there is nothing at this address",
                       "/api/v1/openapi.json describes what there is");
    Response response = problem_response(
        api::error_document("method", "this address takes " + joined_methods(methods) + ", not " +
                                          one_line(shortened(request.method, 20))));
    response.fields.emplace_back("Allow", joined_methods(methods));
    return respond(context, std::move(response));
}

/// A cookie comes along whoever made the browser send the request. So a write by a cookie must
/// come from our own page, and carry what only that page knows.
Task<bool> Front::meant(Context& context) {
    const Request& request = context.request();
    if (comes_from_elsewhere(request, context.caller)) {
        co_await problem(context, "not-allowed", "another site sent this request");
        co_return false;
    }
    if (context.caller.by_itself) co_return true;
    const BackReply who = co_await ask(context, "session.show", Json::object());
    if (!who.ok) {
        co_await problem(context, who.document);
        co_return false;
    }
    if (context.caller.kind == CredentialKind::proxy) co_return true;
    if (same_secret(request.field("x-csrf-token"), text_member(who.document, "csrf")))
        co_return true;
    co_await problem(context, "not-allowed", "the request does not prove that it was meant",
                     "send the member csrf of GET /api/v1/session as X-CSRF-Token");
    co_return false;
}

/// Error(usage), Error(invalid). Not a coroutine: GCC 12 destroys what was never made when an
/// initialiser of an aggregate throws inside of one.
Front::Work Front::work_for(const Request& request, const api::Match& match) const {
    const api::Route& route = *match.route;
    const bool once = request.has_field("idempotency-key");
    Work work{route, match.subject, {}, {}};
    work.body = body_of(request, limits_.json, only_file_of(route), once);
    if (work.body.is_form) work.body.json = api::members_from(route, work.body.fields);
    work.asked = api::request_of(match, query_of(request), work.body.json, work.body.uploads);
    if (const api::Member* output = route.output()) {
        const std::string verb(api::verb_of(route.operation->name));
        work.file_name = api::plain_file_name((work.subject.empty() ? verb : work.subject) +
                                              file_ending(route.operation->name));
        work.asked.request[output->name] = {{"fd", work.body.files.size()},
                                            {"file", work.file_name}};
        work.body.files.push_back(file_to_write());
    }
    if (route.detaches && !accepts(request, lines_type)) {
        // nobody waits for hours: it goes on, and the answer says where to look
        if (!work.asked.request.contains("detach")) work.asked.request["detach"] = true;
        work.detached = work.asked.request.at("detach") == true;
    }
    return work;
}

Task<void> Front::serve_route(Context& context, api::Match match) {
    const Request& request = context.request();
    if (context.caller.kind == CredentialKind::none) {
        const Json error = nobody_signed_in();
        co_await problem(context, error);
        co_return;
    }
    if (!is_read(request)) {
        const bool wanted = co_await meant(context);
        if (!wanted) co_return;
    }
    Work work = work_for(request, match);
    const std::string key(request.field("idempotency-key"));
    work.repeatable = !is_read(request) && !key.empty();
    if (work.repeatable) co_await run_once(context, work, key);
    else co_await run_guarded(context, work);
}

/// The same key and the same request get the first response.
Task<void> Front::run_once(Context& context, Work& work, const std::string& key) {
    using Standing = Remembered::Standing;
    const std::string name = sha256_hex(to_line({context.caller.credential, key}));
    const std::string content = work.route.method + " " + context.request().path + " " +
                                to_line(work.asked.request) + " " + work.body.digest;
    const Standing standing = remembered_.begin(name, sha256_hex(content));
    if (standing == Standing::other_request) {
        co_await problem(context, "invalid", "this Idempotency-Key belongs to another request");
        co_return;
    }
    if (standing == Standing::at_work) {
        co_await problem(context, "conflict", "the first request with this key is at work still",
                         "try again in a moment");
        co_return;
    }
    if (standing == Standing::unkept) {
        co_await problem(context, "conflict",
                         "the first request with this key was done, and its response was too long "
                         "to be kept",
                         "read what it made; with another key it is done again");
        co_return;
    }
    if (standing == Standing::known) {
        Response again = remembered_.response(name);
        again.fields.emplace_back("Idempotent-Replayed", "true");
        co_await respond(context, std::move(again));
        co_return;
    }
    std::exception_ptr failure;
    try {
        co_await run_guarded(context, work);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure || may_be_tried_again(work.status)) remembered_.forget(name);
    else if (work.kept) remembered_.end(name, work.response);
    else remembered_.end_unkept(name);
    if (failure) std::rethrow_exception(failure);
}

Task<std::string> Front::tag_of(const Context& context, std::string_view operation,
                                const std::string& member, const std::string& subject) {
    const Json request{{member, subject}};
    const BackReply reply = co_await ask(context, std::string(operation), request);
    if (!reply.ok) {
        const std::string code = reply.document.value("code", std::string("internal"));
        throw Error(code == "not-found" ? ErrorCode::not_found : ErrorCode::conflict,
                    reply.document.value("message", std::string("it cannot be read")));
    }
    co_return api::tag_in(operation, reply.document);
}

/// What is decided about must be what the caller has seen. False: a problem was sent.
Task<bool> Front::seen(Context& context, const Work& work) {
    const std::string_view told = context.request().field("if-match");
    if (told.empty() || told == "*") {
        co_await problem(context, "unseen", "say what you have seen: its ETag, as If-Match",
                         "read it first; its response has the header ETag");
        co_return false;
    }
    const std::string tag =
        co_await tag_of(context, work.route.guarded_by, work.route.subject, work.subject);
    if (api::matches_tag(told, tag)) co_return true;
    Response response = problem_response(api::error_document(
        "changed", "it is not what you have seen any more", "read it again, then decide"));
    response.fields.emplace_back("ETag", "\"" + tag + "\"");
    co_await respond(context, std::move(response));
    co_return false;
}

Task<void> Front::begin_decision(std::string thing) {
    const Deadline deadline(Seconds(30));
    while (deciding_.contains(thing)) {
        const http::Wake wake = co_await decided_.wait(deadline);
        if (wake == http::Wake::timeout)
            throw Error(ErrorCode::conflict, "somebody else decides about it", "try again");
    }
    deciding_.insert(thing);
}

void Front::end_decision(const std::string& thing) {
    deciding_.erase(thing);
    decided_.wake_all();
}

Task<void> Front::run_guarded(Context& context, Work& work) {
    if (work.route.guarded_by.empty()) {
        co_await run_call(context, work);
        co_return;
    }
    const std::string thing = std::string(work.route.guarded_by) + " " + work.subject;
    co_await begin_decision(thing);
    std::exception_ptr failure;
    try {
        const bool is_seen = co_await seen(context, work);
        if (is_seen) co_await run_call(context, work);
        else work.status = 412;
    } catch (...) {
        failure = std::current_exception();
    }
    end_decision(thing);
    if (failure) std::rethrow_exception(failure);
}

Task<void> Front::run_call(Context& context, Work& work) {
    if (!work.file_name.empty()) {
        co_await call_for_file(context, work);
        co_return;
    }
    const bool streams = operations::takes_long(work.route.operation->kind) && !work.detached &&
                         accepts(context.request(), lines_type);
    if (streams) {
        co_await call_streaming(context, work);
        co_return;
    }
    work.response = co_await call_whole(context, work);
    work.status = work.response.status;
    co_await respond(context, work.response);
}

namespace {

BackCall call_of(const Context& context, const api::Route& route, const Json& request,
                 const std::vector<UniqueFd>& files, bool detached) {
    BackCall call = call_by(context.caller, std::string(route.operation->name), request);
    for (const UniqueFd& file : files) call.files.push_back(file.get());
    call.long_one = operations::takes_long(route.operation->kind) && !detached;
    call.interruptible = !operations::writes(route.operation->kind);
    return call;
}

}  // namespace

Task<Response> Front::call_whole(const Context& context, const Work& work) {
    const api::Route& route = work.route;
    BackCall call = call_of(context, route, work.asked.request, work.body.files, work.detached);
    http::Exchange* const exchange = &context.exchange;
    const bool to_its_end = work.repeatable;
    OnEvent still_there = [exchange, to_its_end](const Json& event) -> Task<bool> {
        co_return to_its_end || !event.is_null() || !exchange->gone();
    };
    BackReply reply = co_await upstream_.call(std::move(call), std::move(still_there));
    if (!reply.ok) co_return problem_response(reply.document);
    if (const auto type = plain_type(context.request(), reply.document)) {
        Response plain{200, {{"Content-Type", *type}}, text_member(reply.document, "text")};
        plain.fields.emplace_back("Content-Security-Policy",
                                  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                                  "frame-ancestors 'none'; sandbox");
        co_return plain;
    }
    if (route.list) {
        const auto* listing = operations::listing_of(route.operation->name);
        api::cut_page(reply.document, listing->items, work.asked.page, listing->oldest_first);
    }
    int status = route.creates ? 201 : 200;
    if (work.detached) status = 202;
    Response response = json_response(status, reply.document);
    if (status != 200) {
        const std::string location = location_of(route, reply.document);
        if (!location.empty()) response.fields.emplace_back("Location", location);
    }
    if (reply.exit != 0) response.fields.emplace_back("Patchlab-Exit", std::to_string(reply.exit));
    const std::string tag = api::tag_in(route.operation->name, reply.document);
    if (!tag.empty() && status == 200) response.fields.emplace_back("ETag", "\"" + tag + "\"");
    co_return response;
}

/// What the operation wrote is the body.
Task<void> Front::call_for_file(Context& context, Work& work) {
    BackCall call = call_of(context, work.route, work.asked.request, work.body.files, false);
    const BackReply reply = co_await upstream_.call(std::move(call));
    if (!reply.ok) {
        work.response = problem_response(reply.document);
        work.status = work.response.status;
        co_await respond(context, work.response);
        co_return;
    }
    work.status = 200;
    work.kept = false;
    Response head;
    head.fields.emplace_back("Content-Type", "application/octet-stream");
    head.fields.push_back(saved_as(work.file_name));
    add_common_fields(head);
    const bool begun = co_await context.exchange.begin(std::move(head), false);
    const int file = work.body.files.back().get();
    std::vector<char> some(256U << 10);
    off_t at = 0;
    while (begun) {
        const ssize_t got = ::pread(file, some.data(), some.size(), at);
        if (got <= 0) break;
        at += got;
        const bool taken =
            co_await context.exchange.write({some.data(), static_cast<std::size_t>(got)});
        if (!taken) break;
    }
}

/// One object a line: the events as they come, the response or the error at last. A repetition gets
/// the last line alone. Who sends a key and hangs up may ask again: their call is heard to its end.
Task<void> Front::call_streaming(Context& context, Work& work) {
    http::Exchange& exchange = context.exchange;
    BackCall call = call_of(context, work.route, work.asked.request, work.body.files, false);
    Response head{200, {{"Content-Type", std::string(lines_type)}}, ""};
    add_common_fields(head);
    bool begun = false;
    OnEvent pass_on = [&](const Json& event) -> Task<bool> {
        if (!begun) {
            // an error before the first event is a problem with a status of its own
            begun = co_await exchange.begin(head, false);
        }
        const std::string line = event.is_null() ? std::string("\n") : to_line(event) + "\n";
        const bool taken = co_await exchange.write(line);
        co_return work.repeatable || (taken && !exchange.gone());
    };
    const BackReply reply = co_await upstream_.call(std::move(call), std::move(pass_on));
    work.status = reply.ok ? 200 : api::status_of(text_member(reply.document, "code"));
    if (!begun && !reply.ok) {
        work.response = problem_response(reply.document);
        co_await respond(context, work.response);
        co_return;
    }
    if (!begun) co_await exchange.begin(head, false);
    const Json end = reply.ok ? Json{{"response", reply.document}, {"exit", reply.exit}}
                              : Json{{"error", reply.document}};
    work.response = {200, {{"Content-Type", std::string(lines_type)}}, to_line(end) + "\n"};
    const std::string line = work.response.body;
    co_await exchange.write(line);
}

}  // namespace patchlab::service::front
