// SPDX-License-Identifier: Apache-2.0
//
// Packages of a recipe, built with the tools of its family. Nothing of them is kept in the
// repository.
#pragma once

#include "tests/corpus/recipe.hpp"

namespace patchlab::corpus {

/// A package of the recipe's own, version 1.0, in `folder`. Gives its path.
std::filesystem::path build_fresh(const Recipe& recipe, const std::filesystem::path& folder);

/// The packages of a real update (`packages`), all at a version raised alike, that of
/// `recipe.update` altered. Gives the paths.
std::vector<std::filesystem::path> build_altered(const Recipe& recipe,
                                                 const std::vector<std::filesystem::path>& packages,
                                                 const std::filesystem::path& folder);

}  // namespace patchlab::corpus
