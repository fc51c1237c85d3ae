// SPDX-License-Identifier: Apache-2.0
#include "platform/core/diagnostics.hpp"

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab {

std::string Diagnostic::text() const {
    return file + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
           (path.empty() ? "/" : path) + ": " + message;
}

void Diagnostics::add(std::string file, int line, std::string path, std::string message) {
    items.push_back({std::move(file), line, std::move(path), std::move(message)});
}

void Diagnostics::throw_if_any(const std::string& what) const {
    if (ok()) return;
    std::string list;
    for (const Diagnostic& item : items) list += (list.empty() ? "" : "\n") + item.text();
    throw Error(
        ErrorCode::invalid,
        what + ": " + std::to_string(items.size()) + (items.size() == 1 ? " mistake" : " mistakes"),
        list);
}

Json Diagnostics::to_json() const {
    Json list = Json::array();
    for (const Diagnostic& item : items)
        list.push_back({{"file", item.file},
                        {"line", item.line},
                        {"path", item.path},
                        {"message", item.message}});
    return list;
}

}  // namespace patchlab
