// SPDX-License-Identifier: Apache-2.0
//
// Suites from YAML (schema patchlab/suite/v1) and the suites that ship inside the program.
#pragma once

#include <string>
#include <vector>

#include "platform/core/diagnostics.hpp"
#include "testsuites/model.hpp"

namespace patchlab::testsuites {

/// Reads a suite; every mistake goes to `diagnostics` (file, line, path, what). The suite is usable
/// only if none was added.
Suite parse_suite(const std::string& yaml, const std::string& file_name, Diagnostics& diagnostics);

/// Names of the suites that ship with patchlab: base, nginx, openssh, postgresql, apache2, redis, …
std::vector<std::string> builtin_suite_names();
/// Error(not_found) when there is none of that name.
Suite builtin_suite(const std::string& name);
/// The YAML text of it, for the evidence.
std::string builtin_suite_source(const std::string& name);
/// The packages that a suite says it covers (`covers`), else its own name. A package whose name
/// begins with one of these and a dash counts as well.
std::vector<std::string> packages_covered(const std::string& yaml, const std::string& name);
/// The published JSON Schema text.
std::string suite_schema();

}  // namespace patchlab::testsuites
