// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/vitals.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "platform/core/json_reader.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::assessment {

namespace {

constexpr double most_chance = 0.01;       ///< that any of the questions finds a rise by chance
constexpr std::uint64_t least_events = 2;  ///< one alone happens to everybody
constexpr double least_history = 3600;

void add_to(Vitals& all, const Vitals& one) {
    all.before_seconds += one.before_seconds;
    all.after_seconds += one.after_seconds;
    for (const Vital vital : all_vitals) {
        all.of(vital).before += one.of(vital).before;
        all.of(vital).after += one.of(vital).after;
        all.of(vital).most += one.of(vital).most;
    }
}

/// "5 failed units"
std::string events_text(Vital vital, std::uint64_t count) {
    switch (vital) {
        case Vital::failed_units: return count_text(count, "failed unit");
        case Vital::restarts:
            return count_text(count, "restart of a service", "restarts of services");
        case Vital::crashes: return count_text(count, "crash", "crashes");
        case Vital::kernel_errors: break;
    }
    return count_text(count, "error of the kernel", "errors of the kernel");
}

}  // namespace

std::string_view name(Vital vital) {
    switch (vital) {
        case Vital::failed_units: return "failed-units";
        case Vital::restarts: return "restarts";
        case Vital::crashes: return "crashes";
        case Vital::kernel_errors: break;
    }
    return "kernel-errors";
}

bool comparable(const Vitals& vitals) {
    return vitals.before_seconds >= std::max(least_history, vitals.after_seconds) &&
           vitals.after_seconds > 0;
}

double chance_of_rise(std::uint64_t after, std::uint64_t all, double share) {
    if (after == 0) return 1;
    if (share <= 0) return 0;
    if (share >= 1) return 1;
    const auto n = static_cast<double>(all);
    double sum = 0;
    for (std::uint64_t i = after; i <= all; ++i) {
        const auto k = static_cast<double>(i);
        const double term =
            std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                     k * std::log(share) + (n - k) * std::log1p(-share));
        sum += term;
        if (k > n * share && term < sum * 1e-12) break;
    }
    return std::min(1.0, sum);
}

std::string Rise::text() const {
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "%.1g", chance);
    return (host.empty() ? "all hosts of the ring together" : host) + ": " +
           events_text(vital, count.after) + " in " + duration_text(after_seconds) + ", " +
           std::to_string(count.before) + " in the " + duration_text(before_seconds) +
           " before (binomial test: chance " + number.data() + ")";
}

std::vector<Rise> clear_rises(const std::vector<std::pair<std::string, Vitals>>& hosts) {
    std::vector<std::pair<std::string, Vitals>> compared;
    Vitals together;
    for (const auto& host : hosts) {
        if (!comparable(host.second)) continue;
        compared.push_back(host);
        add_to(together, host.second);
    }
    if (compared.size() > 1) compared.emplace_back("", together);
    const auto questions = static_cast<double>(compared.size() * all_vitals.size());
    std::vector<Rise> rises;
    for (const auto& [host, vitals] : compared)
        for (const Vital vital : all_vitals) {
            const VitalCount& count = vitals.of(vital);
            if (count.after < least_events || count.after <= count.most) continue;
            const double share =
                vitals.after_seconds / (vitals.before_seconds + vitals.after_seconds);
            const double chance = chance_of_rise(count.after, count.before + count.after, share);
            if (chance * questions >= most_chance) continue;
            rises.push_back(
                {host, vital, count, vitals.before_seconds, vitals.after_seconds, chance});
        }
    return rises;
}

Json to_json(const Vitals& vitals) {
    Json json{{"before_seconds", vitals.before_seconds}, {"after_seconds", vitals.after_seconds}};
    for (const Vital vital : all_vitals) {
        const VitalCount& count = vitals.of(vital);
        json[std::string(name(vital))] = {
            {"before", count.before}, {"after", count.after}, {"most", count.most}};
    }
    return json;
}

Vitals vitals_from_json(const Json& json) {
    const JsonReader in(json, "vitals");
    Vitals vitals;
    vitals.before_seconds = in.number("before_seconds");
    vitals.after_seconds = in.number("after_seconds");
    for (const Vital vital : all_vitals) {
        const JsonReader count = in.object(name(vital));
        vitals.of(vital) = {static_cast<std::uint64_t>(count.integer("before")),
                            static_cast<std::uint64_t>(count.integer("after")),
                            static_cast<std::uint64_t>(count.integer("most"))};
    }
    return vitals;
}

}  // namespace patchlab::assessment
