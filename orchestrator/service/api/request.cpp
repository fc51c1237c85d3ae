// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/request.hpp"

#include <algorithm>
#include <charconv>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::api {

namespace {

[[noreturn]] void wrong(const std::string& name, const std::string& why, std::string advice = {}) {
    throw Error(ErrorCode::usage, one_line(shortened(name, 80)) + ": " + why, std::move(advice));
}

std::string shown(const std::string& value) { return "'" + one_line(shortened(value, 80)) + "'"; }

template <typename Number>
Json number_from(const std::string& name, const std::string& text, const char* what) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        wrong(name, shown(text) + " is no " + what);
    return value;
}

Json boolean_from(const std::string& name, const std::string& text) {
    if (text.empty() || text == "true" || text == "1" || text == "on") return true;
    if (text == "false" || text == "0" || text == "off") return false;
    wrong(name, shown(text) + " is neither true nor false");
}

Json value_from(const Member& member, const std::string& text) {
    switch (member.kind) {
        case MemberKind::integer:
            return number_from<std::int64_t>(member.name, text, "whole number");
        case MemberKind::number: return number_from<double>(member.name, text, "number");
        case MemberKind::boolean: return boolean_from(member.name, text);
        case MemberKind::object: return parse_json(text, member.name, 4U << 20);
        case MemberKind::file:
        case MemberKind::files: wrong(member.name, "send the file itself (multipart/form-data)");
        case MemberKind::text:
        case MemberKind::texts: break;
    }
    return text;
}

void set_member(Json& request, const Member& member, const std::string& text) {
    const bool several = member.kind == MemberKind::texts;
    if (!several && request.contains(member.name)) wrong(member.name, "given twice");
    if (several) request[member.name].push_back(value_from(member, text));
    else request[member.name] = value_from(member, text);
}

void refuse_local(const Route& route, const std::string& name) {
    const std::string_view why = local_only(route.operation->name, name);
    if (!why.empty())
        wrong(name, "cannot come over HTTP: " + std::string(why),
              "use the command line on the lab host");
}

std::vector<std::string> names_of(const Route& route) {
    std::vector<std::string> names;
    for (const Member& member : route.members)
        if (member.name != route.subject && local_only(route.operation->name, member.name).empty())
            names.push_back(member.name);
    return names;
}

[[noreturn]] void unknown(const Route& route, const std::string& name) {
    const auto names = names_of(route);
    wrong(name, "unknown" + did_you_mean(name, names),
          names.empty() ? "this request has no parameters" : "there are: " + joined(names));
}

/// What may be typed into the path of a route: its subject.
const Member& writable_member(const Route& route, const std::string& name) {
    refuse_local(route, name);
    const Member* member = route.member(name);
    if (!member) unknown(route, name);
    if (name == route.subject) wrong(name, "stands in the path already");
    return *member;
}

void take_query(Asked& asked, const Route& route, const Parameters& query) {
    Parameters of_list;
    for (const auto& [name, value] : query) {
        if (route.list && (is_page_parameter(name) || !route.member(name))) {
            of_list.emplace_back(name, value);
            continue;
        }
        set_member(asked.request, writable_member(route, name), value);
    }
    if (!route.list) return;
    asked.page = page_from(std::string(route.operation->name), of_list, asked.request);
    asked.request["filter"] = asked.page.filter();
}

void take_body(Json& request, const Route& route, const Json& body) {
    if (body.is_null()) return;
    if (!body.is_object()) wrong("body", "must be a JSON object");
    for (const auto& [name, value] : body.items()) {
        const Member& member = writable_member(route, name);
        if (is_upload(member.kind))
            wrong(name, "send the file itself (multipart/form-data), not its path");
        if (request.contains(name)) wrong(name, "given in the query and in the body");
        request[name] = value;
    }
}

void take_uploads(Json& request, const Route& route, const std::vector<Upload>& uploads) {
    for (std::size_t i = 0; i < uploads.size(); ++i) {
        const Member& member = writable_member(route, uploads[i].member);
        if (!is_upload(member.kind)) wrong(member.name, "is no file");
        const Json handed{{"fd", i}, {"file", plain_file_name(uploads[i].file)}};
        if (member.kind == MemberKind::files) request[member.name].push_back(handed);
        else if (request.contains(member.name)) wrong(member.name, "given twice");
        else request[member.name] = handed;
    }
}

}  // namespace

Asked request_of(const Match& match, const Parameters& query, const Json& body,
                 const std::vector<Upload>& uploads) {
    Asked asked;
    const Route& route = *match.route;
    if (!route.subject.empty()) asked.request[route.subject] = match.subject;
    take_query(asked, route, query);
    take_body(asked.request, route, body);
    take_uploads(asked.request, route, uploads);
    return asked;
}

Json members_from(const Route& route, const Parameters& fields) {
    Json members = Json::object();
    for (const auto& [name, value] : fields)
        set_member(members, writable_member(route, name), value);
    return members;
}

std::string plain_file_name(std::string_view name) {
    const auto cut = name.find_last_of("/\\");
    std::string plain = one_line(cut == std::string_view::npos ? name : name.substr(cut + 1));
    plain = shortened(plain, 250);
    return plain.empty() || plain == "." || plain == ".." ? "file" : plain;
}

}  // namespace patchlab::service::api
