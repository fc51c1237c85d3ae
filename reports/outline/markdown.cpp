// SPDX-License-Identifier: Apache-2.0
#include "reports/markdown/escape.hpp"
#include "reports/outline/outline.hpp"

namespace patchlab::reports::outline {

namespace {

/// The spaces around a part of a sentence count; escaping drops those around a whole line.
std::string in_sentence(const std::string& said) {
    const std::string inner = markdown::text(said, longest_span);
    if (inner.empty()) return said.empty() ? "" : " ";
    return (said.starts_with(' ') ? " " : "") + inner + (said.ends_with(' ') ? " " : "");
}

std::string written(const Text& text, bool cell = false) {
    std::string out;
    for (const Span& span : text) {
        switch (span.kind) {
            case Span::Kind::strong:
                out += "**" + markdown::text(span.said, longest_span) + "**" +
                       (span.said.ends_with(' ') ? " " : "");
                break;
            case Span::Kind::code: out += markdown::code(span.said, cell, longest_span); break;
            case Span::Kind::guest:
            case Span::Kind::words: out += in_sentence(span.said); break;
        }
    }
    return out;
}

struct MarkdownBlocks {
    std::string& out;

    void operator()(const Paragraph& paragraph) const { out += written(paragraph.text) + "\n\n"; }
    void operator()(const Callout& callout) const { out += "> " + written(callout.text) + "\n\n"; }
    void operator()(const List& list) const {
        std::size_t number = 1;
        for (const Item& item : list.items) {
            const std::string mark = list.numbered ? std::to_string(number++) + ". " : "- ";
            out += mark + written(item.text) + "\n";
            if (item.commands.empty()) continue;
            std::string together;
            for (const std::string& command : item.commands) together += command + "\n";
            out += "\n" + markdown::block(together, std::string(mark.size(), ' ')) + "\n";
        }
        if (!out.ends_with("\n\n")) out += "\n";
    }
    void operator()(const Pairs& pairs) const {
        for (const auto& [label, value] : pairs.pairs)
            out += "- " + markdown::text(label) + ": " + written(value) + "\n";
        out += "\n";
    }
    void operator()(const Table& table) const {
        std::string rule;
        for (const std::string& title : table.header) {
            out += "| " + markdown::text(title) + " ";
            rule += "| --- ";
        }
        out += "|\n" + rule + "|\n";
        for (const std::vector<Text>& cells : table.rows) {
            for (const Text& cell : cells) out += "| " + written(cell, true) + " ";
            out += "|\n";
        }
        out += "\n";
    }
    void operator()(const Quotation& quotation) const {
        out += markdown::text(quotation.title) + "\n\n" + markdown::block(quotation.said) + "\n";
    }
    void operator()(const Heading& heading) const {
        out += "### " + markdown::text(heading.words) + "\n\n";
    }
};

}  // namespace

std::string to_markdown(const Outline& outline) {
    std::string out = "# " + markdown::text(outline.title, 200) + "\n\n**" +
                      markdown::text(outline.state) + "** · " + written(outline.over) + "\n\n";
    for (const Text& text : outline.summary) out += written(text) + "\n\n";
    for (const Fact& fact : outline.facts)
        out += "- " + markdown::text(fact.label) + ": **" + markdown::text(fact.value) + "**" +
               (fact.note.empty() ? "" : ", " + markdown::text(fact.note)) + "\n";
    out += "\n";
    for (const Section& section : outline.sections) {
        out += "## " + markdown::text(section.title) + "\n\n";
        for (const Block& block : section.blocks) std::visit(MarkdownBlocks{out}, block);
    }
    out.erase(out.find_last_not_of('\n') + 1);
    return out + "\n";
}

}  // namespace patchlab::reports::outline
