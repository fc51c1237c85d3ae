// SPDX-License-Identifier: Apache-2.0
//
// Names like "r-20261130-0042": the day in UTC and a number. Ids of one kind are equally long, so
// that they sort by their age. Pure; thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "platform/core/clock.hpp"

namespace patchlab {

/// "r-20261130-", with which every id of the day begins.
std::string dated_prefix(std::string_view kind, TimePoint now);

/// The first of the day, from `first` on, that nobody has. Error(lab) when all 9,999 are taken.
std::string free_dated_id(std::string_view kind, TimePoint now,
                          const std::function<bool(const std::string& id)>& taken, int first = 1);

/// The one after the newest of the day; `newest`: it, or empty when there is none. Error(lab).
std::string next_dated_id(std::string_view kind, TimePoint now, const std::string& newest);

}  // namespace patchlab
