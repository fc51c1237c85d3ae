// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/pager.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <sstream>

#include "orchestrator/cli/terminal.hpp"
#include "platform/process/command.hpp"
#include "platform/process/feed.hpp"

namespace patchlab::cli {

namespace {

/// Its words; none: no pager is wanted, or there is none.
std::vector<std::string> pager_command() {
    std::string line = environment("PATCHLAB_PAGER");
    if (line.empty()) line = environment("PAGER");
    if (line.empty()) line = "less";
    std::istringstream in(line);
    std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
    if (words.empty() || words.front() == "cat" || !process::find_program(words.front())) return {};
    return words;
}

std::string without_styles(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') i = std::min(text.find('m', i), text.size());
        else out += text[i];
    }
    return out;
}

}  // namespace

std::size_t lines_on_screen(std::string_view text, std::size_t width) {
    const std::string plain = without_styles(text);
    std::size_t lines = 0;
    for (std::size_t begin = 0; begin < plain.size();) {
        const std::size_t end = std::min(plain.find('\n', begin), plain.size());
        const std::size_t taken = display_width(plain.substr(begin, end - begin));
        lines += taken == 0 || width == 0 ? 1 : (taken + width - 1) / width;
        begin = end + 1;
    }
    return lines;
}

Page::Page(bool wanted) {
    if (!wanted || !is_terminal(STDOUT_FILENO)) return;
    command_ = pager_command();
    if (command_.empty()) return;
    guard_ = guard_of(std::cout);
    if (guard_ != nullptr) guard_->begin_page();
}

Page::~Page() {
    if (guard_ == nullptr) return;
    const std::string text = guard_->end_page();
    const std::size_t height = terminal_height(STDOUT_FILENO);
    const bool fits = height == 0 || lines_on_screen(text, terminal_width(STDOUT_FILENO)) < height;
    if (!fits &&
        process::feed_program(command_, text, environment("LESS").empty() ? "LESS=FRX" : ""))
        return;
    guard_->send(text);
    std::cout << std::flush;
}

}  // namespace patchlab::cli
