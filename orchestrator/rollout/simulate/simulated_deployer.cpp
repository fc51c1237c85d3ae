// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/simulate/simulated_deployer.hpp"

#include <algorithm>

namespace patchlab::rollout {

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
                               SimulatedState& state, Observation&) {
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
