// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/routes.hpp"

#include <algorithm>
#include <array>

#include "orchestrator/operations/listing.hpp"
#include "orchestrator/service/api/url.hpp"

namespace patchlab::service::api {

namespace {

using operations::Kind;
using operations::Operation;

/// The collection of a noun, where "s" does not make it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> collections{{
    {"audit", "audit"},
    {"catalog", "catalog"},
    {"event", "events"},
    {"evidence", "evidence"},
    {"host", "host"},
    {"inventory", "inventory"},
    {"management", "management"},
    {"metrics", "metrics"},
    {"notify", "notices"},
    {"overview", "overview"},
    {"patch", "patches"},
    {"policy", "policies"},
    {"search", "search"},
    {"session", "session"},
}};

struct Exception {
    std::string_view operation, method, path;
};
/// Where the rule would give a path that names the wrong thing.
constexpr std::array exceptions{
    Exception{"catalog.channels", "GET", "/channels"},
    Exception{"catalog.publish", "POST", "/channels/{channel}/publish"},
    Exception{"catalog.refresh", "POST", "/channels/refresh"},
    Exception{"catalog.subscribe", "GET", "/channels/{channel}/subscribe"},
    Exception{"decision.approve", "POST", "/runs/{run}/approve"},
    Exception{"decision.reject", "POST", "/runs/{run}/reject"},
    Exception{"decision.waive", "POST", "/runs/{run}/waive"},
    Exception{"inventory.fidelity", "GET", "/labs/{lab}/fidelity"},
    Exception{"inventory.window_add", "POST", "/windows"},
    Exception{"inventory.window_list", "GET", "/windows"},
    Exception{"inventory.window_remove", "DELETE", "/windows/{window}"},
    Exception{"lab.prepare", "POST", "/labs/{lab}/prepare"},
    Exception{"patch.fetch", "POST", "/patches/fetch"},
    Exception{"patch.pending", "GET", "/patches/pending"},
    Exception{"policy.explain", "GET", "/runs/{run}/decision"},
    Exception{"policy.show", "GET", "/policies/{policy}"},
    Exception{"rollout.plan", "POST", "/rollouts/plan"},
    Exception{"rollout.report", "POST", "/inventory/{host}/report"},
    Exception{"session.login", "POST", "/session"},
    Exception{"session.logout", "DELETE", "/session"},
    Exception{"user.password", "POST", "/users/{name}/password"},
};

constexpr std::array refused{
    NotOffered{"backup.create",
               "holds every key: made on the lab host, by who may read its passphrase"},
    NotOffered{"backup.restore", "needs a host that has no state, and so no users, yet"},
    NotOffered{"backup.verify", "reads a file of the lab host; a backup is not uploaded"},
    NotOffered{"host.init", "begins a state: there is no user yet who could sign in"},
};

struct LocalMember {
    std::string_view operation, member, why;
};
constexpr std::array local_members{
    LocalMember{"decision.approve", "key_file", "a secret key never leaves its owner's machine"},
    LocalMember{"decision.reject", "key_file", "a secret key never leaves its owner's machine"},
    LocalMember{"decision.waive", "key_file", "a secret key never leaves its owner's machine"},
    LocalMember{"evidence.verify", "folder", "a folder of the lab host; name a run"},
    LocalMember{"rollout.plan", "simulation", "a folder of the lab host"},
    LocalMember{"rollout.start", "simulation", "a folder of the lab host"},
};

struct Guarded {
    std::string_view operation, by;
};
/// Acts that nobody does without having seen what they are about.
constexpr std::array guarded{
    Guarded{"decision.approve", "policy.explain"},
    Guarded{"decision.reject", "policy.explain"},
    Guarded{"decision.waive", "policy.explain"},
    Guarded{"catalog.promote", "catalog.show"},
};

std::string collection_of(std::string_view noun) {
    const auto found = std::find_if(collections.begin(), collections.end(),
                                    [&](const auto& one) { return one.first == noun; });
    return found == collections.end() ? std::string(noun) + "s" : std::string(found->second);
}

/// The row of an operation in one of the tables above; nullptr: it has none.
template <typename Table>
auto row_of(const Table& table, const Operation& operation) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& one) {
        return one.operation == operation.name;
    });
    return found == table.end() ? nullptr : &*found;
}

bool begins_something(std::string_view verb) {
    return verb == "add" || verb == "start" || verb == "create" || verb == "import";
}

/// A read that is about an object or a file cannot be asked in a query string.
bool needs_body(const Operation& operation, const std::vector<Member>& members) {
    return std::any_of(members.begin(), members.end(), [&](const Member& member) {
        return (member.required || operation.subject.empty()) &&
               (member.kind == MemberKind::object || is_upload(member.kind));
    });
}

/// The member of a path's braces; empty without one.
std::string subject_in(const std::string& path) {
    const auto open = path.find('{');
    return open == std::string::npos ? std::string{}
                                     : path.substr(open + 1, path.find('}') - open - 1);
}

Route by_rule(const Operation& operation, const std::vector<Member>& members) {
    const std::string verb(verb_of(operation.name));
    const std::string all = "/" + collection_of(noun_of(operation.name));
    const std::string one = operation.subject.empty() || verb == "list"
                                ? all
                                : all + "/{" + std::string(operation.subject) + "}";
    if (verb == "list") return {"GET", all};
    if (verb == "show") return {"GET", one};
    if (operations::writes(operation.kind)) {
        if (begins_something(verb)) return {"POST", all};
        if (verb == "remove") return {"DELETE", one};
        return {"POST", one + "/" + verb};
    }
    return {needs_body(operation, members) ? "POST" : "GET", one + "/" + verb};
}

Route route_for(const Operation& operation) {
    std::vector<Member> members = members_of(operation);
    const Exception* exception = row_of(exceptions, operation);
    Route route = exception ? Route{std::string(exception->method), std::string(exception->path)}
                            : by_rule(operation, members);
    route.path = std::string(base) + route.path;
    route.operation = &operation;
    route.subject = subject_in(route.path);
    const bool writes = operations::writes(operation.kind);
    route.creates = writes && begins_something(verb_of(operation.name));
    route.list = operations::listing_of(operation.name) != nullptr;
    if (const Guarded* guard = row_of(guarded, operation)) route.guarded_by = guard->by;
    route.members = std::move(members);
    route.detaches = operation.kind == Kind::long_write && route.member("detach") != nullptr;
    return route;
}

std::vector<Route> all_routes() {
    std::vector<Route> all;
    for (const Operation& operation : operations::operations())
        if (!row_of(refused, operation)) all.push_back(route_for(operation));
    return all;
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    for (std::size_t at = 1; at <= path.size();) {
        const auto slash = std::min(path.find('/', at), path.size());
        segments.push_back(path.substr(at, slash - at));
        at = slash + 1;
    }
    return segments;
}

/// How well a path fits: literal segments count, so that /runs/wait is no run called "wait".
std::optional<int> fit_of(const Route& route, const std::vector<std::string_view>& asked) {
    const auto wanted = segments_of(route.path);
    if (wanted.size() != asked.size()) return std::nullopt;
    int literal = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].starts_with('{')) {
            if (asked[i].empty()) return std::nullopt;
            continue;
        }
        if (wanted[i] != asked[i]) return std::nullopt;
        ++literal;
    }
    return literal;
}

std::string_view subject_of(const Route& route, const std::vector<std::string_view>& asked) {
    const auto wanted = segments_of(route.path);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i].starts_with('{')) return asked[i];
    return {};
}

}  // namespace

const Member* Route::member(std::string_view name) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const Member& one) { return one.name == name; });
    return found == members.end() ? nullptr : &*found;
}

const Member* Route::output() const {
    const auto found = std::find_if(members.begin(), members.end(), [](const Member& one) {
        return one.kind == MemberKind::output;
    });
    return found == members.end() ? nullptr : &*found;
}

std::span<const Route> routes() {
    static const std::vector<Route> table = all_routes();
    return table;
}

const Route* route_of(std::string_view operation) {
    const auto all = routes();
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const Route& one) { return one.operation->name == operation; });
    return found == all.end() ? nullptr : &*found;
}

std::span<const NotOffered> not_offered() { return refused; }

std::string_view local_only(std::string_view operation, std::string_view member) {
    const auto found = std::find_if(
        local_members.begin(), local_members.end(),
        [&](const LocalMember& one) { return one.operation == operation && one.member == member; });
    return found == local_members.end() ? std::string_view{} : found->why;
}

std::optional<Match> find_route(std::string_view method, std::string_view path) {
    const auto asked = segments_of(path);
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    const Route* best = nullptr;
    int fit = -1;
    for (const Route& route : routes()) {
        if (route.method != wanted) continue;
        const auto fits = fit_of(route, asked);
        if (!fits || *fits <= fit) continue;
        best = &route;
        fit = *fits;
    }
    if (!best) return std::nullopt;
    auto subject = percent_decoded(subject_of(*best, asked));
    if (!subject) return std::nullopt;
    return Match{best, std::move(*subject)};
}

std::vector<std::string> methods_of(std::string_view path) {
    const auto asked = segments_of(path);
    std::vector<std::string> methods;
    for (const Route& route : routes())
        if (fit_of(route, asked) &&
            std::find(methods.begin(), methods.end(), route.method) == methods.end())
            methods.push_back(route.method);
    return methods;
}

std::string path_of(std::string_view operation, std::string_view id) {
    return std::string(base) + "/" + collection_of(noun_of(operation)) + "/" + percent_encoded(id);
}

}  // namespace patchlab::service::api
