// SPDX-License-Identifier: Apache-2.0
//
// Bodies that are sent compressed (RFC 1952). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "platform/http/message.hpp"

namespace patchlab::http {

/// Whether who asked takes gzip: named or by "*", and not with q=0 (RFC 9110, 12.5.3).
bool takes_gzip(const Request& request);
/// A gzip file of these bytes.
std::string gzipped(std::string_view bytes);

}  // namespace patchlab::http
