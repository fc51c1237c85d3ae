// SPDX-License-Identifier: Apache-2.0
#include "platform/core/diagnostics.hpp"

#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab {

std::string Diagnostic::text() const {
    return file + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
           (path.empty() ? "/" : path) + ": " + message;
}

void Diagnostics::add(std::string file, int line, std::string path, std::string message) {
    items.push_back({std::move(file), line, std::move(path), std::move(message)});
}

bool Diagnostics::sound(std::string_view path) const {
    return std::none_of(items.begin(), items.end(), [&](const Diagnostic& item) {
        return item.path.starts_with(path) &&
               (item.path.size() == path.size() || item.path[path.size()] == '/');
    });
}

void Diagnostics::sort_by_line() {
    for (auto begin = items.begin(); begin != items.end();) {
        const auto end = std::find_if(
            begin, items.end(), [&](const Diagnostic& item) { return item.file != begin->file; });
        std::stable_sort(begin, end,
                         [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
        begin = end;
    }
}

void Diagnostics::throw_if_any(const std::string& what) const {
    if (ok()) return;
    std::string list;
    for (const Diagnostic& item : items) list += (list.empty() ? "" : "\n") + one_line(item.text());
    throw Error(ErrorCode::invalid, what + ": " + count_text(items.size(), "mistake"), list);
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
