// SPDX-License-Identifier: Apache-2.0
//
// A document for people, as its parts and not as its looks: a headline, a few facts, sections of
// paragraphs, lists, tables and commands. One outline is written as HTML and as Markdown, so both
// say the same. Words are literals and sentences of this program; what a guest, a package or a
// person said goes in as `guest` or `code`, which no renderer lets be anything but text. Values;
// renderers are pure functions.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace patchlab::reports::outline {

struct Span {
    enum class Kind { words, strong, guest, code };
    Kind kind = Kind::words;
    std::string said;
};
using Text = std::vector<Span>;

Span words(std::string said);
Span strong(std::string said);
Span guest(std::string said);
Span code(std::string said);

/// How something is to be taken. It never stands alone: the words say it, too.
enum class Tone { plain, good, warn, bad, unsure };

struct Paragraph {
    Text text;
    bool note = false;  ///< smaller, of less weight
};
struct Callout {
    Tone tone = Tone::plain;
    Text text;
};
struct Item {
    Text text;
    std::vector<std::string> commands;  ///< to be typed as they stand
};
struct List {
    std::vector<Item> items;
    bool numbered = false;
};
struct Pairs {
    std::vector<std::pair<std::string, Text>> pairs;
};
struct Table {
    std::string caption;
    std::vector<std::string> header;
    std::vector<std::vector<Text>> rows;  ///< each as long as the header
};
/// Long text as it was written; folded away where that is possible.
struct Quotation {
    std::string title;
    std::string said;
};
struct Heading {
    std::string words;
};
using Block = std::variant<Paragraph, Callout, List, Pairs, Table, Quotation, Heading>;
Heading heading(std::string title);

struct Section {
    std::string id;  ///< a literal: a word
    std::string title;
    std::vector<Block> blocks;
};

struct Fact {
    Tone tone = Tone::plain;
    std::string label, value, note;
};

struct Outline {
    Text over;          ///< the line above the headline
    std::string title;  ///< the headline, and the page's title; may hold what a package said
    Tone tone = Tone::plain;
    std::string sign;           ///< one character that says the tone without colour
    std::string state;          ///< the tone in words: "Approved"
    std::vector<Text> summary;  ///< below the headline, the first of more weight
    std::vector<Fact> facts;
    std::vector<Section> sections;
};

constexpr std::size_t longest_span = 4000;  ///< characters of one span that are written

/// One self-contained page.
std::string to_html(const Outline& outline);
/// CommonMark with tables.
std::string to_markdown(const Outline& outline);

}  // namespace patchlab::reports::outline
