// SPDX-License-Identifier: Apache-2.0
//
// Pieces that several readers share. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "platform/core/json.hpp"

namespace patchlab::feeds {

/// Error(invalid) "WHERE: why".
[[noreturn]] void refuse_feed(const std::string& where, const std::string& why);

/// The member of an object; null when it is not there, or when `object` is none.
const Json& member(const Json& object, const char* key);
/// The text of a member, cut to `most` bytes and valid UTF-8; empty: there is none. Error(invalid)
/// when it is of another type.
std::string text_in(const Json& object, const char* key, const std::string& where,
                    std::size_t most = 200);
/// The elements of a member. Error(invalid) when it is there and is no array.
const Json& list_in(const Json& object, const char* key, const std::string& where);

/// A date or time as RFC 3339; empty for an empty text. Error(invalid) for what is none.
std::string time_text(std::string_view text, const std::string& where);
/// A date as "2026-11-30". Error(invalid).
std::string date_text(std::string_view text, const std::string& where);

/// Letters small, and only as long as a word is.
std::string small_word(std::string_view text);

/// The package that an identifier of a product means. Of
/// "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64" and of
/// "BaseOS-9.4:openssl-1:3.0.7-27.el9.x86_64" it is "openssl"; of "red_hat_enterprise_linux_9:curl"
/// it is "curl". What has none of these forms is its own name.
std::string package_of_product(std::string_view id);

}  // namespace patchlab::feeds
