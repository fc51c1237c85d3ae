// SPDX-License-Identifier: Apache-2.0
//
// Which vulnerabilities a changelog says are fixed. A number that is merely mentioned is not: an
// entry may take a fix back, or say that something is left open. Pure functions on untrusted text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::families {

/// CVE numbers in a text, in upper case, each once, by year and number. Lists that name the year
/// once ("CVE-2026-20005/20006, -20008 and 20010") are several numbers.
std::vector<std::string> find_cves(std::string_view text);

/// Those that the text of changelog entries, oldest first, says are fixed in the end: what is said
/// later counts, and a number of which is only said that it is not addressed is left out.
std::vector<std::string> fixed_cves(const std::vector<std::string_view>& entries);

}  // namespace patchlab::families
