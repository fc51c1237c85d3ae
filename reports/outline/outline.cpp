// SPDX-License-Identifier: Apache-2.0
#include "reports/outline/outline.hpp"

namespace patchlab::reports::outline {

// Not inline: GCC 12 warns, falsely, of each literal that it sees moved into a text.
Span words(std::string said) { return {Span::Kind::words, std::move(said)}; }
Span strong(std::string said) { return {Span::Kind::strong, std::move(said)}; }
Span guest(std::string said) { return {Span::Kind::guest, std::move(said)}; }
Span code(std::string said) { return {Span::Kind::code, std::move(said)}; }
Heading heading(std::string title) { return {std::move(title)}; }

}  // namespace patchlab::reports::outline
