// SPDX-License-Identifier: Apache-2.0
#include "snapshots/redact.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "platform/core/text.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::string_view redaction = "[redacted]";
constexpr std::size_t longest_key = 64;

bool is_letter_or_digit(char c) { return is_digit(c) || (small(c) >= 'a' && small(c) <= 'z'); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_key_character(char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; }
/// Of digests, tokens and base64.
bool is_token_character(char c) {
    return is_letter_or_digit(c) || std::string_view("./+=_-$,").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), small);
    return out;
}

std::size_t end_of_token(std::string_view line, std::size_t at) {
    while (at < line.size() && is_token_character(line[at])) ++at;
    return at;
}

/// A name after which a secret follows: "DB_PASSWORD", "api-key", "client_secret".
bool names_a_secret(std::string_view key) {
    constexpr std::array<std::string_view, 25> endings{
        "password",      "passwd",      "passphrase",  "passwort",    "secret",
        "token",         "apikey",      "api_key",     "api-key",     "authkey",
        "auth_key",      "access_key",  "access-key",  "secretkey",   "secret_key",
        "secret-key",    "private_key", "private-key", "privatekey",  "presharedkey",
        "setcredential", "psk",         "bindpw",      "requirepass", "pass"};
    const std::string name = lower(key);
    const auto ends = [&](std::string_view ending) {
        if (!name.ends_with(ending)) return false;
        const std::size_t before = name.size() - ending.size();
        // "bypass" and "compass" are words; "db_pass" and "pass" are not
        return ending != "pass" || before == 0 || !is_letter_or_digit(name[before - 1]);
    };
    return std::any_of(endings.begin(), endings.end(), ends);
}

/// Names that are followed by their value with nothing but a blank between.
bool is_secret_directive(std::string_view word) {
    constexpr std::array<std::string_view, 15> directives{
        "requirepass", "masterauth",   "bindpw",      "rootpw",      "rootbindpw",
        "bindcred",    "--password",   "--passwd",    "--token",     "--secret",
        "--api-key",   "--passphrase", "rocommunity", "rwcommunity", "sasl_secret"};
    const std::string name = lower(word);
    return std::find(directives.begin(), directives.end(), name) != directives.end();
}

/// "${NAME}", "$(command)", "$NAME", "%s": where the secret comes from.
bool is_variable(std::string_view value) {
    if (value.starts_with("${") || value.starts_with("$(")) return true;
    if (value.starts_with('%')) return value.size() <= 3;
    return value.starts_with('$') && value.size() > 1 &&
           std::all_of(value.begin() + 1, value.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c); });
}

/// What switches something on, or names where to look.
bool is_no_secret(std::string_view value) {
    constexpr std::array<std::string_view, 21> words{
        "",     "yes",  "no",     "true",     "false",     "on",         "off",
        "none", "null", "nil",    "0",        "1",         "*",          "x",
        "!",    "ask",  "prompt", "required", "requisite", "sufficient", "optional"};
    constexpr std::array<std::string_view, 5> name_services{"files", "compat", "systemd", "sss",
                                                            "ldap"};
    constexpr std::size_t longest = 200;
    if (value.size() > longest) return false;
    const std::string word = lower(value);
    return std::find(words.begin(), words.end(), word) != words.end() || is_variable(value) ||
           std::find(name_services.begin(), name_services.end(), word.substr(0, word.find(' '))) !=
               name_services.end();
}

/// One line: what of it is a secret.
class LineRedaction {
  public:
    explicit LineRedaction(std::string_view line) : line_(line) {}

    Redacted run() {
        look_for_directives();
        for (at_ = 0; at_ < line_.size(); ++at_) {
            if (line_[at_] == '=' || line_[at_] == ':') {
                if (!assignment()) address();
            } else if (!digest()) {
                known_token();
            }
        }
        return without_secrets();
    }

  private:
    /// [first, last) is a secret; what follows it is looked at next.
    void cut(std::size_t first, std::size_t last) {
        if (last <= first) return;
        secrets_.emplace_back(first, last);
        at_ = std::max(at_, last - 1);
    }

    Redacted without_secrets() {
        std::sort(secrets_.begin(), secrets_.end());
        Redacted result;
        std::size_t done = 0;
        for (const auto& [first, last] : secrets_) {
            if (first >= done) {
                result.text += line_.substr(done, first - done);
                result.text += redaction;
                ++result.count;
            }
            done = std::max(done, last);
        }
        result.text += line_.substr(done);
        return result;
    }

    /// "requirepass VALUE", "--password VALUE", and "password VALUE" of a line with "login".
    void look_for_directives() {
        const bool has_login = line_.find("login ") != std::string_view::npos;
        for (std::size_t at = 0; at < line_.size();) {
            const std::size_t first = past_blanks(at);
            std::size_t end = first;
            while (end < line_.size() && !is_blank(line_[end])) ++end;
            const std::string_view word = line_.substr(first, end - first);
            const std::size_t value = past_blanks(end);
            at = end;
            if (value >= line_.size() || line_[value] == '=') continue;
            const bool quoted_secret =
                is_quote(line_[value]) && names_a_secret(word) && !lower(word).ends_with("_pass");
            const bool of_login = has_login && lower(word) == "password";
            if (!is_secret_directive(word) && !quoted_secret && !of_login) continue;
            const std::size_t last = end_of_value(value, true);
            if (!is_no_secret(line_.substr(value, last - value))) cut(value, last);
            at = std::max(last, end);
        }
    }

    std::size_t past_blanks(std::size_t at) const {
        while (at < line_.size() && is_blank(line_[at])) ++at;
        return at;
    }

    /// The end of the value that begins at `first`: of its quotes, of its word, or of the line.
    std::size_t end_of_value(std::size_t first, bool one_word) const {
        if (first < line_.size() && is_quote(line_[first])) {
            const std::size_t end = line_.find(line_[first], first + 1);
            return end == std::string_view::npos ? line_.size() : end + 1;
        }
        std::size_t end = first;
        while (end < line_.size() && !is_quote(line_[end]) && !(one_word && is_blank(line_[end])))
            ++end;
        return end;
    }

    /// "DB_PASSWORD=…", "token: …", '"secret": "…"'.
    bool assignment() {
        std::size_t end = at_;
        while (end > 0 && (is_blank(line_[end - 1]) || is_quote(line_[end - 1]))) --end;
        std::size_t first = end;
        while (first > 0 && end - first < longest_key && is_key_character(line_[first - 1]))
            --first;
        if (first == end || !names_a_secret(line_.substr(first, end - first))) return false;
        std::size_t value = at_ + 1;
        while (value < line_.size() && (is_blank(line_[value]) || line_[value] == '=')) ++value;
        const bool close = value == at_ + 1 && end == at_;  // as in a shell: no blanks around it
        const std::size_t last = end_of_value(value, close);
        std::string_view inner = line_.substr(value, last - value);
        if (inner.size() > 1 && is_quote(inner.front()) && inner.back() == inner.front())
            inner = inner.substr(1, inner.size() - 2);
        if (is_no_secret(trimmed(inner))) return false;
        cut(value, last);
        return true;
    }

    /// "://user:secret@host", "Authorization: Bearer …"
    bool address() {
        const std::string_view rest = line_.substr(at_);
        if (rest.starts_with("://")) {
            const std::size_t end = std::min(rest.find_first_of(" /\"'\t", 3), rest.size());
            const std::string_view host = rest.substr(3, end - 3);
            const std::size_t user = host.find(':'), sign = host.rfind('@');
            if (user == std::string_view::npos || sign == std::string_view::npos || user > sign)
                return false;
            cut(at_ + 3 + user + 1, at_ + 3 + sign);
            return true;
        }
        if (!lower(line_.substr(at_ > 13 ? at_ - 13 : 0, std::min<std::size_t>(at_, 13)))
                 .ends_with("authorization"))
            return false;
        const std::size_t value = past_blanks(at_ + 1);
        cut(value, end_of_value(value, false));
        return true;
    }

    /// "$6$…", "{SSHA}…": a digest of a password as crypt(3) and LDAP write it.
    bool digest() {
        const std::string_view rest = line_.substr(at_);
        if (rest.starts_with("{SSHA") || rest.starts_with("{SHA") || rest.starts_with("{CRYPT")) {
            const std::size_t close = rest.substr(0, 13).find('}');
            if (close == std::string_view::npos) return false;
            cut(at_, end_of_token(line_, at_ + close + 1));
            return true;
        }
        if (rest.front() != '$' || rest.size() < 12) return false;
        const std::size_t second = rest.find('$', 1);
        if (second == std::string_view::npos || second < 2 || second > 9) return false;
        constexpr std::array kinds{"1",       "2a",       "2b",  "2y",   "5",    "6",
                                   "7",       "y",        "gy",  "sha1", "apr1", "argon2i",
                                   "argon2d", "argon2id", "md5", "P",    "H",    "scrypt"};
        const std::string_view kind = rest.substr(1, second - 1);
        if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return false;
        const std::size_t end = end_of_token(line_, at_);
        if (end - at_ < second + 9) return false;
        cut(at_, end);
        return true;
    }

    /// Tokens that tell by their beginning what they are.
    bool known_token() {
        if (at_ > 0 && is_letter_or_digit(line_[at_ - 1])) return false;
        constexpr std::array<std::string_view, 11> beginnings{
            "AKIA",   "ASIA",  "ghp_",  "gho_",     "ghs_",      "github_pat_",
            "glpat-", "xoxb-", "xoxp-", "sk_live_", "eyJhbGciOi"};
        const std::string_view rest = line_.substr(at_);
        const auto known = std::find_if(beginnings.begin(), beginnings.end(),
                                        [&](std::string_view b) { return rest.starts_with(b); });
        if (known == beginnings.end()) return false;
        const std::size_t end = end_of_token(line_, at_);
        if (end - at_ < 16) return false;
        cut(at_, end);
        return true;
    }

    std::string_view line_;
    std::vector<std::pair<std::size_t, std::size_t>> secrets_;
    std::size_t at_ = 0;
};

bool is_edge_of_key(std::string_view line, std::string_view edge) {
    return line.find(edge) != std::string_view::npos &&
           line.find("PRIVATE KEY") != std::string_view::npos;
}

}  // namespace

Redacted redact(std::string_view text) {
    Redacted result;
    bool in_key = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        const bool begins = is_edge_of_key(line, "-----BEGIN"),
                   ends = in_key && is_edge_of_key(line, "-----END");
        if (begins) ++result.count;
        if (begins) in_key = !is_edge_of_key(line, "-----END");
        else if (ends) in_key = false;
        if (begins || ends || in_key) {
            if (begins) result.text += redaction;
        } else {
            const Redacted one = LineRedaction(line).run();
            result.text += one.text;
            result.count += one.count;
        }
        if (end < text.size()) result.text += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

}  // namespace patchlab::snapshots
