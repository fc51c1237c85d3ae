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
/// As session.show and session.login tell. Only a session grows old: who is known in another way
/// gave no password that could be asked for again. `theme`: as theme_in() gives it.
console::Viewer viewer_of(const Json& session, const std::string& theme = {});

/// "light" or "dark"; empty for everything else, which means: as the browser likes it.
std::string theme_in(std::string_view word);
/// The theme that this browser was told to keep.
std::string theme_of(const http::Request& request);
/// The value of Set-Cookie that keeps a theme; of the empty one, that forgets it.
std::string theme_cookie(std::string_view theme, bool https);
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
