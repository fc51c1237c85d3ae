// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/log_cause.hpp"

#include <algorithm>

#include "platform/core/text.hpp"

namespace patchlab::families {

void LogCause::add(std::string_view line) {
    line = trimmed(line);
    if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) lines_.push_back(line);
}

std::string LogCause::text() const {
    constexpr std::size_t most = 400;
    std::string all;
    for (const std::string_view line : lines_) {
        if (!all.empty()) all += all.ends_with(':') ? " " : "; ";
        all += line;
    }
    return printable(all, most);
}

}  // namespace patchlab::families
