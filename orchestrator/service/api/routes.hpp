// SPDX-License-Identifier: Apache-2.0
//
// Which method and path asks for which operation. Routes follow from the table of operations: the
// collection from the noun, the rest from verb, kind and subject. Two small tables say where they
// differ and what is not offered, and why. Pure; the tables are immutable and thread-safe.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/service/api/members.hpp"

namespace patchlab::service::api {

inline constexpr std::string_view base = "/api/v1";

/// "run" of "run.start", and "start".
constexpr std::string_view noun_of(std::string_view operation) {
    return operation.substr(0, operation.find('.'));
}
constexpr std::string_view verb_of(std::string_view operation) {
    return operation.substr(operation.find('.') + 1);
}

struct Route {
    std::string method;  ///< "GET", "POST", "DELETE"
    std::string path;    ///< "/api/v1/runs/{run}"
    const operations::Operation* operation = nullptr;
    std::string subject = {};  ///< the member that stands in the path; empty: none
    std::vector<Member> members = {};
    bool creates = false;  ///< 201 and a Location
    bool list = false;     ///< pages: limit, cursor, sort, filters
    /// It can go on by itself: 202 unless the caller wants to follow it.
    bool detaches = false;
    /// What must be told in If-Match comes from this operation; empty: nothing must.
    std::string_view guarded_by = {};

    bool takes_body() const { return method == "POST" || method == "PUT"; }
    const Member* member(std::string_view name) const;
    /// The file that the operation writes; nullptr: none.
    const Member* output() const;
};

/// In the order of the operations.
std::span<const Route> routes();
/// The first route of an operation; nullptr: it is not offered.
const Route* route_of(std::string_view operation);

struct NotOffered {
    std::string_view operation, why;
};
std::span<const NotOffered> not_offered();
/// Why this member of a request cannot come over HTTP; empty: it can.
std::string_view local_only(std::string_view operation, std::string_view member);

struct Match {
    const Route* route = nullptr;
    std::string subject;  ///< decoded
};
/// The route of method and path (as sent, percent-encoded). HEAD counts as GET.
std::optional<Match> find_route(std::string_view method, std::string_view path);
/// The methods that this path takes; empty: there is no such path.
std::vector<std::string> methods_of(std::string_view path);

/// The path of a thing of the operation's collection: "/api/v1/runs/r-1".
std::string path_of(std::string_view operation, std::string_view id);

}  // namespace patchlab::service::api
