// SPDX-License-Identifier: Apache-2.0
//
// Where the API offers an operation, derived from its row as the API itself derives it, for the
// lines that people copy.
#include "orchestrator/operations/operation.hpp"
#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

namespace {

std::string plural(const std::string& noun) {
    if (noun == "patch") return "patches";
    if (noun.ends_with("y")) return noun.substr(0, noun.size() - 1) + "ies";
    return noun + "s";
}

bool begins_something(std::string_view verb) {
    return verb == "add" || verb == "start" || verb == "create" || verb == "import";
}

std::string text_of_value(const Json& value) {
    return value.is_string() ? value.get<std::string>() : to_line(value);
}

}  // namespace

Route route_of(std::string_view operation, const Json& request) {
    const operations::Operation* row = operations::find(operation);
    const std::size_t dot = operation.find('.');
    const std::string noun(operation.substr(0, dot)), verb(operation.substr(dot + 1));
    Route route{"GET", "/api/v1/" + plural(noun)};
    const std::string subject = row ? std::string(row->subject) : noun;
    Json rest = request;
    const auto named = rest.find(subject);
    const bool has_subject = !subject.empty() && named != rest.end() && named->is_string();
    if (has_subject) {
        route.path += "/" + segment(named->get<std::string>());
        rest.erase(subject);
    }
    const bool writes = row && operations::writes(row->kind);
    if (writes) route.method = verb == "remove" ? "DELETE" : "POST";
    const bool by_name_alone =
        verb == "list" || verb == "show" || verb == "remove" || begins_something(verb);
    if (!by_name_alone) route.path += "/" + verb;
    if (writes) {
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
