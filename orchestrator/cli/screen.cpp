// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/screen.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "platform/core/text.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t longest_character = 4;

bool colours_wanted() { return environment("NO_COLOR").empty(); }

void send_to_terminal(std::ostream& out, const std::string& bytes) {
    if (GuardedOutput* guard = guard_of(out); guard && guard->terminal()) guard->send(bytes);
}

const char* code_of(Style style) {
    switch (style) {
        case Style::plain: return "0";
        case Style::bold: return "1";
        case Style::dim: return "2";
        case Style::good: return "32";
        case Style::bad: return "31";
        case Style::unsure: return "33";
        case Style::busy: return "36";
        case Style::back: return "35";
    }
    return "0";
}

/// What may be the beginning of a character: fewer bytes than it needs, the first of which opens
/// one.
bool may_begin_character(std::string_view rest) {
    if (rest.size() >= longest_character) return false;
    const auto first = static_cast<unsigned char>(rest.front());
    return first >= 0xC2 && first <= 0xF4;
}

}  // namespace

GuardedOutput* guard_of(std::ostream& out) { return dynamic_cast<GuardedOutput*>(out.rdbuf()); }

GuardedOutput::GuardedOutput(std::ostream& stream, int fd)
    : stream_(stream),
      below_(stream.rdbuf(this)),
      terminal_(is_terminal(fd)),
      colours_(terminal_ && colours_wanted()) {}

GuardedOutput::~GuardedOutput() {
    pass(true);
    stream_.rdbuf(below_);
}

void GuardedOutput::send(std::string_view bytes) {
    pass(true);
    write(bytes);
}

void GuardedOutput::begin_page() {
    sync();
    page_.emplace();
}

std::string GuardedOutput::end_page() {
    pass(true);
    std::string text = page_.value_or("");
    page_.reset();
    return text;
}

void GuardedOutput::write(std::string_view bytes) {
    if (page_) {
        page_->append(bytes);
        return;
    }
    const auto size = static_cast<std::streamsize>(bytes.size());
    if (below_->sputn(bytes.data(), size) != size) failed_ = true;
}

/// Hands on what is complete; `all`: the rest, too.
void GuardedOutput::pass(bool all) {
    std::size_t end = held_.size();
    if (!all) {
        std::size_t at = held_.size();
        while (at > 0 && held_.size() - at < longest_character) {
            --at;
            if ((static_cast<unsigned char>(held_[at]) & 0xC0U) == 0x80U) continue;
            if (!character_at(held_, at) && may_begin_character(std::string_view(held_).substr(at)))
                end = at;
            break;
        }
    }
    const std::string shown = plain_text(std::string_view(held_).substr(0, end), std::string::npos);
    held_.erase(0, end);
    write(shown);
}

GuardedOutput::int_type GuardedOutput::overflow(int_type c) {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char one = traits_type::to_char_type(c);
    return xsputn(&one, 1) == 1 ? c : traits_type::eof();
}

std::streamsize GuardedOutput::xsputn(const char* text, std::streamsize size) {
    held_.append(text, static_cast<std::size_t>(size));
    pass(false);
    return failed_ ? 0 : size;
}

int GuardedOutput::sync() {
    pass(true);
    return failed_ ? -1 : below_->pubsync();
}

std::ostream& operator<<(std::ostream& out, Style style) {
    if (GuardedOutput* guard = guard_of(out); guard && guard->colours())
        guard->send(std::string("\033[") + code_of(style) + "m");
    return out;
}

std::ostream& operator<<(std::ostream& out, const Span& span) {
    if (span.style == Style::plain) return out << span.text;
    return out << span.style << span.text << Style::plain;
}

std::ostream& operator<<(std::ostream& out, const Line& line) {
    for (const Span& span : line) out << span;
    return out;
}

std::ostream& operator<<(std::ostream& out, EmptyLine) {
    send_to_terminal(out, "\r\033[K");
    return out;
}

std::ostream& operator<<(std::ostream& out, LinesUp lines) {
    if (lines.count > 0) send_to_terminal(out, "\033[" + std::to_string(lines.count) + "A\033[J");
    return out;
}

std::ostream& operator<<(std::ostream& out, const Exact& document) {
    GuardedOutput* guard = guard_of(out);
    if (guard == nullptr || guard->terminal()) return out << document.text;
    guard->send(document.text);
    return out;
}

}  // namespace patchlab::cli
