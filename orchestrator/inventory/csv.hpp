// SPDX-License-Identifier: Apache-2.0
//
// Comma-separated values as RFC 4180 has them: a header, quoted fields that may hold commas, quotes
// and line breaks. Every mistake is reported with its line, and rows with a mistake are left out.
// Pure function; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/diagnostics.hpp"

namespace patchlab::inventory {

struct CsvRow {
    int line = 0;                    ///< where it begins, from 1
    std::vector<std::string> cells;  ///< as many as the header has
};

struct CsvTable {
    std::vector<std::string> header;
    std::vector<CsvRow> rows;
};

/// A header without a comma but with semicolons says that semicolons separate (as spreadsheets of
/// many countries write). A byte order mark, CRLF and empty lines are fine. Limits: 256 columns, 64
/// KiB a field. Text that is not UTF-8 is a mistake.
CsvTable read_csv(std::string_view text, const std::string& file, Diagnostics& diagnostics);

/// True for well-formed UTF-8 without NUL.
bool is_text(std::string_view bytes);

}  // namespace patchlab::inventory
