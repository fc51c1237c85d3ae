// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/guest_installer.hpp"

#include <algorithm>

#include "orchestrator/families/scripts.hpp"

namespace patchlab::families {

guest::GuestCommand GuestInstaller::look() const {
    return {guest::shell_words(script("await_install.sh"), {}), {}, {}, Seconds(24), 65536};
}

guest::GuestCommand GuestInstaller::read_log() const {
    return {{"/bin/cat", "/run/patchlab/install.log"}, {}, {}, Seconds(60), 4U << 20};
}

std::string last_lines(std::string_view log, std::size_t count) {
    std::size_t begin = log.ends_with('\n') ? log.size() - 1 : log.size();
    for (; count > 0 && begin > 0; --count) {
        const std::size_t end_of_line_before = log.rfind('\n', begin - 1);
        if (end_of_line_before == std::string_view::npos) return std::string(log);
        begin = end_of_line_before;
    }
    return std::string(log.substr(std::min(log.size(), begin + 1)));
}

}  // namespace patchlab::families
