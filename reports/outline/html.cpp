// SPDX-License-Identifier: Apache-2.0
#include "reports/html/page.hpp"
#include "reports/outline/outline.hpp"

namespace patchlab::reports::outline {

namespace {

using html::Writer;

const char* class_of(Tone tone) {
    switch (tone) {
        case Tone::plain: return "plain";
        case Tone::good: return "good";
        case Tone::warn: return "warn";
        case Tone::bad: return "bad";
        case Tone::unsure: return "unsure";
    }
    return "plain";
}

/// The class of a page's colours is named after the verdict it was first made for.
const char* page_class(Tone tone) {
    switch (tone) {
        case Tone::good: return "validated";
        case Tone::warn: return "needs-review";
        case Tone::bad: return "rejected";
        case Tone::unsure: return "inconclusive";
        case Tone::plain: return "not-judged";
    }
    return "not-judged";
}

void write(Writer& out, const Text& text) {
    for (const Span& span : text) {
        switch (span.kind) {
            case Span::Kind::words: out.text(span.said); break;
            case Span::Kind::strong: out.element("strong", span.said); break;
            case Span::Kind::guest: out.guest(span.said, longest_span); break;
            case Span::Kind::code: out.guest_code(span.said, longest_span); break;
        }
    }
}

struct HtmlBlocks {
    Writer& out;

    void operator()(const Paragraph& paragraph) const {
        const auto element = paragraph.note ? out.open("p", {{"class", "note"}}) : out.open("p");
        write(out, paragraph.text);
    }
    void operator()(const Callout& callout) const {
        const auto element =
            out.open("p", {{"class", std::string("reason ") + class_of(callout.tone)}});
        write(out, callout.text);
    }
    void operator()(const List& list) const {
        const auto element = out.open(list.numbered ? "ol" : "ul");
        for (const Item& item : list.items) {
            const auto point = out.open("li");
            write(out, item.text);
            for (const std::string& command : item.commands) {
                const auto pre =
                    out.open("pre", {{"class", "command"}, {"dir", "ltr"}, {"tabindex", "0"}});
                out.guest(command, longest_span);
            }
        }
    }
    void operator()(const Pairs& pairs) const {
        const auto element = out.open("dl", {{"class", "pairs"}});
        for (const auto& [label, value] : pairs.pairs) {
            const auto pair = out.open("div");
            out.element("dt", label);
            const auto answer = out.open("dd");
            write(out, value);
        }
    }
    void operator()(const Table& table) const {
        const auto element = out.open("table", {{"class", "stack"}, {"role", "table"}});
        out.element("caption", table.caption);
        {
            const auto head = out.open("thead", {{"role", "rowgroup"}});
            const auto row = out.open("tr", {{"role", "row"}});
            for (const std::string& title : table.header)
                out.element("th", {{"scope", "col"}, {"role", "columnheader"}}, title);
        }
        const auto body = out.open("tbody", {{"role", "rowgroup"}});
        for (const std::vector<Text>& cells : table.rows) {
            const auto row = out.open("tr", {{"role", "row"}});
            for (std::size_t i = 0; i < cells.size(); ++i) {
                const auto cell =
                    i == 0 ? out.open("th", {{"scope", "row"}, {"role", "rowheader"}})
                           : out.open("td", {{"role", "cell"}, {"data-label", table.header.at(i)}});
                write(out, cells[i]);
            }
        }
    }
    void operator()(const Quotation& quotation) const {
        const auto box = out.open("details");
        {
            const auto summary = out.open("summary");
            out.guest(quotation.title);
        }
        const auto pre = out.open("pre", {{"tabindex", "0"}});
        out.guest(quotation.said, 16'000);
    }
    void operator()(const Heading& heading) const { out.element("h3", heading.words); }
};

void write_head(Writer& out, const Outline& outline) {
    const auto header = out.open("header", {{"class", "hero"}});
    {
        const auto line = out.open("p", {{"class", "over"}});
        write(out, outline.over);
    }
    {
        const auto headline = out.open("h1");
        out.element("span", {{"class", "sign"}, {"aria-hidden", "true"}}, outline.sign);
        const auto title = out.open("span");
        out.guest(outline.title, 200);
    }
    out.element("p", {{"class", "state"}}, outline.state);
    bool first = true;
    for (const Text& text : outline.summary) {
        const auto line = out.open("p", {{"class", first ? "summary" : "meaning"}});
        write(out, text);
        first = false;
    }
    const auto facts = out.open("dl", {{"class", "facts"}});
    for (const Fact& fact : outline.facts) {
        const auto item = out.open("div", {{"class", std::string("fact ") + class_of(fact.tone)}});
        out.element("dt", fact.label);
        const auto answer = out.open("dd");
        out.element("strong", fact.value);
        if (!fact.note.empty()) out.element("span", fact.note);
    }
}

}  // namespace

std::string to_html(const Outline& outline) {
    Writer body;
    write_head(body, outline);
    for (const Section& section : outline.sections) {
        const auto element = body.open("section", {{"aria-labelledby", section.id}});
        body.element("h2", {{"id", section.id}}, section.title);
        for (const Block& block : section.blocks) std::visit(HtmlBlocks{body}, block);
    }
    return html::whole_page(outline.state + ": " + outline.title, page_class(outline.tone), body);
}

}  // namespace patchlab::reports::outline
