// SPDX-License-Identifier: Apache-2.0
//
// udev(7) rules and logrotate(8) files: what is done as root to devices and logs.
#include <algorithm>
#include <array>

#include "snapshots/entries.hpp"

namespace patchlab::snapshots {
namespace {

/// One part of a rule: `ATTRS{idVendor}=="1234"`.
struct RulePart {
    std::string key;        ///< "ATTRS"
    std::string attribute;  ///< "idVendor"
    std::string sign;       ///< "==", "!=", "=", "+=", "-=", ":="
    std::string value;

    bool is_condition() const { return sign == "==" || sign == "!="; }
};

/// Nothing of a line that is no rule.
std::vector<RulePart> parts_of(std::string_view line) {
    std::vector<RulePart> parts;
    while (!line.empty()) {
        const std::size_t start = line.find_first_not_of(" \t,");
        if (start == std::string_view::npos) break;
        line.remove_prefix(start);
        const std::size_t sign = line.find_first_of("=!+-:");
        if (sign == std::string_view::npos) return {};
        RulePart part;
        std::string key(line.substr(0, sign));
        while (!key.empty() && key.back() == ' ') key.pop_back();
        const std::size_t brace = key.find('{');
        part.key = key.substr(0, brace);
        if (brace != std::string::npos && key.ends_with('}'))
            part.attribute = key.substr(brace + 1, key.size() - brace - 2);
        const std::size_t quote = line.find('"', sign);
        if (quote == std::string_view::npos) return {};
        part.sign = line.substr(sign, quote - sign);
        part.sign.erase(part.sign.find_last_not_of(" ei") + 1);
        const std::size_t end = line.find('"', quote + 1);
        if (end == std::string_view::npos) return {};
        part.value = line.substr(quote + 1, end - quote - 1);
        line.remove_prefix(end + 1);
        parts.push_back(std::move(part));
    }
    return parts;
}

/// The rule is about devices of one maker, or of the package's own name.
bool is_of_own_device(const std::vector<RulePart>& parts, const Belongings& own) {
    return std::any_of(parts.begin(), parts.end(), [&](const RulePart& part) {
        if (part.sign != "==" || part.value.empty() || part.value == "*") return false;
        const bool maker = part.attribute == "idVendor" || part.attribute == "vendor" ||
                           part.attribute == "ID_VENDOR_ID" || part.attribute == "ID_VENDOR";
        const bool named = part.key == "KERNEL" || part.key == "DRIVER" || part.key == "DRIVERS" ||
                           part.key == "SUBSYSTEM";
        return maker || (named && own.is_named_like_own(
                                      part.value.substr(0, part.value.find_first_of("*?[0"))));
    });
}

bool lets_all_write_device(const RulePart& part) {
    return part.key == "MODE" && !part.value.empty() &&
           std::string_view("2367").find(part.value.back()) != std::string_view::npos;
}

/// What an assignment does that matters to others, or nothing.
std::string deed_of_part(const RulePart& part, bool own_device) {
    const std::string value = " " + part.value;
    if (part.is_condition()) {
        const bool asks =
            part.key == "PROGRAM" || (part.key == "IMPORT" && part.attribute == "program");
        return asks ? "runs" + value + " as root" : std::string();
    }
    if (part.key == "RUN" || part.key == "PROGRAM") return "runs" + value + " as root";
    if (part.key == "IMPORT") return part.attribute == "program" ? "runs" + value + " as root" : "";
    if (part.attribute == "SYSTEMD_WANTS" || part.attribute == "SYSTEMD_USER_WANTS")
        return "starts" + value;
    if (part.key == "ATTR" || part.key == "SYSCTL") return "sets " + part.attribute + " to" + value;
    if (part.key == "NAME") return "names an interface" + value;
    if (part.key == "SECLABEL") return "labels a device" + value;
    if (lets_all_write_device(part)) return "lets everybody write a device";
    const bool harmless = part.key == "LABEL" || part.key == "GOTO" || part.key == "ENV" ||
                          (part.key == "TAG" && part.value != "uaccess");
    return own_device || harmless ? std::string()
                                  : "sets " + part.key + value + " of devices of others";
}

/// Directives of logrotate by which a file reaches further than its logs.
bool reaches_further(const std::string& word) {
    constexpr std::array<std::string_view, 5> words{"include", "mail", "compresscmd",
                                                    "uncompresscmd", "olddir"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::vector<std::string> concerns_of_udev(const Entry& entry, const Belongings& own) {
    std::vector<std::string> concerns;
    for (const std::string& line : fresh_lines(entry)) {
        const std::vector<RulePart> parts = parts_of(line);
        if (parts.empty()) {
            concerns.push_back("a rule that is not understood (" + line + ")");
            continue;
        }
        const bool own_device = is_of_own_device(parts, own);
        for (const RulePart& part : parts)
            if (const std::string deed = deed_of_part(part, own_device); !deed.empty()) {
                concerns.push_back(deed + " (" + line + ")");
                break;
            }
    }
    return concerns;
}

std::vector<std::string> concerns_of_rotation(const Entry& entry, const Belongings& own) {
    std::vector<std::string> concerns;
    bool inside = false, in_script = false;
    for (std::string line : fresh_lines({entry.path, entry.text, {}})) {
        // what scripts run is told by the jobs (class cron)
        if (line == "endscript") in_script = false;
        else if (line == "prerotate" || line == "postrotate" || line == "firstaction" ||
                 line == "lastaction" || line == "preremove")
            in_script = true;
        if (in_script || line == "endscript") continue;
        const bool opens = line.ends_with('{');
        if (opens) line.pop_back();
        const std::vector<std::string> words = quoted_words(line);
        if (line == "}") inside = false;
        else if (!words.empty() && reaches_further(words[0])) {
            if (words.size() < 2 || words[0] != "olddir" || !own.is_placed_like_own(words[1]))
                concerns.push_back("has logrotate " + line);
        } else if (!inside) {
            for (const std::string& word : words)
                if (word.starts_with('/') && !own.is_placed_like_own(word))
                    concerns.push_back("has logrotate move or remove " + word);
        }
        if (opens) inside = true;
    }
    if (!entry.old_text.empty())
        std::erase_if(concerns, [&](const std::string& concern) {
            const std::vector<std::string> old =
                concerns_of_rotation({entry.path, entry.old_text, {}}, own);
            return std::find(old.begin(), old.end(), concern) != old.end();
        });
    return concerns;
}

}  // namespace patchlab::snapshots
