// SPDX-License-Identifier: Apache-2.0
//
// Where the API offers an operation, as its own table says, for the lines that people copy.
#include "orchestrator/service/api/routes.hpp"
#include "orchestrator/service/api/url.hpp"
#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

namespace {

std::string text_of_value(const Json& value) {
    return value.is_string() ? value.get<std::string>() : to_line(value);
}

/// With the object's name in place of the braces. What nobody named stays in braces.
std::string filled_in(std::string path, const std::string& subject, const Json& request) {
    const std::string braces = "{" + subject + "}";
    const auto named = request.find(subject);
    const auto at = path.find(braces);
    if (subject.empty() || at == std::string::npos || named == request.end()) return path;
    return path.replace(at, braces.size(), api::percent_encoded(text_of_value(*named)));
}

}  // namespace

std::optional<Route> route_of(std::string_view operation, const Json& request) {
    const api::Route* known = api::route_of(operation);
    if (!known) return std::nullopt;
    Route route{known->method, filled_in(known->path, known->subject, request)};
    route.guarded = !known->guarded_by.empty();
    Json rest = request;
    if (!known->subject.empty()) rest.erase(known->subject);
    if (known->method == "POST") {
        route.body = rest;
        return route;
    }
    Values query;
    for (const auto& [name, value] : rest.items()) {
        if (value.is_array())
            for (const Json& one : value) query.add(name, text_of_value(one));
        else if (!value.is_object()) query.add(name, text_of_value(value));
    }
    route.path += query_text(query);
    return route;
}

}  // namespace patchlab::service::console
