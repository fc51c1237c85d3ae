// SPDX-License-Identifier: Apache-2.0
//
// The four tests on which a regression is called. Small samples, no assumption about the shape of
// the noise. Pure functions.
#pragma once

#include <vector>

namespace patchlab::pipeline {

/// 0 for none.
double median(std::vector<double> values);

/// Mann–Whitney U: the probability that values as much larger than `before` as `after` are come
/// about by chance (one-sided, with ties). Exact, over all ways of dealing the values out, where a
/// side has fewer than eight of them; else by the normal approximation. 1 when a side has none.
double larger_by_chance(const std::vector<double>& before, const std::vector<double>& after);

/// Mann–Kendall: the probability that a series of equal values with noise rises as this one does
/// (one-sided; normal approximation with correction for ties). 1 for fewer than eight values.
double rises_by_chance(const std::vector<double>& series);

/// Theil–Sen: the median of the slopes between all pairs, per step. 0 for fewer than two values.
double slope(const std::vector<double>& series);

/// Dixon's Q at 99 % (critical values of Rorabacher 1991): whether `value` lies above all of
/// `others` by more than their spread explains. Always false for fewer than three others.
/// `resolution`: differences below it count as none.
bool stands_clear_above(const std::vector<double>& others, double value, double resolution);

}  // namespace patchlab::pipeline
