// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace patchlab::cli {

namespace {

constexpr std::size_t usual_width = 100, least_width = 20, most_width = 10'000;

}  // namespace

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

bool is_terminal(int fd) { return ::isatty(fd) == 1 && environment("TERM") != "dumb"; }

std::size_t terminal_width(int fd) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= least_width) return size.ws_col;
    const std::string said = environment("COLUMNS");
    std::size_t columns = 0;
    std::from_chars(said.data(), said.data() + said.size(), columns);
    return columns >= least_width && columns <= most_width ? columns : usual_width;
}

std::size_t terminal_height(int fd) {
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

std::string labelled(const std::string& label, const std::string& text, std::size_t width) {
    if (text.empty()) return {};
    return padded(label, label.size() < width ? width : label.size() + 1) + one_line(text) + "\n";
}

}  // namespace patchlab::cli
