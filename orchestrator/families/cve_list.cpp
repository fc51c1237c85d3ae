// SPDX-License-Identifier: Apache-2.0
//
// find_cves(): numbers of vulnerabilities, the short forms of lists among them.
#include <algorithm>
#include <set>
#include <utility>

#include "orchestrator/families/fixes.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families {

namespace {

constexpr std::size_t shortest_number = 4, longest_number = 19;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_letter(char c) { return small(c) >= 'a' && small(c) <= 'z'; }

/// Reads one list: a whole number, then what is joined to it.
class CveList {
  public:
    using Number = std::pair<std::string, std::pair<std::size_t, std::string>>;  ///< sorts by value

    CveList(std::string_view text, std::size_t at) : text_(text), at_(at) {}

    /// False when there is no number here.
    bool read(std::set<Number>& found) {
        if (!read_name() || !read_year() || !skip_dash()) return false;
        const bool braced = at_ < text_.size() && (text_[at_] == '{' || text_[at_] == '[');
        if (braced) ++at_;
        const std::string first = digits();
        if (!is_number(first)) return false;
        add(found, first);
        while (read_next(found, first.size(), braced)) {
        }
        return true;
    }

    std::size_t end() const { return at_; }

  private:
    bool read_name() {
        for (const char letter : {'c', 'v', 'e'})
            if (at_ >= text_.size() || small(text_[at_++]) != letter) return false;
        return skip_dash();
    }

    /// A hyphen, in whichever of its forms; an underscore stands in names of files, a space in
    /// prose.
    bool skip_dash() {
        for (const std::string_view dash : {"-", "_", " ", "\u2010", "\u2011", "\u2012", "\u2013"})
            if (text_.substr(at_).starts_with(dash)) {
                at_ += dash.size();
                return true;
            }
        return false;
    }

    std::string digits() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    bool read_year() {
        year_ = digits();
        return year_.size() == 4;
    }

    static bool is_number(const std::string& number) {
        return number.size() >= shortest_number && number.size() <= longest_number;
    }

    void add(std::set<Number>& found, const std::string& number) const {
        found.insert({year_, {number.size(), number}});
    }

    void skip_spaces() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }

    bool take(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }

    /// What joins two numbers: "/", ",", "and", …. A slash alone needs no more proof that a number
    /// follows.
    enum class Joint { none, slash, word };
    Joint joint() {
        skip_spaces();
        if (take("/") || take("|")) return Joint::slash;
        const bool listed = take(",") || take("&") || take("+");
        skip_spaces();
        const bool worded = take("and ") || take("or ") || take("and\n") || take("& ");
        skip_spaces();
        return listed || worded ? Joint::word : Joint::none;
    }

    /// "/20006", ", -20006", "and 2026-20006". Where nothing is there, the place is as it was.
    bool read_next(std::set<Number>& found, std::size_t usual, bool braced) {
        const std::size_t before = at_;
        const std::string year = year_;
        if (read_joined(found, usual, braced)) return true;
        at_ = before;
        year_ = year;
        return false;
    }

    bool read_joined(std::set<Number>& found, std::size_t usual, bool braced) {
        const Joint joined = joint();
        if (joined == Joint::none || at_ >= text_.size()) return false;
        const bool dashed = !is_digit(text_[at_]) && text_[at_] != ' ' && skip_dash();
        std::string number = digits();
        if (!dashed && number.size() == 4 && at_ < text_.size() && text_[at_] == '-') {
            year_ = number;
            ++at_;
            number = digits();
            if (!is_number(number)) return false;
        } else if (!dashed && joined == Joint::word && !braced && !stands_alone(number, usual)) {
            return false;
        }
        if (!is_number(number) || (at_ < text_.size() && is_letter(text_[at_]))) return false;
        add(found, number);
        return true;
    }

    /// "CVE-2026-20005, 4096 bytes" names one: a bare number has as many digits as the first, and
    /// no noun behind it.
    bool stands_alone(const std::string& number, std::size_t usual) const {
        if (number.size() != usual) return false;
        std::size_t next = at_;
        while (next < text_.size() && is_space(text_[next])) ++next;
        if (next >= text_.size() || !is_letter(text_[next])) return true;
        const std::string_view rest = text_.substr(next);
        return next > at_ &&
               (text_[at_] == '\n' || rest.starts_with("and ") || rest.starts_with("or ") ||
                rest.starts_with("is ") || rest.starts_with("are ") || rest.starts_with("in "));
    }

    std::string_view text_;
    std::size_t at_;
    std::string year_;
};

}  // namespace

std::vector<std::string> find_cves(std::string_view text) {
    std::set<CveList::Number> found;
    for (std::size_t at = 0; at + 13 <= text.size(); ++at) {
        if (small(text[at]) != 'c' || (at > 0 && is_letter(text[at - 1]))) continue;
        CveList list(text, at);
        if (list.read(found)) at = list.end() - 1;
    }
    std::vector<std::string> cves;
    for (const auto& [year, number] : found) cves.push_back("CVE-" + year + "-" + number.second);
    return cves;
}

}  // namespace patchlab::families
