// SPDX-License-Identifier: Apache-2.0
#include "tests/support/web_user.hpp"

#include "tests/support/http_client.hpp"

namespace patchlab::tests {

namespace {

const std::string json_type = "Content-Type: application/json\r\n";

}  // namespace

bool comes_true(const std::function<bool()>& condition) {
    return patchlab::testing::wait_until(condition);
}

std::string WebReply::field(const std::string& name) const {
    return patchlab::testing::header_of(head, name);
}

Json WebReply::document() const { return parse_json(body, "response"); }

std::string WebUser::head_of(const std::string& method, const std::string& target,
                             std::size_t length, const std::string& fields) const {
    std::string text =
        method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields_ + fields;
    if (method != "GET") text += "Content-Length: " + std::to_string(length) + "\r\n";
    return text + "Connection: close\r\n\r\n";
}

WebReply WebUser::ask(const std::string& method, const std::string& target, const std::string& body,
                      const std::string& fields, double seconds) const {
    patchlab::testing::RawClient client(port_);
    client.send(head_of(method, target, body.size(), fields) + body);
    const std::string response = client.read_all(seconds);
    return {patchlab::testing::status_of(response),
            response.substr(0, response.find("\r\n\r\n") + 2),
            patchlab::testing::body_of(response)};
}

WebReply WebUser::post(const std::string& target, const Json& document,
                       const std::string& fields) const {
    return ask("POST", target, to_line(document), json_type + fields);
}

std::string WebUser::begin(const std::string& method, const std::string& target,
                           const std::string& body, const std::string& until) const {
    patchlab::testing::RawClient client(port_);
    const std::string fields = json_type + "Accept: application/x-ndjson\r\n";
    client.send(head_of(method, target, body.size(), fields) + body);
    return client.read_until(until, 60);
}

bool WebUser::sign_in(const std::string& user, const std::string& password) {
    fields_.clear();
    const WebReply in = post("/api/v1/session", {{"user", user}, {"password", password}});
    const std::string cookie = in.field("Set-Cookie");
    if (in.status != 200 && in.status != 201) return false;
    fields_ = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
    const WebReply session = get("/api/v1/session");
    if (session.status != 200) return false;
    fields_ += "X-CSRF-Token: " + session.document().at("csrf").get<std::string>() + "\r\n";
    return true;
}

}  // namespace patchlab::tests
