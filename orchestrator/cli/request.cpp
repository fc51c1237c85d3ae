// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/request.hpp"

#include "platform/core/diagnostics.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

void put(Json& request, const char* key, const std::string& text) {
    if (!text.empty()) request[key] = text;
}

void put(Json& request, const char* key, const std::vector<std::string>& words) {
    if (!words.empty()) request[key] = words;
}

Json text_file(const std::string& file, std::uint64_t most) {
    return {{"file", file}, {"text", read_file(file, most)}};
}

void put_definition(Json& request, const std::string& file) {
    request["definition"] = text_file(file);
}

void throw_mistakes(const Json& checked, const std::string& what) {
    Diagnostics diagnostics;
    for (const JsonReader& mistake : JsonReader(checked, "check").objects("mistakes"))
        diagnostics.add(mistake.string("file"), static_cast<int>(mistake.integer("line")),
                        mistake.string("path"), mistake.string("message"));
    diagnostics.throw_if_any(what);
}

}  // namespace patchlab::cli
