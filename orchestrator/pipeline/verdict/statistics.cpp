// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace patchlab::pipeline {

namespace {

constexpr std::size_t least_values = 8;

/// Of the standard normal distribution, above z.
double upper_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

std::map<double, double> ties_of(const std::vector<double>& values) {
    std::map<double, double> counts;
    for (const double value : values) ++counts[value];
    return counts;
}

}  // namespace

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double larger_by_chance(const std::vector<double>& before, const std::vector<double>& after) {
    if (before.size() < least_values || after.size() < least_values) return 1;
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
