// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/push/host_answer.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "testsuites/batch.hpp"
#include "testsuites/guest_text.hpp"

namespace patchlab::rollout {

namespace {

/// What one task printed; empty when it did not run or printed no text.
std::string printed(const Json& result, const char* task) {
    const auto said = result.find(task);
    if (said == result.end() || !said->is_object()) return {};
    const auto text = said->find("stdout");
    return text == said->end() || !text->is_string() ? std::string() : text->get<std::string>();
}

bool ran(const Json& result, const char* task) {
    const auto said = result.find(task);
    return said != result.end() && said->is_object() &&
           said->value("skipped", Json(false)) == Json(false);
}

/// The rest of the one line that begins with `key`, as plain text; empty when there is none, or
/// more than one.
std::string value_of(const std::string& text, const std::string& key) {
    std::istringstream lines(text);
    std::string value;
    int found = 0;
    for (std::string line; std::getline(lines, line);)
        if (line == key || line.starts_with(key + " ")) {
            ++found;
            value = line == key ? "" : line.substr(key.size() + 1);
        }
    return found == 1 ? testsuites::guest_text(value, 600) : std::string();
}

std::string boot_id_in(const std::string& text) {
    static const std::regex pattern("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    const std::string id = value_of(text, "boot");
    return std::regex_match(id, pattern) ? id : "";
}

/// "installed 1.2" → "1.2"; a package in any state between is neither a version nor absent, and
/// says so.
std::optional<std::string> version_in(const std::string& state) {
    static const std::regex pattern("([a-z-]{1,30}) ([0-9][A-Za-z0-9.+:~-]{0,127})?");
    if (state.empty()) return "";
    std::smatch parts;
    if (!std::regex_match(state, parts, pattern)) return std::nullopt;
    if (parts[1] == "config-files" || parts[1] == "not-installed") return "";
    if (parts[1] == "installed")
        return parts[2].length() == 0 ? std::nullopt : std::optional(parts[2].str());
    return parts[2].str() + " (" + parts[1].str() + ")";
}

/// Whether an answer came to its end, which is this line.
bool has_end(const std::string& text, const std::string& line) {
    return ("\n" + text + "\n").find("\n" + line + "\n") != std::string::npos;
}

/// Of every package that is told of. nullopt unless each has exactly one readable line in an answer
/// that came to its end.
std::optional<std::map<std::string, std::string>> versions_in(
    const std::string& looked, const std::set<std::string>& packages) {
    std::map<std::string, std::string> versions;
    if (!has_end(looked, "looked")) return std::nullopt;
    std::istringstream lines(looked);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("package ")) continue;
        const auto end = line.find(' ', 8);
        if (end == std::string::npos) return std::nullopt;
        const std::string package = line.substr(8, end - 8);
        const auto version = version_in(line.substr(end + 1));
        if (!version || !packages.contains(package) || !versions.emplace(package, *version).second)
            return std::nullopt;
    }
    if (versions.size() != packages.size()) return std::nullopt;
    return versions;
}

std::string or_else(const std::string& text, const std::string& fallback) {
    return text.empty() ? fallback : text;
}

/// What became of an installation that was needed. Empty: it ended well.
std::string problem_of_installation(const inventory::AnsibleResult& said, bool& still_running) {
    const std::string start = printed(said.result, "start"), wait = printed(said.result, "wait");
    if (const std::string why = value_of(start, "refused"); !why.empty()) return why;
    if (start != "started") return or_else(said.detail, "the installation did not start");
    if (wait == "still running") {
        still_running = true;
        return "the installation had not ended in time; it goes on";
    }
    const std::string ended = value_of(wait, "ended"), code = ended.substr(0, ended.find(' '));
    if (code == "0") return "";
    still_running = code.empty();
    if (still_running) return or_else(said.detail, "the end of the installation was not seen");
    return code.size() == ended.size() ? "the installation failed with " + code
                                       : ended.substr(code.size() + 1);
}

/// How the change itself went, before anybody looked. Empty: well.
std::string problem_of_change(const HostOrder& host, const inventory::AnsibleResult& said,
                              bool& still_running) {
    const std::string begin = printed(said.result, "begin");
    if (const std::string busy = value_of(begin, "busy"); !busy.empty()) {
        still_running = true;
        return busy;
    }
    const std::string needed = value_of(begin, "needed");
    if (needed != "yes" && needed != "no")
        return or_else(said.detail, "the host did not say what is to be done");
    if (needed == "yes")
        if (std::string problem = problem_of_installation(said, still_running); !problem.empty())
            return problem;
    if (!host.reboot || value_of(begin, "rebooted") == "yes") return "";
    const std::string before = boot_id_in(begin), after = boot_id_in(printed(said.result, "look"));
    if (!ran(said.result, "reboot") || before.empty() || after.empty() || before == after)
        return or_else(said.detail, "the host was not rebooted");
    return "";
}

std::string problem_of_versions(const HostOrder& host, const Observation& seen) {
    if (!seen.installed) return "what is installed could not be observed";
    for (const catalog::ExactPackage& package : host.packages)
        if (const auto found = seen.installed->find(package.name);
            found == seen.installed->end() || found->second != package.version)
            return package.name + " is " +
                   (found == seen.installed->end() || found->second.empty() ? "not installed"
                                                                            : found->second) +
                   ", not " + package.version;
    for (const std::string& name : host.remove)
        if (const auto found = seen.installed->find(name);
            found == seen.installed->end() || !found->second.empty())
            return name + " is still there";
    return "";
}

void read_checks(const Order& order, const std::string& nonce, const inventory::AnsibleResult& said,
                 Observation& seen) {
    if (!ran(said.result, "checks")) {
        seen.checks =
            testsuites::all_unknown(order.suites, or_else(said.detail, "the checks were not run"));
        return;
    }
    const Json& answer = said.result["checks"];
    const Json code = answer.value("rc", Json()), words = answer.value("msg", Json());
    std::string why;
    if (code != Json(0))
        why = "the program that runs the checks failed: " +
              (words.is_string() ? testsuites::guest_text(words.get<std::string>(), 300)
                                 : "without a word");
    seen.checks = testsuites::parse_batch(order.suites, nonce, printed(said.result, "checks"), why);
}

/// What vitals.pl printed, if it came to its end.
std::string told_whole(const Json& result, const char* task) {
    const std::string text = printed(result, task);
    return has_end(text, "told") ? text : std::string();
}

/// A whole number of at most nine digits.
std::optional<std::uint64_t> small_number(const std::string& text) {
    if (text.empty() || text.size() > 9 ||
        text.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return std::stoull(text);
}

std::optional<assessment::Vitals> vitals_in(const std::string& text) {
    const auto history = small_number(value_of(text, "history")),
               watched = small_number(value_of(text, "watched"));
    if (!history || !watched) return std::nullopt;
    assessment::Vitals vitals;
    vitals.before_seconds = static_cast<double>(*history);
    vitals.after_seconds = static_cast<double>(*watched);
    for (const assessment::Vital vital : assessment::all_vitals) {
        std::istringstream words(value_of(text, "vital " + std::string(assessment::name(vital))));
        std::string before, after, most;
        words >> before >> after >> most;
        const auto b = small_number(before), a = small_number(after), m = small_number(most);
        if (!b || !a || !m) return std::nullopt;
        vitals.of(vital) = {*b, *a, *m};
    }
    return vitals;
}

std::optional<double> outage_in(const std::string& text) {
    static const std::regex pattern("[0-9]{1,8}[.][0-9]{3}");
    const std::string value = value_of(text, "outage");
    return std::regex_match(value, pattern) ? std::optional(std::stod(value)) : std::nullopt;
}

Answer answer_of(inventory::AnsibleEnd end, bool begun, bool still_running, bool well) {
    using inventory::AnsibleEnd;
    switch (end) {
        case AnsibleEnd::unreachable: return begun ? Answer::unknown : Answer::unreachable;
        case AnsibleEnd::unknown: return Answer::unknown;
        case AnsibleEnd::ok:
        case AnsibleEnd::failed: break;
    }
    if (still_running) return Answer::unknown;
    return end == AnsibleEnd::ok && well ? Answer::done : Answer::failed;
}

}  // namespace

Observation observation_of(const Order& order, const HostOrder& host, const std::string& nonce,
                           const inventory::AnsibleResult& result) {
    Observation seen;
    seen.seconds = result.seconds;
    seen.detail = result.detail;
    const std::string looked = printed(result.result, "look"),
                      begin = printed(result.result, "begin");
    std::set<std::string> packages(order.packages.begin(), order.packages.end());
    for (const catalog::ExactPackage& package : host.packages) packages.insert(package.name);
    if (order.step != Step::inspect) packages.insert(host.remove.begin(), host.remove.end());
    seen.installed = versions_in(looked, packages);
    seen.boot_id = boot_id_in(looked);
    seen.reboot_required = value_of(looked, "reboot-required") == "yes";
    seen.held = value_of(begin, "held");
    read_checks(order, nonce, result, seen);
    if (order.watched) seen.vitals = vitals_in(told_whole(result.result, "vitals"));
    if (order.step != Step::inspect)
        seen.outage_seconds = outage_in(told_whole(result.result, "outage"));

    bool still_running = false;
    const bool changes = order.step != Step::inspect;
    std::string problem = changes ? problem_of_change(host, result, still_running) : "";
    if (problem.empty() && changes) problem = problem_of_versions(host, seen);
    else if (problem.empty() && !seen.installed)
        problem = or_else(result.detail, "what is installed could not be observed");
    // after `begin` said yes, or where a reboot was due, something may have been done though nobody
    // saw it
    const bool begun = changes && (value_of(begin, "needed") == "yes" ||
                                   (host.reboot && value_of(begin, "rebooted") == "no"));
    seen.answer = answer_of(result.end, begun, still_running, problem.empty());
    const bool lost = result.end == inventory::AnsibleEnd::unreachable ||
                      result.end == inventory::AnsibleEnd::unknown;
    if (seen.answer == Answer::done) seen.detail.clear();
    else if (!lost && !problem.empty()) seen.detail = problem;
    if (seen.answer != Answer::done && seen.detail.empty()) seen.detail = "it did not say why";
    std::replace(seen.detail.begin(), seen.detail.end(), '\n', ' ');
    return seen;
}

namespace {

const std::string& checked(const std::string& word, const char* pattern, const char* what) {
    if (!std::regex_match(word, std::regex(pattern)))
        throw Error(ErrorCode::invalid, "'" + word.substr(0, 100) + "' is no " + what);
    return word;
}

const std::string& checked_name(const std::string& name) {
    return checked(name, "[a-z0-9][a-z0-9+.-]{0,127}", "name of a package");
}

/// "NAME ARCH VERSION SHA256 FILE"; the file's name on the host is made of checked words, whatever
/// it is called here.
std::string wanted_line(const catalog::ExactPackage& package,
                        const families::PackageFamily& family) {
    if (package.format != family.name())
        throw Error(ErrorCode::refused,
                    package.name + " is an " + package.format + " package, which a push of " +
                        std::string(family.name()) + " packages does not install",
                    "roll it out by itself, or let such hosts follow their channel");
    const std::string& name = checked_name(package.name);
    const std::string& architecture =
        checked(package.architecture, "[a-z0-9][a-z0-9-]{0,31}", "architecture");
    return name + " " + architecture + " " +
           checked(package.version, "[0-9][A-Za-z0-9.+:~-]{0,127}", "version") + " " +
           checked(package.sha256, "[0-9a-f]{64}", "sha256") + " " + name + "_" + architecture +
           std::string(family.file_ending());
}

std::string joined(const std::set<std::string>& words, char separator) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : std::string(1, separator)) + word;
    return text;
}

}  // namespace

const families::PackageFamily& pushing_family(const Order& order) {
    for (const HostOrder& host : order.hosts)
        for (const catalog::ExactPackage& package : host.packages)
            if (const auto* family = families::find_family(package.format);
                family && family->can_push())
                return *family;
    return families::family(families::default_family);
}

HostWords words_for(const Order& order, const HostOrder& host) {
    HostWords words;
    std::set<std::string> want, remove, look, packages;
    if (order.step != Step::inspect) {
        const families::PackageFamily& family = pushing_family(order);
        for (const catalog::ExactPackage& package : host.packages) {
            const std::string line = wanted_line(package, family);
            const std::string file = line.substr(line.rfind(' ') + 1);
            if (!packages.insert(file).second)
                throw Error(ErrorCode::invalid,
                            "two versions of " + package.name + " are ordered at once");
            const std::string from = std::filesystem::absolute(package.file).string();
            if (from.find('{') != std::string::npos)
                throw Error(ErrorCode::invalid,
                            "'" + from + "' holds a brace, which Ansible would evaluate");
            want.insert(line);
            words.files.push_back({{"from", from}, {"file", file}});
        }
        for (const std::string& name : host.remove) remove.insert(checked_name(name));
    }
    for (const std::string& name : order.packages) look.insert(checked_name(name));
    // what is wanted is looked at, too: the answer must show it
    for (const catalog::ExactPackage& package : host.packages)
        look.insert(checked_name(package.name));
    look.insert(remove.begin(), remove.end());
    words.order = sha256_hex(std::string(name(order.step)) + "\n" + joined(want, '\n') + "\n-\n" +
                             joined(remove, '\n'))
                      .substr(0, 20);
    words.words = {"order=" + words.order, std::string("reboot=") + (host.reboot ? "1" : "0")};
    for (const auto& [key, values] :
         {std::pair{"look=", &look}, std::pair{"remove=", &remove}, std::pair{"want=", &want}})
        for (const std::string& value : *values) words.words.push_back(key + value);
    return words;
}

}  // namespace patchlab::rollout
