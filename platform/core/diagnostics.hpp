// SPDX-License-Identifier: Apache-2.0
//
// Mistakes in a definition, collected so that all are reported at once, each with file, line and
// path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json_fwd.hpp"

namespace patchlab {

struct Diagnostic {
    std::string file;
    int line = 0;      ///< from 1; 0 when unknown
    std::string path;  ///< "/machines/web/memory"
    std::string message;
    /// "lab.yaml:7: /machines/web/memory: must be a size such as 512M"
    std::string text() const;
};

struct Diagnostics {
    std::vector<Diagnostic> items;
    bool ok() const { return items.empty(); }
    void add(std::string file, int line, std::string path, std::string message);
    /// Whether nothing is wrong with the node at `path` and below it.
    bool sound(std::string_view path) const;
    /// In the order of the lines, for each file.
    void sort_by_line();
    /// Error(invalid) that lists every mistake, one a line, unless there is none.
    void throw_if_any(const std::string& what) const;
    Json to_json() const;
};

}  // namespace patchlab
