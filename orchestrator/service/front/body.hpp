// SPDX-License-Identifier: Apache-2.0
//
// What a request carries in its body: a JSON object, a form, or files. Thread safety: values.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/service/api/request.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/http/message.hpp"

namespace patchlab::service::front {

struct Body {
    Json json = nullptr;          ///< of a JSON body; else null
    api::Parameters fields = {};  ///< of a form
    std::vector<api::Upload> uploads = {};
    std::vector<UniqueFd> files = {};  ///< each of an upload, from its beginning
    bool is_form = false;
    std::string digest = {};  ///< of all bytes, when it was asked for
};

/// Error(usage) for a kind of body that is not taken, Error(invalid) for a broken one. `only_file`:
/// the member whose file a body of bytes (application/octet-stream) is; empty: none. `digest`: it
/// is wanted, too.
Body body_of(const http::Request& request, std::uint64_t most_json, const std::string& only_file,
             bool digest = false);

/// An anonymous file with this content, to be read from its beginning. Error(lab).
UniqueFd file_with(std::string_view content);

}  // namespace patchlab::service::front
