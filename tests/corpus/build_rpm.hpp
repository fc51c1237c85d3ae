// SPDX-License-Identifier: Apache-2.0
//
// Packages of a recipe, built with rpmbuild. Nothing of them is kept in the repository.
#pragma once

#include "tests/corpus/recipe.hpp"

namespace patchlab::corpus {

/// As build_fresh() and build_altered().
std::filesystem::path build_fresh_rpm(const Recipe& recipe, const std::filesystem::path& folder);
std::vector<std::filesystem::path> build_altered_rpms(
    const Recipe& recipe, const std::vector<std::filesystem::path>& rpms,
    const std::filesystem::path& folder);

}  // namespace patchlab::corpus
