// SPDX-License-Identifier: Apache-2.0
//
// From what HTTP carries to the request of an operation. The back checks it against its schema once
// more; here texts become what the schema says they are. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/service/api/page.hpp"
#include "orchestrator/service/api/routes.hpp"
#include "orchestrator/service/api/url.hpp"

namespace patchlab::service::api {

/// A file that came along: the number of its descriptor is its place in the list.
struct Upload {
    std::string member;
    std::string file;  ///< its name, without folders
};

struct Asked {
    Json request = Json::object();
    Page page = {};  ///< of a list
};

/// Query string and body together. `body`: an object, or null without one. Error(usage) for a
/// parameter or member that is unknown, of another type, given twice, or cannot come over HTTP.
Asked request_of(const Match& match, const Parameters& query, const Json& body,
                 const std::vector<Upload>& uploads = {});
/// The members of a form (multipart), typed as a query string's.
Json members_from(const Route& route, const Parameters& fields);

/// The name without folders, whichever way they are written; never empty, at most 255 bytes.
std::string plain_file_name(std::string_view name);

}  // namespace patchlab::service::api
