// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/readers/parts.hpp"

#include "orchestrator/feeds/feed.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

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
    std::string word(trimmed(text.substr(0, 60)));
    for (char& c : word) c = small(c);
    return word;
}

}  // namespace patchlab::feeds
