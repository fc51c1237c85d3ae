// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/simulate/simulated_fleet.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "testsuites/model.hpp"

namespace patchlab::rollout {

namespace {

constexpr std::size_t max_script_bytes = 256U << 20;
constexpr std::int64_t most_hosts = 1'000'000;

std::map<std::string, std::string> words(const JsonReader& in, std::string_view key) {
    std::map<std::string, std::string> found;
    if (!in.has(key)) return found;
    const JsonReader object = in.object(key);
    for (const auto& [name, ignored] : object.raw().items()) found[name] = object.string(name);
    return found;
}

void read_journal(const JsonReader& journal, assessment::Vitals& vitals) {
    vitals.before_seconds = journal.number_or("history", vitals.before_seconds);
    for (const assessment::Vital vital : assessment::all_vitals) {
        const std::string_view key = assessment::name(vital);
        if (!journal.has(key)) continue;
        const JsonReader count = journal.object(key);
        const auto number = [&](const char* member) {
            return static_cast<std::uint64_t>(
                std::max<std::int64_t>(0, count.integer_or(member, 0)));
        };
        vitals.of(vital) = {number("before"), number("after"), number("most")};
    }
}

void read_script(const JsonReader& in, HostScript& script) {
    if (in.has("criticality")) {
        const auto criticality = assessment::criticality_from(in.string("criticality"));
        if (!criticality) in.fail("criticality", "is not a criticality");
        script.facts.criticality = *criticality;
    }
    if (in.has("groups")) script.facts.groups = in.strings("groups");
    script.facts.window = in.string_or("window", script.facts.window);
    if (in.has("need")) {
        const auto need = assessment::need_from(in.string("need"));
        if (!need) in.fail("need", "is none of needed, not-needed and unknown");
        script.facts.need = *need;
    }
    if (in.has("versions")) script.versions = words(in, "versions");
    script.off = static_cast<int>(in.integer_or("off", script.off));
    script.seconds = in.number_or("seconds", script.seconds);
    for (const auto& [step, what] : words(in, "steps")) script.steps[step] = what;
    if (in.has("pulls")) {
        const JsonReader pulls = in.object("pulls");
        script.takes = words(pulls, "versions");
        script.take_at = static_cast<int>(pulls.integer("take_at"));
        script.return_at = static_cast<int>(pulls.integer_or("return_at", 0));
    }
    script.outage = in.number_or("outage", script.outage);
    if (in.has("journal")) read_journal(in.object("journal"), script.vitals);
    if (!in.has("checks")) return;
    const JsonReader checks = in.object("checks");
    for (const auto& [check, ignored] : checks.raw().items()) {
        script.checks[check] = words(checks, check);
        for (const auto& [moment, outcome] : script.checks[check])
            testsuites::outcome_from(outcome);
    }
}

}  // namespace

SimulatedFleet::SimulatedFleet(const fs::path& script) {
    during("reading the simulation " + script.string(), [&] {
        const Json document = read_json(script, max_script_bytes);
        const JsonReader in(document, script.filename().string());
        in.expect_schema("patchlab/simulation/v1");
        real_time_ = in.string_or("time", "jumps") == "real";
        HostScript base;
        base.facts.need = assessment::Need::needed;
        if (in.has("default")) read_script(in.object("default"), base);
        if (in.has("windows")) {
            const JsonReader list = in.object("windows");
            for (const auto& [name, ignored] : list.raw().items()) {
                const JsonReader item = list.object(name);
                assessment::Window window;
                window.zone = item.string_or("zone", "UTC");
                if (!assessment::zone_exists(window.zone)) item.fail("zone", "is not a time zone");
                window.from = assessment::minutes_of(item.string("from"));
                window.to = assessment::minutes_of(item.string("to"));
                windows_[name] = window;
            }
        }
        read_hosts(in, base);
    });
}

void SimulatedFleet::read_hosts(const JsonReader& in, const HostScript& base) {
    if (in.has("generate"))
        for (const JsonReader& item : in.objects("generate")) {
            HostScript script = base;
            read_script(item, script);
            scripts_.push_back(script);
            const std::int64_t count = item.integer("count");
            if (count < 0 || count > most_hosts) item.fail("count", "must be at most a million");
            for (std::int64_t i = 1; i <= count; ++i)
                by_name_[item.string("prefix") + std::to_string(i)] = scripts_.size() - 1;
        }
    if (!in.has("hosts")) return;
    const JsonReader hosts = in.object("hosts");
    for (const auto& [name, ignored] : hosts.raw().items()) {
        const auto known = by_name_.find(name);
        HostScript script = known == by_name_.end() ? base : scripts_[known->second];
        read_script(hosts.object(name), script);
        by_name_[name] = scripts_.size();
        scripts_.push_back(std::move(script));
    }
}

void SimulatedFleet::keep_in(const fs::path& log) {
    std::istringstream lines(read_file_if_any(log, 1ULL << 32).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        if (lines.eof()) break;  // the last one was cut off by a kill
        const Json document = parse_json(line, log.string());
        const JsonReader in(document, log.string());
        SimulatedState& state = states_[in.string("host")];
        state.versions = words(in, "versions");
        state.moment = in.string("moment");
        state.boots = static_cast<int>(in.integer("boots"));
        state.off = static_cast<int>(in.integer("off"));
        state.installs = static_cast<int>(in.integer("installs"));
        state.looks = static_cast<int>(in.integer("looks"));
    }
    log_ = UniqueFd(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!log_)
        throw Error(ErrorCode::lab, "cannot write " + log.string() + ": " + std::strerror(errno));
}

std::vector<HostFacts> SimulatedFleet::hosts(const catalog::Entry&) {
    std::vector<HostFacts> all;
    all.reserve(by_name_.size());
    for (const auto& [name, script] : by_name_) {
        all.push_back(scripts_[script].facts);
        all.back().name = name;
    }
    return all;
}

const HostScript* SimulatedFleet::script(const std::string& host) const {
    const auto found = by_name_.find(host);
    return found == by_name_.end() ? nullptr : &scripts_[found->second];
}

SimulatedState& SimulatedFleet::state(const std::string& host) {
    const auto [found, fresh] = states_.try_emplace(host);
    if (fresh) {
        const HostScript& own = *script(host);
        found->second.versions = own.versions;
        found->second.off = own.off;
    }
    return found->second;
}

void SimulatedFleet::write_down(const std::string& host, const SimulatedState& state) {
    if (!log_) return;
    const std::string line = to_line({{"host", host},
                                      {"moment", state.moment},
                                      {"versions", state.versions},
                                      {"boots", state.boots},
                                      {"off", state.off},
                                      {"installs", state.installs},
                                      {"looks", state.looks}}) +
                             "\n";
    if (::write(log_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw Error(ErrorCode::lab,
                    std::string("cannot write the log of the simulation: ") + std::strerror(errno));
}

namespace {

std::string word_of(const HostScript& script, Step step) {
    const auto found = script.steps.find(std::string(name(step)));
    return found == script.steps.end() ? "" : found->second;
}

std::string outcome_at(const std::map<std::string, std::string>& moments, const std::string& moment,
                       const std::string& otherwise) {
    const auto found = moments.find(moment);
    return found == moments.end() ? otherwise : found->second;
}

}  // namespace

void SimulatedDeployer::carry_out(const Order& order, const HostAnswered& answered) {
    double longest = 0;
    bool first = true;
    for (const HostOrder& host : order.hosts) {
        const Observation seen = act(order, host);
        if (first && order.step == Step::install) meet_("host-done");
        first = false;
        longest = std::max(longest, seen.seconds);
        answered(host.host, seen);
    }
    pass_(Seconds(longest));
}

Observation SimulatedDeployer::act(const Order& order, const HostOrder& host) {
    Observation seen;
    const HostScript* const script = fleet_.script(host.host);
    if (!script) {
        seen.answer = Answer::unreachable;
        seen.detail = "the simulation has no such host";
        return seen;
    }
    SimulatedState& state = fleet_.state(host.host);
    const std::string word = word_of(*script, order.step);
    if (state.off > 0 || word == "unreachable") {
        if (state.off > 0) {
            --state.off;
            fleet_.write_down(host.host, state);
        }
        seen.answer = Answer::unreachable;
        seen.detail = "no route to host (simulated)";
        return seen;
    }
    seen.answer = Answer::done;
    seen.seconds = script->seconds;
    if (order.step != Step::inspect) change(order, host, *script, state, seen);
    else if (script->take_at > 0) pull(host, *script, state);
    if (word == "fail") {
        seen.answer = Answer::failed;
        seen.detail = "the step failed (simulated)";
    }
    if (word == "unknown") {
        seen.answer = Answer::unknown;
        seen.detail = "the connection was lost (simulated)";
        return seen;
    }
    look(order, host, *script, state, seen);
    return seen;
}

void SimulatedDeployer::change(const Order& order, const HostOrder& host, const HostScript& script,
                               SimulatedState& state, Observation& seen) {
    const std::string word = word_of(script, order.step);
    if (word == "fail") return;
    const auto was = state.versions;
    for (const catalog::ExactPackage& package : host.packages) {
        state.versions[package.name] =
            word == "wrong-version" ? package.version + "+other" : package.version;
        if (word == "part") break;
    }
    for (const std::string& package : host.remove) state.versions.erase(package);
    const bool changed = state.versions != was;
    seen.outage_seconds = changed ? script.outage : 0;
    if (changed && order.step == Step::install) ++state.installs;
    if (changed && host.reboot && word != "no-reboot") ++state.boots;
    state.moment = order.step == Step::install ? "patched" : "back";
    fleet_.write_down(host.host, state);
}

/// What stock apt does by itself meanwhile.
void SimulatedDeployer::pull(const HostOrder& host, const HostScript& script,
                             SimulatedState& state) {
    ++state.looks;
    if (state.looks == script.take_at) {
        for (const auto& [package, version] : script.takes) state.versions[package] = version;
        state.moment = "patched";
        ++state.installs;
    } else if (state.looks == script.return_at) {
        state.versions = script.versions;
        state.moment = "back";
    }
    fleet_.write_down(host.host, state);
}

void SimulatedDeployer::look(const Order& order, const HostOrder& host, const HostScript& script,
                             const SimulatedState& state, Observation& seen) const {
    seen.installed.emplace();
    for (const std::string& package : order.packages) {
        const auto found = state.versions.find(package);
        (*seen.installed)[package] = found == state.versions.end() ? "" : found->second;
    }
    seen.boot_id = host.host + "-boot-" + std::to_string(state.boots);
    if (order.watched) {
        seen.vitals = script.vitals;
        seen.vitals->after_seconds = order.watched->soaked.count();
    }
    const bool watched = order.step == Step::inspect && state.moment == "patched";
    for (const testsuites::Suite& suite : order.suites)
        for (const testsuites::Check& check : suite.checks) {
            testsuites::CheckResult result;
            result.suite = suite.name;
            result.name = check.name;
            result.outcome = testsuites::Outcome::pass;
            if (const auto scripted = script.checks.find(suite.name + "/" + check.name);
                scripted != script.checks.end()) {
                const std::string now = outcome_at(scripted->second, state.moment, "pass");
                result.outcome = testsuites::outcome_from(
                    watched ? outcome_at(scripted->second, "watched", now) : now);
            }
            if (result.outcome != testsuites::Outcome::pass)
                result.lines.push_back(result.detail = "as the simulation says");
            seen.checks.push_back(std::move(result));
        }
}

}  // namespace patchlab::rollout
