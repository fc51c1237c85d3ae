// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/readers/parts.hpp"

#include "orchestrator/feeds/feed.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t longest_package = 200;

std::string_view package_of_purl(std::string_view purl) {
    purl = purl.substr(0, purl.find_first_of("?#"));
    const std::size_t version = purl.find('@', purl.rfind('/') + 1);
    purl = purl.substr(0, version);
    return purl.substr(purl.rfind('/') + 1);
}

/// "openssl-1:3.0.7-27.el9.x86_64": where "-EPOCH:" begins; npos: there is none.
std::size_t epoch_in(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::string_view::npos;
    std::size_t at = colon;
    while (at > 0 && is_digit(text[at - 1])) --at;
    return at == colon || at == 0 || text[at - 1] != '-' ? std::string_view::npos : at - 1;
}

}  // namespace

void refuse_feed(const std::string& where, const std::string& why) {
    throw Error(ErrorCode::invalid, where + ": " + why);
}

const Json& member(const Json& object, const char* key) {
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

std::string text_in(const Json& object, const char* key, const std::string& where,
                    std::size_t most) {
    const Json& value = member(object, key);
    if (value.is_null()) return {};
    if (!value.is_string()) refuse_feed(where, "'" + std::string(key) + "' is not a text");
    return shortened(value.get_ref<const std::string&>(), most);
}

const Json& list_in(const Json& object, const char* key, const std::string& where) {
    static const Json none = Json::array();
    const Json& value = member(object, key);
    if (value.is_null()) return none;
    if (!value.is_array()) refuse_feed(where, "'" + std::string(key) + "' is not a list");
    return value;
}

std::string time_text(std::string_view text, const std::string& where) {
    if (text.empty()) return {};
    const auto time = time_from(text);
    if (!time)
        refuse_feed(where, "'" + shortened(plain_text(text, 60), 60) + "' is no date or time");
    return to_rfc3339(*time);
}

std::string date_text(std::string_view text, const std::string& where) {
    return time_text(text.substr(0, 10), where).substr(0, 10);
}

std::string small_word(std::string_view text) {
    return in_small_letters(trimmed(text.substr(0, 60)));
}

std::string package_of_product(std::string_view id) {
    std::string_view package = id;
    if (id.starts_with("pkg:")) {
        package = package_of_purl(id);
    } else {
        package = package.substr(0, epoch_in(package));
        if (const std::size_t colon = package.rfind(':');
            colon != std::string_view::npos && colon + 1 < package.size())
            package = package.substr(colon + 1);
        if (const std::size_t slash = package.rfind('/'); slash + 1 < package.size())
            package = package.substr(slash + 1);
    }
    return shortened(package, longest_package);
}

}  // namespace patchlab::feeds
