// SPDX-License-Identifier: Apache-2.0
//
// Comma-separated values (RFC 4180) as a stream. A file that does not end with a line break was cut
// short, and so was one whose last quotation mark is open. Thread safety: one a thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/feeds/byte_source.hpp"

namespace patchlab::feeds {

class CsvStream {
  public:
    CsvStream(ByteSource& source, std::string where) : bytes_(source), where_(std::move(where)) {}

    /// The next record that is not empty; false at the end. Error(invalid) for a file that was cut
    /// short, more than 64 columns, or a field of more than 64 KiB.
    bool next(std::vector<std::string>& cells);
    /// The next line as it is; false at the end. Not within a record.
    bool line(std::string& text);
    /// Error(invalid) that names the record at hand.
    [[noreturn]] void fail(const std::string& why) const;

  private:
    bool quoted_field(std::string& field);
    void add(std::string& field, int c) const;

    ByteCursor bytes_;
    std::string where_;
    std::size_t begun_ = 1;  ///< the line in which the record at hand begins
};

}  // namespace patchlab::feeds
