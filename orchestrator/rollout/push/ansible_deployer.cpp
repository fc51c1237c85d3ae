// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/push/ansible_deployer.hpp"

#include <algorithm>
#include <cmath>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/families/scripts.hpp"
#include "orchestrator/rollout/push/host_answer.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "push_files.hpp"
#include "testsuites/batch.hpp"

namespace patchlab::rollout {

namespace {

constexpr Seconds around_a_step{180};  ///< connecting, copying, looking, reading the journal

std::string embedded_text(const char* file) {
    return std::string(embedded::push_files::file(file));
}

std::string tasks_of(Step step) {
    return (step == Step::inspect ? "" : embedded_text("change.yml")) + embedded_text("look.yml");
}

/// What vitals.pl is asked for; empty: nothing.
std::vector<std::string> watched_words(const Order& order) {
    if (!order.watched) return {};
    const auto seconds = [](Seconds time) {
        return std::to_string(std::max<std::int64_t>(0, std::llround(time.count())));
    };
    return {seconds(order.watched->touched), seconds(order.watched->soaked)};
}

/// The play without its hosts.
inventory::AnsiblePlay play_for(const Order& order) {
    inventory::AnsiblePlay play;
    play.purpose = std::string(name(order.step)) + " on " + std::to_string(order.hosts.size()) +
                   (order.hosts.size() == 1 ? " host" : " hosts");
    play.tasks = tasks_of(order.step);
    // one program for all, in which each host's own nonce takes the place of this mark
    const std::string mark = random_hex(16);
    const bool has_checks = !testsuites::all_unknown(order.suites, "").empty();
    const double checks = testsuites::longest_run(order.suites).count();
    play.files = {{"host.sh",
                   pushing_family(order).host_script() + "#STALE\n" + families::script("stale.pl")},
                  {"keep_and_run.sh", families::script("keep_and_run.sh")},
                  {"checks.pl", testsuites::compile_batch(order.suites, mark)},
                  {"vitals.pl", embedded_text("vitals.pl")}};
    play.variables = {{"patchlab_seconds", static_cast<int>(std::ceil(order.deadline.count()))},
                      {"patchlab_checks_seconds", static_cast<int>(std::ceil(checks)) + 30},
                      {"patchlab_look", order.step == Step::inspect ? "look" : "close"},
                      {"patchlab_changes", order.step != Step::inspect},
                      {"patchlab_watched", watched_words(order)},
                      {"patchlab_has_checks", has_checks},
                      {"patchlab_nonce_mark", mark}};
    play.forks = std::max<std::size_t>(1, order.concurrency);
    const std::size_t waves = (order.hosts.size() + play.forks - 1) / play.forks;
    const int parts = order.step == Step::inspect ? 0 : 3;
    play.deadline =
        static_cast<double>(waves) * (parts * order.deadline + Seconds(checks) + around_a_step);
    return play;
}

Observation not_begun(const Order& order, Answer answer, const Error& error) {
    Observation seen;
    seen.answer = answer;
    seen.detail = error.what();
    seen.checks = testsuites::all_unknown(order.suites, seen.detail);
    return seen;
}

}  // namespace

void AnsibleDeployer::carry_out(const Order& order, const HostAnswered& answered) {
    inventory::AnsiblePlay play = play_for(order);
    play.work = work_;
    std::map<std::string, std::pair<const HostOrder*, std::string>> asked;  // with the nonce
    std::vector<std::pair<std::string, Observation>> not_asked;
    for (const HostOrder& host : order.hosts) {
        try {
            const HostWords words = words_for(order, host);
            inventory::AnsibleHost target;
            try {
                target = connection_(host.host);
            } catch (const Error& error) {
                not_asked.emplace_back(host.host, not_begun(order, Answer::unreachable, error));
                continue;
            }
            target.name = host.host;
            const std::string nonce = random_hex(16);
            target.variables.update({{"patchlab_words", words.words},
                                     {"patchlab_order", words.order},
                                     {"patchlab_files", words.files},
                                     {"patchlab_reboot", host.reboot},
                                     {"patchlab_nonce", nonce}});
            play.hosts.push_back(std::move(target));
            asked[host.host] = {&host, nonce};
        } catch (const Error& error) {
            not_asked.emplace_back(host.host, not_begun(order, Answer::failed, error));
        }
    }
    // nobody is told of before the tool itself has started
    inventory::run_play(runner_, play,
                        [&](const std::string& name, const inventory::AnsibleResult& result) {
                            const auto& [host, nonce] = asked.at(name);
                            answered(name, observation_of(order, *host, nonce, result));
                        });
    for (const auto& [name, seen] : not_asked) answered(name, seen);
}

}  // namespace patchlab::rollout
