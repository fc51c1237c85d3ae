// SPDX-License-Identifier: Apache-2.0
//
// The page around a body: one self-contained file with its style sheet, without script, that loads
// nothing. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "reports/html/writer.hpp"

namespace patchlab::reports::html {

/// `title` is escaped here. `tone` is a literal of this program: the class of the page's colours
/// ("validated").
std::string whole_page(std::string_view title, std::string_view tone, const Writer& body);

}  // namespace patchlab::reports::html
