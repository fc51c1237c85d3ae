// SPDX-License-Identifier: Apache-2.0
//
// The command line over HTTP: a call of an operation as it is, files included, and every message of
// the back as a line. Routes, pages of lists and forms are for others; this keeps the words and the
// exit codes of `patchlab` the same wherever it works. Each request carries a Call-Id, which no
// form and no link of another site can send.
#include <unistd.h>

#include <algorithm>

#include "orchestrator/service/api/problem.hpp"
#include "orchestrator/service/front/body.hpp"
#include "orchestrator/service/front/front.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service::front {

using http::Response;
using http::Task;

/// What the body says besides the files.
struct CallWords {
    Json request = Json::object();
    std::string as;
    std::size_t files = 0;
    std::vector<std::size_t> written;
};

namespace {

constexpr std::string_view call_path = "/api/v1/call/", interrupt_path = "/api/v1/interrupt";
constexpr std::size_t longest_call_id = 100, most_call_files = 200;
constexpr std::size_t content_piece = 192U << 10;  ///< of a file, a line

/// Error(invalid).
std::vector<std::size_t> numbers_in(const JsonReader& in, const char* key) {
    const Json& list = in.raw(key);
    if (!list.is_array()) in.fail(key, "must be a list of numbers");
    std::vector<std::size_t> numbers;
    for (const Json& one : list) {
        if (!one.is_number_unsigned()) in.fail(key, "must be a list of numbers");
        numbers.push_back(one.get<std::size_t>());
    }
    return numbers;
}

/// Error(invalid).
CallWords words_of(const Body& body) {
    Json said = body.json;
    for (const auto& [name, value] : body.fields)
        if (name == "call") said = parse_json(value, "call", 8U << 20);
    const JsonReader in(said, "call");
    CallWords words;
    words.request = in.raw("request");
    words.as = in.string_or("as", "");
    words.files = static_cast<std::size_t>(in.integer_or("files", 0));
    if (in.has("written")) words.written = numbers_in(in, "written");
    if (!words.request.is_object() || words.files > most_call_files ||
        words.files != body.files.size() + words.written.size())
        throw Error(ErrorCode::invalid, "the call does not fit the files that come with it");
    return words;
}

/// In the order that the request counts them in: those that came, and new ones to be written.
std::vector<UniqueFd> all_files(const CallWords& words, std::vector<UniqueFd> came) {
    std::vector<UniqueFd> all;
    auto next = came.begin();
    for (std::size_t i = 0; i < words.files; ++i) {
        const bool written =
            std::find(words.written.begin(), words.written.end(), i) != words.written.end();
        if (!written && next == came.end())
            throw Error(ErrorCode::invalid, "the call does not fit the files that come with it");
        all.push_back(written ? file_to_write() : std::move(*next++));
    }
    return all;
}

std::string_view why_not_offered(std::string_view operation) {
    for (const api::NotOffered& one : api::not_offered())
        if (one.operation == operation) return one.why;
    return {};
}

/// As the command line reads it: with the cause, without what was tried.
Json with_cause(Json error) {
    if (!error.contains("cause") && error.value("code", std::string()) != "internal")
        error["cause"] = error.value("message", std::string());
    return error;
}

}  // namespace

bool Front::is_call(const http::Request& request) {
    return request.path.starts_with(call_path) || request.path == interrupt_path;
}

/// Of this caller's call alone.
std::string Front::call_key(const Context& context) {
    return sha256_hex(to_line({context.caller.credential, context.request().field("call-id")}));
}

Task<void> Front::serve_call(Context& context) {
    const http::Request& request = context.request();
    const std::string_view id = request.field("call-id");
    if (request.method != "POST") return problem(context, "method", "only POST is taken here");
    if (comes_from_elsewhere(request, context.caller) || id.empty() || id.size() > longest_call_id)
        return problem(context, "not-allowed", "this is for the command line",
                       "programs use the routes of /api/v1/openapi.json");
    if (request.path == interrupt_path) {
        const auto found = calls_.find(call_key(context));
        if (found != calls_.end()) *found->second = true;
        return respond(context, json_response(200, Json::object()));
    }
    return pass_call(context, request.path.substr(call_path.size()));
}

Task<void> Front::pass_call(Context& context, std::string name) {
    const operations::Operation* operation = operations::find(name);
    const bool anonymous = context.caller.kind == CredentialKind::none;
    if (!operation) {
        co_await problem(context, "not-found", "there is no such operation",
                         "is this command line of another version than the service?");
        co_return;
    }
    if (const std::string_view why = why_not_offered(name); !why.empty()) {
        co_await problem(context, "not-allowed", "not over the network: " + std::string(why));
        co_return;
    }
    if (anonymous && !operation->access.before_login) {
        co_await problem(context, "not-authenticated", "nobody is logged in",
                         "log in: patchlab login --server ADDRESS");
        co_return;
    }
    Body body = body_of(context.request(), limits_.json, "");
    const CallWords words = words_of(body);
    const std::vector<UniqueFd> files = all_files(words, std::move(body.files));
    BackCall call = call_by(context.caller, name, words.request);
    call.as = words.as;
    for (const UniqueFd& file : files) call.files.push_back(file.get());
    call.long_one = operations::takes_long(operation->kind);
    call.interruptible = !operations::writes(operation->kind);
    call.interrupt = std::make_shared<bool>(false);
    const std::string key = call_key(context);
    calls_[key] = call.interrupt;
    std::exception_ptr failure;
    try {
        co_await answer_call(context, std::move(call), files, words.written);
    } catch (...) {
        failure = std::current_exception();
    }
    calls_.erase(key);
    if (failure) std::rethrow_exception(failure);
}

Task<void> Front::answer_call(Context& context, BackCall call, const std::vector<UniqueFd>& files,
                              const std::vector<std::size_t>& written) {
    http::Exchange& exchange = context.exchange;
    Response head{200, {{"Content-Type", "application/x-ndjson"}}, ""};
    head.fields.emplace_back("X-Accel-Buffering", "no");  // each line is of use as it comes
    add_common_fields(head);
    const bool begun = co_await exchange.begin(std::move(head), call.long_one);
    if (!begun) {
        co_await problem(context, "busy", "the service has too much to do", "try again soon");
        co_return;
    }
    OnEvent pass_on = [&exchange](const Json& event) -> Task<bool> {
        const std::string line = event.is_null() ? std::string("\n") : to_line(event) + "\n";
        const bool taken = co_await exchange.write(line);
        co_return taken && !exchange.gone();
    };
    const BackReply reply = co_await upstream_.call(std::move(call), std::move(pass_on));
    for (const std::size_t number : written) {
        if (!reply.ok) break;
        co_await send_content(exchange, number, files.at(number).get());
    }
    Json end = Json::object();
    if (reply.ok) {
        end = {{"response", reply.document}, {"exit", reply.exit}, {"state", reply.state}};
    } else {
        end["error"] = with_cause(reply.document);
    }
    const std::string line = to_line(end) + "\n";
    co_await exchange.write(line);
}

Task<void> Front::send_content(http::Exchange& exchange, std::size_t number, int file) {
    std::vector<char> some(content_piece);
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(file, some.data(), some.size(), at);
        if (got <= 0) co_return;
        at += got;
        const std::string bytes = base64_encode({some.data(), static_cast<std::size_t>(got)});
        const std::string line = to_line(Json{{"file", number}, {"bytes", bytes}}) + "\n";
        const bool taken = co_await exchange.write(line);
        if (!taken) co_return;
    }
}

}  // namespace patchlab::service::front
