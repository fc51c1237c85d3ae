// SPDX-License-Identifier: Apache-2.0
//
// What the front and the console say to each other, in values. Pure; thread-safe.
#pragma once

#include <string>

#include "orchestrator/service/api/url.hpp"
#include "orchestrator/service/console/screens.hpp"
#include "orchestrator/service/front/upstream.hpp"
#include "platform/http/message.hpp"

namespace patchlab::service::front {

console::Values values_of(const api::Parameters& parameters);
/// As session.show and session.login tell.
console::Viewer viewer_of(const Json& session);
console::Failure failure_of(const Json& error);
console::Answer answer_of(const BackReply& reply);
http::Response page_response(const console::Page& page);

/// What was being typed when a session ended: the fields "kept.NAME" of the form that signs in.
struct Kept {
    std::string form;
    console::Values fields;
};
std::optional<Kept> kept_in(const console::Values& fields);

}  // namespace patchlab::service::front
