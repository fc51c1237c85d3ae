// SPDX-License-Identifier: Apache-2.0
//
// fixed_cves(): what an entry says of the numbers that it names. An entry is cut into items
// (bullets), an item into sentences, a sentence into clauses; each clause says that something is
// fixed, that it is not, or nothing of its own, and then it says what its neighbour says.
#include "orchestrator/families/fixes.hpp"
#include "platform/core/text.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace patchlab::families {

namespace {

enum class Says { nothing, fixed, open };

using Words = std::vector<std::string>;

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Lower case; "doesn't" is one word, and so is "CVE-2026-20005".
Words words_of(std::string_view text) {
    constexpr std::size_t most_words = 400;  // of one clause
    Words words;
    std::string word;
    for (const char c : text) {
        if (words.size() >= most_words) return words;
        const char low = small(c);
        const bool inside = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') ||
                            low == '\'' || low == '-' || low == '_';
        if (inside) word += low;
        else if (!word.empty()) words.push_back(std::exchange(word, {}));
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
}

bool begins(const std::string& word, std::initializer_list<std::string_view> stems) {
    return std::any_of(stems.begin(), stems.end(),
                       [&](std::string_view stem) { return word.starts_with(stem); });
}

bool is_cve(const std::string& word) { return word.starts_with("cve-") || word == "cve"; }

/// A word for a remedy: what can be taken back.
bool is_remedy(const std::string& word) {
    return is_cve(word) || begins(word, {"fix", "patch", "mitigat", "backport", "hardening",
                                         "workaround", "correction", "commit", "change"});
}

bool is_negation(const std::string& word) {
    return is_one_of(
        word, {"not", "never", "cannot", "neither", "nor", "without", "isn't", "doesn't", "aren't",
               "didn't", "won't", "wasn't", "weren't", "hasn't", "haven't", "can't"});
}

/// Of a vulnerability alone one says that it is (not) addressed.
bool is_strong_verb(const std::string& word) {
    return begins(word, {"address", "fix", "mitigat", "patch", "affect", "vulnerab", "backport",
                         "remed", "exploit", "applicable", "impact"});
}
/// Of other things, too.
bool is_weak_verb(const std::string& word) {
    return begins(word, {"resolv", "solv", "clos", "correct", "includ", "contain", "cover", "appl",
                         "handle", "complet", "concern", "part"});
}
bool is_object(const std::string& word) {
    return is_remedy(word) || begins(word, {"issue", "problem", "bug", "flaw", "vulnerab", "hole",
                                            "weakness", "advisor"});
}

/// "not" at `at`: does it deny that something is remedied, within the next few words?
bool denies(const Words& words, std::size_t at) {
    const std::size_t near = std::min(words.size(), at + 5);
    for (std::size_t i = at + 1; i < near; ++i) {
        if (is_strong_verb(words[i])) return true;
        if (!is_weak_verb(words[i])) continue;
        return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end(),
                           is_object);
    }
    return false;
}

bool has_behind(const Words& words, std::size_t at, bool (*is)(const std::string&)) {
    return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end(), is);
}

/// "Drop the patch for X, included upstream": nothing is lost.
bool is_needless(const Words& sentence) {
    for (std::size_t at = 0; at < sentence.size(); ++at) {
        const std::string& word = sentence[at];
        const std::string before = at > 0 ? sentence[at - 1] : "";
        if (begins(word, {"included", "merged", "applied", "obsolete", "superseded", "integrated",
                          "incorporated"}))
            return !is_negation(before);
        if (word == "upstream" && is_one_of(before, {"in", "by", "now", "fixed", "accepted", "to"}))
            return true;
        if (word == "longer" && before == "no") return true;
    }
    return false;
}

/// "Revert the commit that introduced it" closes the hole; "the fix introduced in 1.0" is a fix.
bool is_of_the_culprit(const Words& words) {
    for (std::size_t at = 1; at < words.size(); ++at)
        if (begins(words[at], {"introduc"}) &&
            is_one_of(words[at - 1], {"that", "which", "has", "had"}))
            return true;
    return false;
}

/// A fix is taken back: "Revert the fix for …", "Drop the patch for …". A patch that upstream has
/// taken in is dropped without loss, and what had introduced a hole is reverted to close it.
bool takes_back(const Words& words, std::size_t at, bool needless) {
    const std::string& word = words[at];
    const std::string next = at + 1 < words.size() ? words[at + 1] : "";
    if (begins(word, {"reopen", "reintroduc", "unfix", "unappl"})) return true;
    const bool undone = begins(word, {"revert", "undo", "withdraw", "rollback", "roll-back"}) ||
                        (begins(word, {"back", "roll"}) && is_one_of(next, {"out", "back"}));
    const bool dropped =
        begins(word, {"drop", "disabl", "remov", "delet"}) && has_behind(words, at, is_remedy);
    if (!undone && !dropped) return false;
    if (at > 0 && is_one_of(words[at - 1], {"by", "don't", "not"})) return false;
    if (dropped && is_one_of(next, {"support", "vulnerable", "code", "unsafe", "insecure"}))
        return false;
    if (undone) return !is_of_the_culprit(words);
    return !needless;
}

bool is_left_open(const std::string& word) {
    return is_one_of(word, {"open", "unfixed", "unpatched", "as-is"});
}

/// Of the package as it is now: "this version is known to be affected".
bool is_of_this_version(const Words& words, std::size_t at) {
    const auto end = words.begin() + static_cast<std::ptrdiff_t>(at);
    return std::any_of(words.begin(), end, [](const std::string& word) {
        return is_one_of(word, {"this", "we", "known", "our"});
    });
}

/// Words that say it only of a vulnerability, not of what a program does ("a deferred free").
bool is_put_off(const Words& words, std::size_t at) {
    const std::string before = at > 0 ? words[at - 1] : "";
    const bool ends = at + 1 == words.size() || is_one_of(words[at + 1], {"to", "until", "for"});
    return is_one_of(words[at], {"postponed", "deferred", "pending", "ignored"}) &&
           (is_one_of(before, {"is", "are", "be", "been", "still"}) || (ends && is_cve(before)));
}

bool leaves_open(const Words& words, std::size_t at) {
    const std::string& word = words[at];
    const std::string before = at > 0 ? words[at - 1] : "";
    const std::string next = at + 1 < words.size() ? words[at + 1] : "";
    if (is_one_of(word, {"unfixed", "unpatched", "unaddressed", "unresolved", "todo", "wontfix",
                         "unaffected", "disputed"}) ||
        is_put_off(words, at))
        return true;
    if (word == "partially" || word == "partly") return is_strong_verb(next) || is_weak_verb(next);
    if (word == "incomplete") return before == "is" || before == "still";
    if (is_one_of(word, {"skip", "ignore", "skipping", "ignoring", "postpone", "defer"}))
        return is_cve(next) || is_one_of(next, {"fix", "fixes", "patch", "the"});
    if (begins(word, {"leav"})) return has_behind(words, at, is_left_open);
    if (is_one_of(word, {"affected", "vulnerable"}) && is_of_this_version(words, at)) return true;
    if (is_one_of(word, {"still", "remains", "remain"}))
        return begins(next, {"open", "affect", "vulnerab", "expos", "unfix", "unpatch", "present",
                             "to", "need"});
    if (word == "will")
        return is_one_of(next, {"be", "follow"}) &&
               (next == "follow" || has_behind(words, at, is_strong_verb));
    if (word == "no")
        return begins(next, {"fix", "patch", "change"}) ||
               (next == "known" && has_behind(words, at, is_object));
    if (word == "false") return begins(next, {"positive"});
    if (!is_negation(word)) return false;
    // "Do not apply …": what the program no longer does
    const bool imperative = at == 1 && words[0] == "do";
    return !imperative && denies(words, at);
}

bool is_fixing(const Words& words, std::size_t at) {
    const std::string& word = words[at];
    const std::string before = at > 0 ? words[at - 1] : "";
    const std::string next = at + 1 < words.size() ? words[at + 1] : "";
    if (word == "longer") return before == "no";
    // "the fix for X": a thing, of which nothing is said yet
    if (is_one_of(before, {"the", "a", "this", "that", "previous", "upstream"}) &&
        is_one_of(next, {"for", "of", "from"}))
        return false;
    return begins(word, {"re-add",  "readd",   "reinstat", "reappl",   "re-appl", "restor",
                         "fix",     "address", "resolv",   "mitigat",  "clos",    "correct",
                         "prevent", "solv",    "backport", "patch",    "cherry",  "avoid",
                         "reject",  "check",   "validat",  "complete", "finish",  "import",
                         "apply",   "applied", "add",      "includ",   "update"});
}

/// The first word that says something decides.
Says said_by(const Words& words, bool needless) {
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (takes_back(words, at, needless) || leaves_open(words, at)) return Says::open;
        if (!is_fixing(words, at)) continue;
        // "the fix for X is reverted", "the patch is not included"
        for (std::size_t later = at + 1; later < words.size(); ++later) {
            if (words[later] == "by") break;  // fixed by reverting something
            // "that was reverted" tells of what was before
            const bool was = later > 1 && is_one_of(words[later - 2], {"that", "which"});
            const bool passive =
                !was && later > 0 &&
                is_one_of(words[later - 1], {"is", "was", "are", "were", "been", "be"});
            if ((passive && begins(words[later], {"revert", "withdrawn", "dropped", "removed",
                                                  "disabled", "backed", "rolled", "undone"})) ||
                leaves_open(words, later))
                return Says::open;
        }
        return Says::fixed;
    }
    return Says::nothing;
}

struct Clause {
    std::string text;
    Says says = Says::nothing;
};

/// At a full stop, a semicolon, a bracket, a comma, or before "but" and its like.
std::vector<Clause> clauses_of(std::string_view sentence) {
    std::vector<Clause> clauses(1);
    for (std::size_t at = 0; at < sentence.size(); ++at) {
        const std::string_view rest = sentence.substr(at);
        const auto turn = {" but ", " however ", " although ", " though ", " while ", " whereas "};
        const bool turns = std::any_of(turn.begin(), turn.end(),
                                       [&](const char* word) { return rest.starts_with(word); });
        const auto deeds = {" and fix", " and revert", " and drop", " and address"};
        const bool another = std::any_of(deeds.begin(), deeds.end(),
                                         [&](const char* deed) { return rest.starts_with(deed); });
        if (another || turns || rest[0] == ',' || rest[0] == '(' || rest[0] == ')' ||
            rest[0] == ':' || rest.starts_with("\u2014"))
            clauses.emplace_back();
        clauses.back().text += rest[0];
    }
    const bool needless = is_needless(words_of(sentence));
    for (Clause& clause : clauses) clause.says = said_by(words_of(clause.text), needless);
    return clauses;
}

/// What says nothing by itself goes with what stands before it, at the beginning with what follows.
void agree(std::vector<Clause>& clauses, Says inherited) {
    const auto first = std::find_if(clauses.begin(), clauses.end(),
                                    [](const Clause& c) { return c.says != Says::nothing; });
    Says last = first == clauses.end() ? inherited : first->says;
    for (Clause& clause : clauses) {
        if (clause.says == Says::nothing) clause.says = last;
        last = clause.says;
    }
}

std::vector<std::string> sentences_of(std::string_view item) {
    std::vector<std::string> sentences(1);
    for (std::size_t at = 0; at < item.size(); ++at) {
        const char c = item[at];
        const bool ends =
            c == ';' || ((c == '.' || c == '!') && (at + 1 == item.size() || item[at + 1] == ' '));
        sentences.back() += c;
        if (ends) sentences.emplace_back();
    }
    return sentences;
}

struct Item {
    std::size_t indent = 0;
    std::string text;
    Says inherited = Says::nothing;
};

/// The bullets of an entry, each with its further lines in one.
std::vector<Item> items_of(std::string_view entry) {
    std::vector<Item> items;
    while (!entry.empty()) {
        const std::size_t end = entry.find('\n');
        std::string_view line = entry.substr(0, end);
        entry.remove_prefix(end == std::string_view::npos ? entry.size() : end + 1);
        const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
        line.remove_prefix(indent);
        const bool bullet = line.size() > 1 && line[1] == ' ' &&
                            std::string_view("*-+o").find(line[0]) != std::string_view::npos;
        if (line.empty() || line.starts_with("-- ")) continue;
        if (bullet || items.empty()) items.push_back({indent, "", Says::nothing});
        if (bullet) line.remove_prefix(2);
        items.back().text += (items.back().text.empty() ? "" : " ") + std::string(line);
    }
    return items;
}

/// Says of each number that the entry names what its clause says.
class Reader {
  public:
    void read(std::string_view entry) {
        std::vector<Item> above;  // headings that the next item may stand below
        for (Item& item : items_of(entry)) {
            while (!above.empty() && above.back().indent >= item.indent) above.pop_back();
            Says inherited = Says::nothing;
            if (!above.empty()) inherited = above.back().inherited;
            const Says last = read_item(item, inherited);
            item.inherited = item.text.ends_with(':') ? last : inherited;
            above.push_back(std::move(item));
        }
    }

    std::vector<std::string> fixed() const {
        std::string all;
        for (const std::string& cve : fixed_) all += cve + "\n";
        return find_cves(all);
    }

  private:
    Says read_item(const Item& item, Says inherited) {
        Says last = inherited;
        for (const std::string& sentence : sentences_of(item.text)) {
            auto clauses = clauses_of(sentence);
            agree(clauses, inherited);
            std::string
                same;  // neighbours that say the same are read as one: lists go on over commas
            for (std::size_t i = 0; i < clauses.size(); ++i) {
                same += clauses[i].text;
                if (i + 1 < clauses.size() && clauses[i + 1].says == clauses[i].says) continue;
                note(same, clauses[i].says);
                last = clauses[i].says;
                same.clear();
            }
        }
        return last;
    }

    /// A number by itself is one that the entry deals with.
    void note(const std::string& text, Says says) {
        for (const std::string& cve : find_cves(text)) {
            if (says == Says::open) fixed_.erase(cve);
            else fixed_.insert(cve);
        }
    }

    std::set<std::string> fixed_;
};

}  // namespace

std::vector<std::string> fixed_cves(const std::vector<std::string_view>& entries) {
    Reader reader;
    for (const std::string_view entry : entries) reader.read(entry);
    return reader.fixed();
}

}  // namespace patchlab::families
