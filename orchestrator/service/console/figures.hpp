// SPDX-License-Identifier: Apache-2.0
//
// Pictures that the server draws (SVG with classes, no style attributes). Each says in words what
// it shows, for those who do not see it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

/// The machines of a lab, and the networks that join them.
void topology(Writer& out, const Json& lab);

/// One line of a distribution: every measured value as a mark, the median as a bar.
struct Sample {
    std::string label;  ///< "before", "control 2", "after"
    const char* tone;   ///< "plain", "good", "bad"
    std::vector<double> values;
};
/// All lines over one scale. `unit`: of the values, "ms".
void distribution(Writer& out, std::string_view title, const std::vector<Sample>& samples,
                  std::string_view unit);

/// A value for each month, as bars.
struct Bar {
    std::string label;
    std::optional<double> value;  ///< nullopt: nobody knows, which is not 0
};
void bars(Writer& out, std::string_view title, const std::vector<Bar>& values,
          std::string_view unit);

}  // namespace patchlab::service::console
