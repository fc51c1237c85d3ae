// SPDX-License-Identifier: Apache-2.0
//
// Tables: columns padded to their widest cell, two blanks between, each row on one line. On a
// terminal they fit its width; on a pipe nothing is cut. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/cli/screen.hpp"

namespace patchlab::cli {

struct Column {
    Column(const char* name, bool only_when_wide = false)
        : title(name), wide_only(only_when_wide) {}
    std::string title;
    bool wide_only;  ///< shown by `-o wide` alone
};
/// A column that only `-o wide` shows.
inline Column wide(const char* title) { return {title, true}; }

using Cells = std::vector<std::string>;
using Rows = std::vector<Cells>;

struct TableForm {
    std::size_t width = 0;  ///< at most so many columns of a terminal; 0: whatever it takes
    bool wide = false;      ///< with the columns that are shown then alone
    bool header = true;
};

/// The lines of a table, the header first and in bold. To make it fit, the widest columns are cut,
/// never the first, by which a row is asked for. A state or a verdict has its colour.
std::vector<Line> table_lines(const std::vector<Column>& columns, const Rows& rows,
                              const TableForm& form);

}  // namespace patchlab::cli
