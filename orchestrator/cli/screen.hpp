// SPDX-License-Identifier: Apache-2.0
//
// The last step before stdout and stderr. Names and messages come from guests and packages, so
// nothing reaches a terminal unless it is plain text (platform/core/text.hpp): whatever could steer
// a terminal is spelled out by the stream itself, whoever wrote it. Our own colours and movements
// of the cursor are values, not text, so no text can pretend to be one.
// Thread safety: as a stream.
#pragma once

#include <optional>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::cli {

enum class Style { plain, bold, dim, good, bad, unsure, busy, back };

/// A piece of a line in one style.
struct Span {
    Span(std::string words, Style how = Style::plain) : text(std::move(words)), style(how) {}
    Span(const char* words, Style how = Style::plain) : text(words), style(how) {}
    std::string text;
    Style style;
    bool operator==(const Span&) const = default;
};
using Line = std::vector<Span>;

/// Takes the place of a stream's buffer while it lives.
class GuardedOutput : public std::streambuf {
  public:
    /// `fd`: what the stream writes to. Styles and movements are sent to a terminal alone, styles
    /// only while `NO_COLOR` is not set.
    GuardedOutput(std::ostream& stream, int fd);
    ~GuardedOutput() override;
    GuardedOutput(const GuardedOutput&) = delete;
    GuardedOutput& operator=(const GuardedOutput&) = delete;

    /// Past the guard: bytes that are none of a guest's.
    void send(std::string_view bytes);
    bool terminal() const { return terminal_; }
    bool colours() const { return colours_; }
    void set_colours(bool wanted) { colours_ = wanted; }

    /// From here on what is written is kept, as it would have been shown.
    void begin_page();
    /// Gives what was kept; what is written next is shown at once again.
    std::string end_page();

  protected:
    int_type overflow(int_type c) override;
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    int sync() override;

  private:
    void pass(bool all);
    void write(std::string_view bytes);

    std::ostream& stream_;
    std::streambuf* below_;
    bool terminal_;
    bool colours_;
    std::optional<std::string> page_;
    bool failed_ = false;  ///< something could not be written
    std::string held_;     ///< the beginning of a character whose end has not come yet
};

/// The guard of a stream; nullptr when it has none.
GuardedOutput* guard_of(std::ostream& out);

std::ostream& operator<<(std::ostream& out, Style style);
std::ostream& operator<<(std::ostream& out, const Span& span);
std::ostream& operator<<(std::ostream& out, const Line& line);

/// To the beginning of the line, which is emptied.
struct EmptyLine {};
std::ostream& operator<<(std::ostream& out, EmptyLine);
/// So many lines up; what stood below is gone.
struct LinesUp {
    std::size_t count;
};
std::ostream& operator<<(std::ostream& out, LinesUp lines);
/// A whole document, byte for byte: to a file or a pipe. A terminal gets it as plain text.
struct Exact {
    std::string_view text;
};
std::ostream& operator<<(std::ostream& out, const Exact& document);

}  // namespace patchlab::cli
