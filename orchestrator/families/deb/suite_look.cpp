// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/suite_look.hpp"

#include <time.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <sstream>

#include "orchestrator/families/deb/apt_sources.hpp"
#include "orchestrator/families/deb/changelog.hpp"
#include "orchestrator/families/deb/family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"
#include "platform/core/version.hpp"

namespace patchlab::families::deb {

namespace {

constexpr std::size_t most_release = 8U << 20;
constexpr std::string_view answer_mark = "patchlab-answer ";
constexpr int curl_could_not_reach = 28;
constexpr int curl_lacks_certificate = 60;

bool is_printable(const std::string& text) {
    return text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
               return c >= ' ' && c < 0x7f && c != '\\';
           });
}

std::string scheme_of(const std::string& uri) { return uri.substr(0, uri.find(':')); }

std::string host_of(const std::string& uri) {
    const std::size_t begin = uri.find("://");
    if (begin == std::string::npos) return "";
    std::string host = uri.substr(begin + 3, uri.find('/', begin + 3) - begin - 3);
    host.erase(0, host.rfind('@') + 1);
    return host.substr(0, host.find(':'));
}

/// The value of `Acquire::http::Proxy` and its kin for this address; empty where none is set.
std::string proxy_for(const std::string& uri, const std::string& settings) {
    const std::string key = "Acquire::" + scheme_of(uri) + "::Proxy";
    std::string general, own;
    std::istringstream lines(settings);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t open = line.find('"'), close = line.rfind('"');
        if (open == std::string::npos || close <= open) continue;
        const std::string name(trimmed(line.substr(0, open)));
        const std::string value = line.substr(open + 1, close - open - 1);
        if (name == key) general = value;
        if (name == key + "::" + host_of(uri)) own = value;
    }
    return own.empty() ? general : own;
}

std::string address_of(const std::string& uri, const std::string& suite) {
    std::string base = uri;
    while (base.ends_with('/')) base.pop_back();
    if (!suite.ends_with('/')) return base + "/dists/" + suite + "/InRelease";
    return base + "/" + (suite == "/" || suite == "./" ? "" : suite) + "InRelease";
}

/// "text" or "text\nmore": the lines after the mark that curl was told to write.
struct CurlAnswer {
    int status = 0;
    std::string tag, modified;
};
std::optional<CurlAnswer> answer_in(const std::string& err) {
    const std::size_t at = err.rfind(answer_mark);
    if (at == std::string::npos) return std::nullopt;
    std::istringstream lines(err.substr(at + answer_mark.size()));
    CurlAnswer answer;
    std::string status;
    std::getline(lines, status);
    std::getline(lines, answer.tag);
    std::getline(lines, answer.modified);
    answer.status = std::atoi(status.c_str());
    for (std::string* text : {&answer.tag, &answer.modified}) {
        *text = std::string(trimmed(*text));
        if (!is_printable(*text)) text->clear();
    }
    return answer;
}

process::CommandSpec question(const std::string& address, const SuiteSeen& before,
                              const std::string& settings) {
    std::string words =
        "silent\nshow-error\ngloboff\nlocation\nmax-redirs = 5\nconnect-timeout = 10\nmax-time = "
        "60\nproto = \"=http,https\"\nproto-redir = \"=http,https\"\n";
    words += "max-filesize = " + std::to_string(most_release) + "\n";
    words += "url = " + curl_quoted(address) + "\n";
    words += std::string("user-agent = \"patchlab/") + version + "\"\n";
    if (!before.digest.empty() && !before.tag.empty())
        words += "header = " + curl_quoted("If-None-Match: " + before.tag) + "\n";
    else if (!before.digest.empty() && !before.modified.empty())
        words += "header = " + curl_quoted("If-Modified-Since: " + before.modified) + "\n";
    if (const std::string proxy = proxy_for(address, settings); proxy == "DIRECT")
        words += "noproxy = \"*\"\n";
    else if (!proxy.empty()) words += "proxy = " + curl_quoted(proxy) + "\n";
    words += "write-out = \"%{stderr}\\n" + std::string(answer_mark) +
             "%{http_code}\\n%header{etag}\\n%header{last-modified}\\n\"\n";
    process::CommandSpec spec;
    spec.program = "curl";
    spec.args = {"--disable", "--config", "-"};
    spec.purpose = "asking whether " + address + " has changed";
    spec.deadline = Seconds(75);
    spec.input = std::move(words);
    spec.max_output = most_release + 1;
    return spec;
}

SuiteLook unreachable(const std::string& why) {
    SuiteLook look;
    std::string line = plain_text(why, 300);
    std::replace(line.begin(), line.end(), '\n', ' ');
    look.detail = std::string(trimmed(line));
    return look;
}

SuiteLook only_apt_can_tell() {
    SuiteLook look;
    look.answer = SuiteLook::Answer::unknown;
    return look;
}

SuiteLook look_of(const std::string& release, SuiteSeen seen, const SuiteSeen& before) {
    SuiteLook look;
    seen.digest = sha256_hex(release);
    look.answer =
        seen.digest == before.digest ? SuiteLook::Answer::unchanged : SuiteLook::Answer::changed;
    look.seen = std::move(seen);
    look.dated = time_in_release(release, "Date");
    look.expires = time_in_release(release, "Valid-Until");
    return look;
}

SuiteLook look_at_file(const std::string& address, const SuiteSeen& before) {
    const std::string path = address.substr(address.find(':') + 1);
    const auto text =
        read_file_if_any(path.starts_with("//") ? path.substr(2) : path, most_release);
    return text ? look_of(*text, {}, before) : unreachable("there is no " + path);
}

/// The older form of a repository has no InRelease.
std::string without_in(const std::string& address) {
    return address.substr(0, address.size() - std::string_view("InRelease").size()) + "Release";
}

SuiteLook ask_server(const std::string& address, const SuiteSeen& before,
                     const std::string& settings, process::CommandRunner& runner,
                     bool also_older_form) {
    const process::CommandResult result = runner.run(question(address, before, settings));
    const auto answer = answer_in(result.err);
    if (result.timed_out || result.exit_code == curl_could_not_reach)
        return unreachable("gave no answer in time");
    if (result.exit_code == curl_lacks_certificate) return only_apt_can_tell();
    if (!result.ok() || !answer)
        return unreachable(result.err.substr(0, result.err.find(answer_mark)));
    if (answer->status == 304) {
        SuiteLook same;
        same.answer = SuiteLook::Answer::unchanged;
        same.seen = before;
        return same;
    }
    if (answer->status == 404 && also_older_form)
        return ask_server(without_in(address), before, settings, runner, false);
    if (answer->status == 401 || answer->status == 403 || answer->status == 407)
        return only_apt_can_tell();
    if (answer->status != 200) return unreachable("answered " + std::to_string(answer->status));
    if (result.truncated || result.out.empty()) return unreachable("its answer is no Release file");
    return look_of(result.out, {answer->tag, answer->modified, ""}, before);
}

bool holds_any(const std::string& line, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return line.find(word) != std::string::npos; });
}

/// "Fix a regression in …", but not "add regression tests".
bool is_about_regression(const std::string& line) {
    static constexpr std::string_view word = "regression";
    const std::string low = in_small_letters(line);
    const std::size_t at = low.find(word);
    if (at == std::string::npos) return false;
    std::string_view after = std::string_view(low).substr(at + word.size());
    if (after.starts_with('s')) after.remove_prefix(1);
    while (after.starts_with(' ') || after.starts_with('-')) after.remove_prefix(1);
    if (after.starts_with("test") || after.starts_with("suite") || after.starts_with("check"))
        return false;
    return holds_any(
        low, {"fix", "introduced", "caused", "update", "revert", "address", "resolve", "correct"});
}

}  // namespace

std::vector<Suite> suites_in(const std::string& sources) {
    std::vector<Suite> suites;
    std::set<std::string> known;
    for (const AptSource& source : parse_deb822_sources(sources, "package sources"))
        for (const std::string& uri : source.uris)
            for (const std::string& suite : source.suites) {
                const std::string address = address_of(uri, suite);
                if (known.insert(address).second) suites.push_back({suite, address});
            }
    return suites;
}

SuiteLook look_at(const Suite& suite, const SuiteSeen& before, const std::string& settings,
                  process::CommandRunner& runner) {
    const std::string scheme = scheme_of(suite.address);
    if (scheme == "file") return look_at_file(suite.address, before);
    if (scheme != "http" && scheme != "https") return only_apt_can_tell();
    return ask_server(suite.address, before, settings, runner, true);
}

std::optional<TimePoint> time_in_release(std::string_view release, std::string_view field) {
    const std::string wanted = std::string(field) + ":";
    while (!release.empty()) {
        const std::size_t end = release.find('\n');
        const std::string line(release.substr(0, end));
        release.remove_prefix(end == std::string_view::npos ? release.size() : end + 1);
        if (!line.starts_with(wanted)) continue;
        std::tm parts{};
        const std::string value(trimmed(line.substr(wanted.size())));
        if (::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S", &parts) == nullptr)
            return std::nullopt;
        return std::chrono::system_clock::from_time_t(::timegm(&parts));
    }
    return std::nullopt;
}

std::string repairs_regression(const std::string& changelog, const std::string& before) {
    for (const ChangelogEntry& entry : parse_changelog(changelog)) {
        if (compare_versions(entry.version, before) <= 0) continue;
        std::istringstream lines(entry.text);
        for (std::string line; std::getline(lines, line);)
            if (is_about_regression(line))
                return entry.version + ": " + plain_text(trimmed(line), 200);
    }
    return "";
}

}  // namespace patchlab::families::deb
