// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a request: a head, and the body behind it. Never a crash; a request is one that no
// other reader understands differently; a path of the lab host never gets through; whatever is
// wrong is an Error.
#include <cstdint>
#include <cstdlib>

#include "orchestrator/service/front/body.hpp"
#include "orchestrator/service/front/caller.hpp"
#include "platform/core/error.hpp"
#include "platform/http/message.hpp"

namespace {

using namespace patchlab;

void expect(bool holds) {
    if (!holds) std::abort();
}

/// Files are told by number, and only of what was sent.
void expect_no_path(const service::api::Route& route, const Json& request, std::size_t files) {
    for (const auto& member : route.members) {
        if (!service::api::is_upload(member.kind) || !request.contains(member.name)) continue;
        const Json& value = request.at(member.name);
        for (const Json& one : value.is_array() ? value : Json::array({value}))
            expect(one.is_object() && one.at("fd").get<std::size_t>() < files);
    }
}

void ask(http::Request& request) {
    const auto match = service::api::find_route(request.method, request.path);
    if (!match) return;
    const auto query = service::api::parameters_in(request.query);
    if (!query) return;
    try {
        const auto body = service::front::body_of(request, 1U << 20, "files");
        const Json members =
            body.is_form ? service::api::members_from(*match->route, body.fields) : body.json;
        const auto asked = service::api::request_of(*match, *query, members, body.uploads);
        expect_no_path(*match->route, asked.request, body.files.size());
    } catch (const Error& error) {
        expect(error.code() == ErrorCode::usage || error.code() == ErrorCode::invalid);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto end = bytes.find("\r\n\r\n");
    const std::size_t head = end == std::string_view::npos ? size : end + 4;
    auto parsed = http::parse_head(bytes.substr(0, head));
    auto* request = std::get_if<http::Request>(&parsed);
    if (!request) return 0;
    expect(request->path.starts_with('/') && !request->has_field("transfer-encoding"));
    for (const auto& [name, value] : request->fields)
        expect(!name.empty() && value.find_first_of("\r\n") == std::string::npos);
    (void)service::front::caller_of(*request);
    request->body = bytes.substr(head);
    request->length = request->body.size();
    ask(*request);
    return 0;
}
