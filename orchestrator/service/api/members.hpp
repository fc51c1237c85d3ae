// SPDX-License-Identifier: Apache-2.0
//
// The members of a request, as its published schema types them: what a query string can say, and
// what only a body or an upload can. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/operations/operation.hpp"

namespace patchlab::service::api {

enum class MemberKind {
    text,
    integer,
    number,
    boolean,
    texts,   ///< a list of texts: the parameter comes several times
    object,  ///< only in a body
    file,    ///< a path on the command line, an upload here
    files
};

struct Member {
    std::string name;
    MemberKind kind = MemberKind::text;
    bool required = false;
    std::string description = {};
    Json schema = {};  ///< as published, its $ref not followed
};

constexpr bool is_upload(MemberKind kind) {
    return kind == MemberKind::file || kind == MemberKind::files;
}

/// In the order of the schema.
std::vector<Member> members_of(const operations::Operation& operation);
/// Follows $ref, as long as there is one, into the schema's own $defs.
Json resolved(const Json& schema, const Json& definitions);
/// The members of the items of a list, as the response's schema names them.
std::vector<Member> item_members(const operations::Operation& list, std::string_view items);

}  // namespace patchlab::service::api
