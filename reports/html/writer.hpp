// SPDX-License-Identifier: Apache-2.0
//
// Builds HTML that cannot be broken by what it shows: elements close themselves, all text and every
// attribute value is made plain and escaped, and there is no way to put raw markup in. Tags and
// attribute names are literals of this program. Thread safety: one a thread.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::reports::html {

struct Attribute {
    const char* name;
    std::string value;
};
using Attributes = std::initializer_list<Attribute>;

class Writer {
  public:
    /// An open element; its end tag is written when it goes out of scope.
    class Element {
      public:
        Element(Writer& writer, const char* tag) : writer_(writer), tag_(tag) {}
        ~Element();
        Element(const Element&) = delete;
        Element& operator=(const Element&) = delete;

      private:
        Writer& writer_;
        const char* tag_;
    };

    [[nodiscard]] Element open(const char* tag, Attributes attributes = {});
    /// The same with attributes that were put together.
    [[nodiscard]] Element open_with(const char* tag, const std::vector<Attribute>& attributes);
    /// An element that has no content and no end tag: input, link, meta.
    void lone(const char* tag, Attributes attributes);
    void lone_with(const char* tag, const std::vector<Attribute>& attributes);
    /// A whole element around text.
    void element(const char* tag, Attributes attributes, std::string_view text);
    void element(const char* tag, std::string_view text) { element(tag, {}, text); }
    void text(std::string_view text);
    /// What a guest or a package said: made plain, cut at `max_bytes`, and isolated so that its
    /// direction cannot turn its neighbours.
    void guest(std::string_view text, std::size_t max_bytes = 600);
    void guest_code(std::string_view text, std::size_t max_bytes = 600);
    /// What another writer wrote. None of its elements is open any more.
    void append(const Writer& complete) { html_ += complete.html_; }

    const std::string& html() const { return html_; }

  private:
    void start(const char* tag, std::span<const Attribute> attributes);
    std::string html_;
};

/// `text` with the five characters that mean something in HTML escaped, and everything that is not
/// plain spelled out.
std::string escape(std::string_view text, std::size_t max_bytes = std::string_view::npos);

}  // namespace patchlab::reports::html
