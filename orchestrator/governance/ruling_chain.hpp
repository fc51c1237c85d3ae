// SPDX-License-Identifier: Apache-2.0
//
// The order of the rulings over one evidence. It decides which word of a person is the newest, so
// it is taken from what was signed, never from where a row stands in a database: each ruling has a
// number and the digest of the one before it. Pure; thread-safe.
#pragma once

#include <vector>

#include "orchestrator/governance/ruling.hpp"

namespace patchlab::governance {

/// Error(refused) unless the rulings, all over one evidence, stand in the order in which they were
/// given: numbers without gaps and twins, each with the digest of the one before it, and times that
/// do not go back. Those of earlier versions have no number: they stand before all others, in the
/// order of their times.
void expect_chain(const std::vector<Ruling>& rulings);

/// True when `later` takes the place of `earlier`, by the same person. Of two without a number and
/// of the same second nobody can say which came last, so a rejection stays.
bool replaces(const Ruling& later, const Ruling& earlier);

}  // namespace patchlab::governance
