// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace patchlab::pipeline {

namespace {

constexpr std::size_t least_values = 8;  ///< for a normal approximation

/// Of the standard normal distribution, above z.
double upper_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

std::map<double, double> ties_of(const std::vector<double>& values) {
    std::map<double, double> counts;
    for (const double value : values) ++counts[value];
    return counts;
}

/// Twice the rank of each value among all of them; equal ones share the middle of their ranks.
std::map<double, std::size_t> double_ranks(const std::vector<double>& pooled) {
    std::map<double, std::size_t> ranks;
    std::size_t below = 0;
    for (const auto& [value, count] : ties_of(pooled)) {
        const auto equal = static_cast<std::size_t>(count);
        ranks[value] = 2 * below + equal + 1;
        below += equal;
    }
    return ranks;
}

/// Of all ways to choose as many values as `after` has, the share with at least its sum of ranks.
double share_of_sums_as_large(const std::vector<double>& pooled, const std::vector<double>& after) {
    const auto ranks = double_ranks(pooled);
    std::size_t seen = 0;
    for (const double value : after) seen += ranks.at(value);
    const std::size_t largest = 2 * pooled.size() * after.size();
    // ways[chosen][sum], as probabilities of a fair deal
    std::vector<std::vector<double>> ways(after.size() + 1, std::vector<double>(largest + 1, 0));
    ways[0][0] = 1;
    for (const double value : pooled) {
        const std::size_t rank = ranks.at(value);
        for (std::size_t chosen = after.size(); chosen > 0; --chosen)
            for (std::size_t sum = largest; sum >= rank; --sum)
                ways[chosen][sum] += ways[chosen - 1][sum - rank];
    }
    double all = 0, as_large = 0;
    for (std::size_t sum = 0; sum <= largest; ++sum) {
        all += ways.back()[sum];
        if (sum >= seen) as_large += ways.back()[sum];
    }
    return as_large / all;
}

/// By the smaller side, which has the fewer ways: that `after` is large is that `before` is small.
double exactly_larger_by_chance(const std::vector<double>& before,
                                const std::vector<double>& after) {
    std::vector<double> pooled = before;
    pooled.insert(pooled.end(), after.begin(), after.end());
    if (after.size() <= before.size()) return share_of_sums_as_large(pooled, after);
    std::vector<double> mirrored, few;
    for (const double value : pooled) mirrored.push_back(-value);
    for (const double value : before) few.push_back(-value);
    return share_of_sums_as_large(mirrored, few);
}

}  // namespace

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double larger_by_chance(const std::vector<double>& before, const std::vector<double>& after) {
    if (before.empty() || after.empty()) return 1;
    if (std::min(before.size(), after.size()) < least_values)
        return exactly_larger_by_chance(before, after);
    const double m = static_cast<double>(before.size()), n = static_cast<double>(after.size()),
                 all = m + n;
    double u = 0;  // how many pairs have the larger value after
    for (const double a : after)
        for (const double b : before) {
            if (a > b) u += 1;
            else if (a == b) u += 0.5;
        }
    std::vector<double> pooled = before;
    pooled.insert(pooled.end(), after.begin(), after.end());
    double tied = 0;
    for (const auto& [value, count] : ties_of(pooled)) tied += count * count * count - count;
    const double variance = m * n / 12 * (all + 1 - tied / (all * (all - 1)));
    if (variance <= 0) return 1;
    return upper_tail((u - m * n / 2 - 0.5) / std::sqrt(variance));
}

double rises_by_chance(const std::vector<double>& series) {
    if (series.size() < least_values) return 1;
    const double n = static_cast<double>(series.size());
    double s = 0;
    for (std::size_t i = 0; i < series.size(); ++i)
        for (std::size_t j = i + 1; j < series.size(); ++j) {
            if (series[j] > series[i]) s += 1;
            else if (series[j] < series[i]) s -= 1;
        }
    double variance = n * (n - 1) * (2 * n + 5);
    for (const auto& [value, count] : ties_of(series))
        variance -= count * (count - 1) * (2 * count + 5);
    variance /= 18;
    if (variance <= 0 || s <= 0) return 1;
    return upper_tail((s - 1) / std::sqrt(variance));
}

double slope(const std::vector<double>& series) {
    std::vector<double> slopes;
    for (std::size_t i = 0; i < series.size(); ++i)
        for (std::size_t j = i + 1; j < series.size(); ++j)
            slopes.push_back((series[j] - series[i]) / static_cast<double>(j - i));
    return median(std::move(slopes));
}

bool stands_clear_above(const std::vector<double>& others, double value, double resolution) {
    // for 4, 5, … 10 values in all, the questioned one among them
    static constexpr std::array critical{0.926, 0.821, 0.740, 0.680, 0.634, 0.598, 0.568};
    if (others.size() < 3) return false;
    const auto [lowest, highest] = std::minmax_element(others.begin(), others.end());
    const double gap = value - *highest;
    if (gap <= resolution) return false;
    const double range = value - std::min(*lowest, *highest - resolution);
    return gap / range > critical[std::min(others.size() - 3, critical.size() - 1)];
}

}  // namespace patchlab::pipeline
