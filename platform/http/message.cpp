// SPDX-License-Identifier: Apache-2.0
#include "platform/http/message.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <ctime>

#include "platform/core/text.hpp"

namespace patchlab::http {

namespace beast_http = boost::beast::http;

namespace {

constexpr std::size_t most_fields = 64;

/// What the parser would be lenient about.
std::optional<Refusal> sloppy_line(std::string_view head) {
    for (std::size_t i = 0; i < head.size(); ++i) {
        const char c = head[i];
        if (c == '\r') {
            if (i + 1 == head.size() || head[i + 1] != '\n')
                return Refusal{400, "a line of the head ends with CR alone"};
            continue;
        }
        if (c == '\n') {
            if (i == 0 || head[i - 1] != '\r')
                return Refusal{400, "a line of the head ends with LF alone"};
            if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t'))
                return Refusal{400, "a header field goes on in the next line"};
            continue;
        }
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
            return Refusal{400, "a control byte in the head"};
    }
    return std::nullopt;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 15 && std::all_of(text.begin(), text.end(), is_digit);
}

std::size_t count_of(const Request& request, std::string_view name) {
    return static_cast<std::size_t>(
        std::count_if(request.fields.begin(), request.fields.end(),
                      [&](const Field& field) { return field.first == name; }));
}

/// Where the body ends must have one reading.
std::optional<Refusal> take_length(Request& request) {
    if (request.has_field("transfer-encoding")) {
        if (request.has_field("content-length"))
            return Refusal{400, "Content-Length and Transfer-Encoding together"};
        return Refusal{411, "send the length of the body (Content-Length), not in chunks"};
    }
    if (count_of(request, "content-length") > 1) return Refusal{400, "Content-Length twice"};
    if (!request.has_field("content-length")) return std::nullopt;
    const std::string_view length = request.field("content-length");
    if (!is_number(length)) return Refusal{400, "Content-Length is no number"};
    request.length = std::stoull(std::string(length));
    return std::nullopt;
}

std::optional<Refusal> take_target(Request& request, std::string_view target) {
    if (target.empty() || target.front() != '/')
        return Refusal{400, "the target of the request must begin with '/'"};
    if (target.find('#') != std::string_view::npos)
        return Refusal{400, "the target of the request has a fragment (#)"};
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    return std::nullopt;
}

std::optional<Refusal> take_expectation(Request& request) {
    if (!request.has_field("expect")) return std::nullopt;
    if (in_small_letters(request.field("expect")) != "100-continue")
        return Refusal{417, "only 100-continue can be expected"};
    request.expects_continue = true;
    return std::nullopt;
}

}  // namespace

std::string_view Request::field(std::string_view name) const {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& one) { return one.first == name; });
    return found == fields.end() ? std::string_view{} : std::string_view(found->second);
}

bool Request::has_field(std::string_view name) const {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const Field& one) { return one.first == name; });
}

std::variant<Request, Refusal> parse_head(std::string_view head) {
    if (auto refusal = sloppy_line(head)) return *refusal;
    beast_http::request_parser<beast_http::empty_body> parser;
    parser.header_limit(
        static_cast<std::uint32_t>(std::min<std::size_t>(head.size() + 1, 1U << 16)));
    parser.body_limit(boost::none);
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(head.data(), head.size()), error);
    if (error == beast_http::error::bad_version) return Refusal{505, "HTTP/1.1 is spoken here"};
    if (error && error != beast_http::error::need_more && !parser.is_header_done())
        return Refusal{400, "this is no HTTP request: " + error.message()};
    if (!parser.is_header_done()) return Refusal{400, "the head of the request is not complete"};

    const auto& message = parser.get();
    if (message.version() != 11 && message.version() != 10)
        return Refusal{505, "HTTP/1.1 is spoken here"};
    Request request;
    request.method = std::string(message.method_string());
    request.http_1_1 = message.version() == 11;
    request.keep_alive = message.keep_alive();
    for (const auto& field : message) {
        if (request.fields.size() == most_fields) return Refusal{431, "too many header fields"};
        request.fields.emplace_back(
            in_small_letters({field.name_string().data(), field.name_string().size()}),
            std::string(trimmed({field.value().data(), field.value().size()})));
    }
    const std::string_view target(message.target().data(), message.target().size());
    if (auto refusal = take_target(request, target)) return *refusal;
    if (auto refusal = take_length(request)) return *refusal;
    if (auto refusal = take_expectation(request)) return *refusal;
    const std::size_t hosts = count_of(request, "host");
    if (hosts > 1 || (hosts == 0 && request.http_1_1))
        return Refusal{400, hosts > 1 ? "Host twice" : "no Host"};
    return request;
}

std::string_view reason_phrase(int status) {
    const auto phrase =
        beast_http::obsolete_reason(beast_http::int_to_status(static_cast<unsigned>(status)));
    if (status == 422) return "Unprocessable Content";
    if (phrase == "<unknown-status>") return {};
    return {phrase.data(), phrase.size()};
}

std::string http_date(std::int64_t unix_seconds) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t time = unix_seconds;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 40> text{};
    const auto written =
        std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                      days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                      months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                      parts.tm_hour, parts.tm_min, parts.tm_sec);
    return {text.data(), static_cast<std::size_t>(std::max(written, 0))};
}

std::string head_text(const Response& response, std::optional<std::uint64_t> length, bool chunked,
                      bool keep_alive, std::string_view date) {
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " +
                       std::string(reason_phrase(response.status)) + "\r\n";
    for (const auto& [name, value] : response.fields) {
        // nothing that came from outside begins a field of its own
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) continue;
        text += name + ": " + value + "\r\n";
    }
    if (length) text += "Content-Length: " + std::to_string(*length) + "\r\n";
    if (chunked) text += "Transfer-Encoding: chunked\r\n";
    text += "Date: " + std::string(date) + "\r\n";
    text += keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    return text + "\r\n";
}

}  // namespace patchlab::http
