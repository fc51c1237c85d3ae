// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/orchestrator/service/console/html_check.hpp"

#include <array>
#include <set>

namespace patchlab::tests {

namespace {

constexpr std::array void_tags{"input", "link", "meta", "br", "hr", "img"};

bool is_void(std::string_view tag) {
    for (const std::string_view one : void_tags)
        if (tag == one) return true;
    return false;
}

std::string unescaped(std::string_view text) {
    static const std::map<std::string, std::string> known{
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"#39", "'"}};
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
        const auto found = end == std::string_view::npos
                               ? known.end()
                               : known.find(std::string(text.substr(i + 1, end - i - 1)));
        if (found == known.end()) {
            out += text[i];
            continue;
        }
        out += found->second;
        i = end;
    }
    return out;
}

class Reader {
  public:
    explicit Reader(std::string_view html) : html_(html) {}

    HtmlPage read() {
        if (!html_.starts_with("<!doctype html>")) mistake("there is no doctype");
        at_ = html_.find('\n');
        while (at_ < html_.size()) {
            if (html_[at_] == '<') read_tag();
            else read_text();
        }
        for (const std::size_t open : open_)
            mistake("<" + page_.elements[open].tag + "> is never closed");
        check_references();
        return page_;
    }

  private:
    void mistake(const std::string& what) { page_.mistakes.push_back(what); }

    void read_text() {
        const std::size_t end = std::min(html_.find('<', at_), html_.size());
        const std::string_view raw = html_.substr(at_, end - at_);
        if (raw.find('>') != std::string_view::npos) mistake("a bare '>' in text");
        const std::string text = unescaped(raw);
        for (const std::size_t open : open_) page_.elements[open].text += text;
        at_ = end;
    }

    void read_tag() {
        const bool closes = html_.substr(at_).starts_with("</");
        std::size_t end = at_ + (closes ? 2 : 1);
        const std::size_t begin = end;
        while (end < html_.size() && html_[end] != ' ' && html_[end] != '>') ++end;
        const std::string tag(html_.substr(begin, end - begin));
        at_ = end;
        if (closes) return close(tag);
        HtmlElement element{tag, read_attributes(), {}, open_};
        page_.elements.push_back(element);
        if (!is_void(tag)) open_.push_back(page_.elements.size() - 1);
    }

    void close(const std::string& tag) {
        ++at_;
        if (open_.empty()) return mistake("</" + tag + "> closes nothing");
        if (page_.elements[open_.back()].tag != tag)
            mistake("</" + tag + "> closes <" + page_.elements[open_.back()].tag + ">");
        open_.pop_back();
    }

    std::map<std::string, std::string> read_attributes() {
        std::map<std::string, std::string> attributes;
        while (at_ < html_.size() && html_[at_] == ' ') {
            const std::size_t equals = html_.find("=\"", at_);
            const std::string name(html_.substr(at_ + 1, equals - at_ - 1));
            const std::size_t end = html_.find('"', equals + 2);
            if (!attributes.emplace(name, unescaped(html_.substr(equals + 2, end - equals - 2)))
                     .second)
                mistake("the attribute " + name + " comes twice");
            at_ = end + 1;
        }
        if (at_ >= html_.size() || html_[at_] != '>') mistake("a tag does not end");
        ++at_;
        return attributes;
    }

    void check_references() {
        std::set<std::string> ids;
        for (const HtmlElement& element : page_.elements)
            if (element.has("id") && !ids.insert(element.at("id")).second)
                mistake("the id '" + element.at("id") + "' comes twice");
        for (const HtmlElement& element : page_.elements)
            for (const char* name : {"for", "aria-labelledby", "aria-describedby", "form"})
                if (element.has(name) && element.tag != "output" && !ids.contains(element.at(name)))
                    mistake(std::string(name) + " refers to '" + element.at(name) +
                            "', which is not there");
    }

    std::string_view html_;
    std::size_t at_ = 0;
    std::vector<std::size_t> open_;
    HtmlPage page_;
};

}  // namespace

std::vector<const HtmlElement*> HtmlPage::all(std::string_view tag) const {
    std::vector<const HtmlElement*> found;
    for (const HtmlElement& element : elements)
        if (element.tag == tag) found.push_back(&element);
    return found;
}

HtmlPage read_html(std::string_view html) { return Reader(html).read(); }

}  // namespace patchlab::tests
