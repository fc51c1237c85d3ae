// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/multipart.hpp"

#include <algorithm>
#include <optional>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::front {

namespace {

constexpr std::size_t longest_head = 4096;

[[noreturn]] void no_form(const char* why) {
    throw Error(ErrorCode::invalid, std::string("the form with files is broken: ") + why);
}

/// A parameter of a header's value: name="x" or filename=x.
std::optional<std::string> parameter_of(std::string_view value, std::string_view wanted) {
    auto at = value.find(';');
    while (at != std::string_view::npos) {
        value.remove_prefix(at + 1);
        const auto equals = value.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string name = in_small_letters(trimmed(value.substr(0, equals)));
        value.remove_prefix(equals + 1);
        std::string text;
        if (value.starts_with('"')) {
            std::size_t i = 1;
            for (; i < value.size() && value[i] != '"'; ++i) {
                if (value[i] == '\\' && i + 1 < value.size()) ++i;
                text += value[i];
            }
            value.remove_prefix(std::min(i + 1, value.size()));
        } else {
            text = trimmed(value.substr(0, value.find(';')));
        }
        if (name == wanted) return text;
        at = value.find(';');
    }
    return std::nullopt;
}

Part part_from(std::string_view head, std::string_view content) {
    Part part;
    part.content = content;
    while (!head.empty()) {
        const auto end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) no_form("a line of a part's head has no colon");
        if (in_small_letters(trimmed(line.substr(0, colon))) != "content-disposition") continue;
        const std::string_view value = line.substr(colon + 1);
        if (in_small_letters(trimmed(value.substr(0, value.find(';')))) != "form-data")
            no_form("a part is no form-data");
        part.name = parameter_of(value, "name").value_or("");
        const auto file = parameter_of(value, "filename");
        part.is_file = file || parameter_of(value, "filename*");
        part.file = file.value_or("");
    }
    if (part.name.empty() || !is_utf8(part.name) || !is_utf8(part.file))
        no_form("a part has no name");
    return part;
}

}  // namespace

std::string boundary_of(std::string_view content_type) {
    if (in_small_letters(trimmed(content_type.substr(0, content_type.find(';')))) !=
        "multipart/form-data")
        return {};
    std::string boundary = parameter_of(content_type, "boundary").value_or("");
    const bool proper =
        !boundary.empty() && boundary.size() <= 70 &&
        std::all_of(boundary.begin(), boundary.end(), [](char c) { return c >= ' ' && c < 0x7f; });
    return proper ? boundary : std::string{};
}

std::vector<Part> parts_of(std::string_view body, std::string_view boundary, std::size_t most) {
    const std::string first = "--" + std::string(boundary), delimiter = "\r\n" + first;
    if (!body.starts_with(first)) no_form("it does not begin with its boundary");
    body.remove_prefix(first.size());
    std::vector<Part> parts;
    while (!body.starts_with("--")) {
        if (!body.starts_with("\r\n")) no_form("something follows a boundary in its line");
        body.remove_prefix(2);
        // a part without head begins with its empty line at once
        const auto head_end = body.starts_with("\r\n") ? 0 : body.find("\r\n\r\n");
        if (head_end == std::string_view::npos || head_end > longest_head)
            no_form("the head of a part does not end");
        const std::string_view head = body.substr(0, head_end);
        body.remove_prefix(head_end + (head_end == 0 ? 2 : 4));
        const auto end = body.find(delimiter);
        if (end == std::string_view::npos) no_form("a part does not end");
        if (parts.size() == most) no_form("it has too many parts");
        parts.push_back(part_from(head, body.substr(0, end)));
        body.remove_prefix(end + delimiter.size());
    }
    return parts;
}

}  // namespace patchlab::service::front
