// SPDX-License-Identifier: Apache-2.0
#include "platform/core/json.hpp"

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace patchlab {

static constexpr int max_depth = 64;

Json parse_json(std::string_view text, std::string_view where, std::size_t max_bytes) {
    if (text.size() > max_bytes)
        throw Error(ErrorCode::invalid,
                    std::string(where) + ": larger than " + std::to_string(max_bytes) + " bytes");
    try {
        const auto guard = [&](int depth, Json::parse_event_t, Json&) {
            if (depth > max_depth)
                throw Error(ErrorCode::invalid, std::string(where) + ": nested deeper than 64");
            return true;
        };
        return Json::parse(text, guard);
    } catch (const Json::parse_error& error) {
        throw Error(ErrorCode::invalid,
                    std::string(where) + ": not JSON (byte " + std::to_string(error.byte) + ")");
    } catch (const Json::exception& error) {  // 1e999999: JSON, but no number of ours
        throw Error(ErrorCode::invalid, std::string(where) + ": " + error.what());
    }
}

Json read_json(const std::filesystem::path& path, std::size_t max_bytes) {
    return parse_json(read_file(path, max_bytes), path.string(), max_bytes);
}

std::string to_text(const Json& value) {
    return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}
std::string to_line(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

void write_json(const std::filesystem::path& path, const Json& value, unsigned mode) {
    write_file_atomic(path, to_text(value), mode);
}

}  // namespace patchlab
