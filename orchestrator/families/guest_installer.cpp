// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/guest_installer.hpp"

#include <algorithm>
#include <sstream>

#include "orchestrator/families/scripts.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families {

guest::GuestCommand GuestInstaller::look() const {
    return {guest::shell_words(script("await_install.sh"), {}), {}, {}, Seconds(24), 65536};
}

guest::GuestCommand GuestInstaller::activity() const {
    return {{"/usr/bin/perl", "-", "activity"}, script("installation.pl"), {}, Seconds(25), 4096};
}

std::optional<InstallActivity> GuestInstaller::read_activity(std::string_view out) const {
    std::istringstream in{std::string(out)};
    std::string word;
    InstallActivity seen;
    in >> word >> seen.uptime >> seen.processor >> seen.log >> seen.moved >> seen.others >>
        seen.sectors >> seen.awake;
    if (!in || word != "activity" || seen.uptime < 0) return std::nullopt;
    return seen;
}

guest::GuestCommand GuestInstaller::waits() const {
    return {{"/usr/bin/perl", "-", "waits"}, script("installation.pl"), {}, Seconds(60), 65536};
}

std::string GuestInstaller::read_waits(std::string_view out) const {
    constexpr std::string_view mark = "waits ";
    std::istringstream lines{std::string(out)};
    std::string cause;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(mark)) cause += (cause.empty() ? "" : "; ") + line.substr(mark.size());
    return plain_text(cause, 400);
}

guest::GuestCommand GuestInstaller::read_log() const {
    return {{"/bin/cat", "/run/patchlab/install.log"}, {}, {}, Seconds(60), 4U << 20};
}

guest::GuestCommand GuestInstaller::end() const {
    return {guest::shell_words(script("end_install.sh"), {}), {}, {}, Seconds(90), 65536};
}

guest::GuestCommand begin_install(std::string_view family, const std::vector<std::string>& words) {
    // kept where its unit can start it again; one message all the same
    std::vector<std::string> all{"/run/patchlab/install.sh", "begin"};
    all.insert(all.end(), words.begin(), words.end());
    return {guest::shell_words(script("keep_and_run.sh"), all),
            script(family, "install.sh"),
            {},
            Seconds(120),
            65536};
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
