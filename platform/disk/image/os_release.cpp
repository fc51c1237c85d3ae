// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/os_release.hpp"

#include <algorithm>
#include <sstream>
#include <string>

namespace patchlab::disk {

namespace {

std::string value_of(std::string text) {
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
        text.back() == text.front())
        text = text.substr(1, text.size() - 2);
    text.resize(std::min<std::size_t>(text.size(), 200));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text;
}

}  // namespace

void apply_os_release(std::string_view text, OsInspection& os) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        const std::string field = line.substr(0, equals);
        const std::string value = value_of(line.substr(equals + 1));
        if (value.empty()) continue;
        if (field == "ID") os.distro = value;
        if (field == "VERSION_ID") os.version = value;
        if (field == "VERSION_CODENAME") os.codename = value;
        if (field == "PRETTY_NAME") os.product = value;
    }
}

}  // namespace patchlab::disk
