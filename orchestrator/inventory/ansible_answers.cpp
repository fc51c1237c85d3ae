// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/ansible_answers.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "platform/core/error.hpp"
#include "platform/core/log.hpp"
#include "platform/core/text.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::size_t most_line = 5U << 20;  ///< the plugin's own cap is 4 MiB
constexpr std::size_t most_detail = 1U << 10;
constexpr std::size_t shortest_secret = 4;  ///< blotting out "a" would blot out everything

bool is_secret_name(std::string_view key) {
    const std::string name = in_small_letters(key);
    static constexpr std::array words{"pass", "secret", "token"};
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return name.find(word) != std::string::npos; });
}

AnsibleEnd end_from(const std::string& word) {
    for (const AnsibleEnd end : {AnsibleEnd::ok, AnsibleEnd::failed, AnsibleEnd::unreachable})
        if (name(end) == word) return end;
    throw Error(ErrorCode::invalid, "there is no end '" + word + "'");
}

void replace_all(std::string& text, const std::string& what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

}  // namespace

std::string_view name(AnsibleEnd end) {
    switch (end) {
        case AnsibleEnd::ok: return "ok";
        case AnsibleEnd::failed: return "failed";
        case AnsibleEnd::unreachable: return "unreachable";
        case AnsibleEnd::unknown: return "unknown";
    }
    return "unknown";
}

AnsibleAnswers::AnsibleAnswers(const std::vector<AnsibleHost>& hosts,
                               const AnsibleAnswered& answered)
    : answered_(answered) {
    for (const AnsibleHost& host : hosts) {
        waiting_.insert(host.name);
        for (const auto& [key, value] : host.variables.items())
            if (value.is_string() && is_secret_name(key) &&
                value.get_ref<const std::string&>().size() >= shortest_secret)
                secrets_.push_back(value);
    }
    // the longest first: one password may hold another
    std::sort(secrets_.begin(), secrets_.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    secrets_.erase(std::unique(secrets_.begin(), secrets_.end()), secrets_.end());
}

void AnsibleAnswers::take(std::string_view bytes) {
    for (const char c : bytes) {
        if (c == '\n') {
            if (!too_long_) line(std::exchange(piece_, {}));
            piece_.clear();
            too_long_ = false;
        } else if (piece_.size() < most_line) {
            piece_ += c;
        } else {
            too_long_ = true;
        }
    }
}

void AnsibleAnswers::line(const std::string& text) {
    try {
        const Json json = parse_json(text, "Ansible's answer", most_line);
        const JsonReader reader(json, "Ansible's answer");
        if (reader.boolean_or("started", false)) {
            started_ = true;
            return;
        }
        AnsibleResult result;
        result.end = end_from(reader.string("end"));
        result.detail = plain(reader.string("detail"));
        result.seconds = reader.number("seconds");
        result.result = reader.raw("result");
        if (!result.result.is_object())
            throw Error(ErrorCode::invalid, "its result is not an object");
        tell(reader.string("host"), std::move(result));
    } catch (const Error& error) {
        log_warning(std::string("a line of Ansible's answers was dropped: ") + plain(error.what()));
    }
}

void AnsibleAnswers::tell(const std::string& host, AnsibleResult result) {
    if (waiting_.erase(host) == 0) {
        log_warning("an answer of '" + plain(host) +
                    "' was dropped: it is not in the play, or has answered before");
        return;
    }
    answered_(host, result);
}

void AnsibleAnswers::finish(const std::string& why) {
    for (const std::string& host : std::exchange(waiting_, {})) {
        AnsibleResult result;
        result.detail = plain(why);
        answered_(host, result);
    }
}

std::string AnsibleAnswers::plain(std::string_view text) const {
    std::string all(text.substr(0, 64U << 10));
    for (const std::string& secret : secrets_) replace_all(all, secret, "***");
    std::string line;
    for (const char c : all) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        if (control ? !line.empty() && line.back() != ' ' : true) line += control ? ' ' : c;
    }
    line = shortened(line, most_detail);
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

}  // namespace patchlab::inventory
