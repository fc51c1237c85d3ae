// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/front.hpp"

#include <algorithm>

#include "orchestrator/service/api/openapi.hpp"
#include "orchestrator/service/api/problem.hpp"
#include "platform/core/text.hpp"
#include "platform/http/gzip.hpp"

namespace patchlab::service::front {

using http::Exchange;
using http::Request;
using http::Response;
using http::Task;

namespace {

constexpr std::string_view json_type = "application/json";

/// "lab.example.com" of "lab.example.com:8080"; "[::1]" of "[::1]:80".
std::string_view without_port(std::string_view host) {
    const auto colon = host.rfind(':');
    if (colon == std::string_view::npos || host.ends_with(']')) return host;
    const std::string_view port = host.substr(colon + 1);
    return std::all_of(port.begin(), port.end(), is_digit) ? host.substr(0, colon) : host;
}

bool has_field(const Response& response, std::string_view name) {
    return std::any_of(response.fields.begin(), response.fields.end(),
                       [&](const http::Field& one) { return one.first == name; });
}

/// What fits into one packet is not worth it.
constexpr std::size_t least_to_compress = 1400;

/// A page repeats what its address says beside what only its reader may know: from how well the two
/// compress together, somebody on the way could guess the latter. So only files that are the same
/// for everybody, and documents for programs, which nobody makes ask.
bool may_be_compressed(const Context& context, const Response& response) {
    const bool same_for_all = context.request().path.starts_with("/static/") ||
                              context.request().path == "/api/v1/openapi.json";
    return response.status == 200 && response.body.size() >= least_to_compress &&
           (same_for_all || context.caller.kind == CredentialKind::token);
}

/// For whoever takes it; caches are told that there are two of it.
void compress(const Request& request, Response& response) {
    response.fields.emplace_back("Vary", "Accept-Encoding");
    if (!http::takes_gzip(request)) return;
    response.body = http::gzipped(response.body);
    response.fields.emplace_back("Content-Encoding", "gzip");
}

}  // namespace

const std::string& openapi_text() {
    static const std::string text = to_line(api::openapi()) + "\n";
    return text;
}

Response json_response(int status, const Json& document) {
    return {status, {{"Content-Type", std::string(json_type)}}, to_line(document) + "\n"};
}

Response problem_response(const Json& error) {
    const int status = api::status_of(error.value("code", std::string("internal")));
    Response response = json_response(status, api::problem_of(status, error));
    response.fields.front().second = api::problem_type;
    if (status == 401)
        response.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"patchlab\"");
    if (status == 503 || status == 429) response.fields.emplace_back("Retry-After", "2");
    return response;
}

http::Field saved_as(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const bool plain =
            is_digit(c) || (small(c) >= 'a' && small(c) <= 'z') || c == '.' || c == '-';
        out += plain ? c : '_';
    }
    return {"Content-Disposition", "attachment; filename=\"" + out + "\""};
}

BackCall call_by(const CallerOf& caller, std::string operation, Json request) {
    BackCall call;
    call.operation = std::move(operation);
    call.request = std::move(request);
    call.credential = caller.credential;
    call.from = caller.from;
    return call;
}

api::Parameters query_in(const Request& request) {
    auto query = api::parameters_in(request.query);
    if (!query) throw Error(ErrorCode::usage, "the query string cannot be decoded");
    return *std::move(query);
}

std::string text_member(const Json& document, const char* name) {
    const auto found = document.find(name);
    return found != document.end() && found->is_string() ? found->get<std::string>() : "";
}

void add_common_fields(Response& response) {
    const auto add = [&](const char* name, const char* value) {
        if (!has_field(response, name)) response.fields.emplace_back(name, value);
    };
    add("Cache-Control", "no-store");
    add("X-Content-Type-Options", "nosniff");
    add("Referrer-Policy", "same-origin");
    add("Cross-Origin-Resource-Policy", "same-origin");
    add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

Front::Front(http::Loop& loop, Upstream& upstream, std::vector<std::string> hosts,
             FrontLimits limits)
    : loop_(loop),
      upstream_(upstream),
      hosts_(std::move(hosts)),
      limits_(limits),
      hub_(loop, upstream),
      decided_(loop) {
    for (std::string& host : hosts_) host = in_small_letters(host);
}

bool Front::knows_host(const Request& request) const {
    const std::string asked = in_small_letters(without_port(request.field("host")));
    return std::find(hosts_.begin(), hosts_.end(), asked) != hosts_.end();
}

Response Front::refuse(const http::Refusal& refusal) {
    Json problem{{"type", "about:blank"},
                 {"title", http::reason_phrase(refusal.status)},
                 {"status", refusal.status},
                 {"detail", refusal.why},
                 {"code", "http"}};
    Response response = json_response(refusal.status, problem);
    response.fields.front().second = api::problem_type;
    add_common_fields(response);
    return response;
}

Task<void> Front::respond(Context& context, Response response) {
    add_common_fields(response);
    if (may_be_compressed(context, response)) compress(context.request(), response);
    if (!context.cookie.empty()) response.fields.emplace_back("Set-Cookie", context.cookie);
    return context.exchange.respond(std::move(response));
}

Task<void> Front::problem(Context& context, const Json& error) {
    return respond(context, problem_response(error));
}

Task<void> Front::problem(Context& context, const char* code, const std::string& why,
                          const std::string& advice) {
    return respond(context, problem_response(api::error_document(code, why, advice)));
}

/// A small body may come from anybody. For a larger one the back must know who sends it.
Task<std::optional<std::uint64_t>> Front::admit(Exchange& exchange) {
    const Request& request = exchange.request();
    if (request.length <= limits_.before_login) co_return limits_.before_login;
    Context context{exchange, caller_of(request)};
    if (!knows_host(request) || context.caller.kind == CredentialKind::none) {
        co_await problem(context, "not-authenticated", "a body of this size needs a sign-in first");
        co_return std::nullopt;
    }
    const bool files = request.field("content-type").starts_with("multipart/");
    const std::uint64_t most = files ? limits_.upload : limits_.json;
    if (request.length > most) co_return most;  // refused without asking anybody
    const BackReply who = co_await ask(context, "session.show", Json::object());
    if (!who.ok) {
        co_await problem(context, who.document);
        co_return std::nullopt;
    }
    co_return most;
}

Task<void> Front::handle(Exchange& exchange) {
    Context context{exchange, caller_of(exchange.request())};
    if (!knows_host(exchange.request())) {
        Response response = refuse({421, "this service is not asked by that name (Host)"});
        response.close = true;
        co_await exchange.respond(std::move(response));
        co_return;
    }
    Json failure;
    try {
        co_await serve(context);
    } catch (const Error& error) {
        failure = api::error_document(error);
    }
    if (!failure.is_null() && !exchange.has_begun()) co_await problem(context, failure);
}

Task<void> Front::serve(Context& context) {
    const Request& request = context.request();
    const std::string& path = request.path;
    if (path == "/api/v1/session" && request.method == "POST") return log_in(context);
    if (path == "/api/v1/session" && request.method == "DELETE") return log_out(context);
    if (is_call(request)) return serve_call(context);
    const bool known = path == "/healthz" || path == "/readyz" || path == "/metrics" ||
                       path == "/api/v1/stream" || path == "/api/v1/openapi.json";
    if (!known) {
        return path.starts_with("/api/") ? serve_api(context) : serve_page(context);
    }
    if (!is_read(request)) return problem(context, "method", "only GET is taken here");
    if (path == "/healthz") return respond(context, json_response(200, {{"status", "ok"}}));
    if (path == "/readyz") return ready(context);
    if (path == "/metrics") return metrics(context);
    if (path == "/api/v1/stream") return stream(context);
    return openapi(context);
}

Task<void> Front::ready(Context& context) {
    BackCall call;
    call.operation = "service.health";
    const BackReply reply = co_await upstream_.call(std::move(call));
    const bool good = reply.ok && reply.document.value("ready", true);
    const Json document{{"status", good ? "ready" : "not ready"}};
    co_await respond(context, json_response(good ? 200 : 503, document));
}

Task<void> Front::metrics(Context& context) {
    if (context.caller.kind == CredentialKind::none) {
        co_await problem(context, "not-authenticated", "metrics need a token");
        co_return;
    }
    const BackReply reply = co_await ask(context, "metrics.show", Json::object());
    if (!reply.ok) {
        co_await problem(context, reply.document);
        co_return;
    }
    Response response;
    response.fields = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}};
    response.body = reply.document.value("text", std::string());
    co_await respond(context, std::move(response));
}

Task<void> Front::openapi(Context& context) {
    Response response;
    response.fields = {{"Content-Type", std::string(json_type)}};
    response.body = openapi_text();
    return respond(context, std::move(response));
}

Task<void> Front::stream(Context& context) {
    const BackReply who = co_await ask(context, "session.show", Json::object());
    if (!who.ok) {
        co_await problem(context, who.document);
        co_return;
    }
    const std::string after(context.request().field("last-event-id"));
    co_await hub_.serve(context.exchange, context.caller, after);
    if (!context.exchange.has_begun())
        co_await problem(context, "busy", "too many listeners", "try again soon");
}

Task<void> Front::log_in(Context& context) {
    if (comes_from_elsewhere(context.request(), context.caller)) {
        co_await problem(context, "not-allowed", "another site sent this request");
        co_return;
    }
    BackCall call;
    call.operation = "session.login";
    call.request = parse_json(context.request().body, "body", limits_.before_login);
    // a session that is still there is renewed: the back is told which
    if (context.caller.kind == CredentialKind::session) call.credential = context.caller.credential;
    call.from = context.caller.from;
    BackReply reply = co_await upstream_.call(call);
    if (!reply.ok && !call.credential.is_null() &&
        api::status_of(reply.document.value("code", std::string())) == 401) {
        call.credential = nullptr;  // the old session may just be over
        reply = co_await upstream_.call(call);
    }
    if (!reply.ok) {
        co_await problem(context, reply.document);
        co_return;
    }
    begin_session(context, reply.document);
    co_await respond(context, json_response(200, reply.document));
}

Task<void> Front::log_out(Context& context) {
    const bool wanted = co_await meant(context);
    if (!wanted) co_return;
    const BackReply reply = co_await ask(context, "session.logout", Json::object());
    hub_.drop(context.caller.credential);
    Response response =
        reply.ok ? json_response(200, reply.document) : problem_response(reply.document);
    if (context.caller.kind == CredentialKind::session)
        response.fields.emplace_back("Set-Cookie", session_cookie("", context.caller.https));
    co_await respond(context, std::move(response));
}

}  // namespace patchlab::service::front
