// SPDX-License-Identifier: Apache-2.0
//
// Why an installation failed, as lines of its log say it. Thread safety: one object a thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::families {

class LogCause {
  public:
    /// A line of the log, which must live longer; one that is there already is not said twice.
    void add(std::string_view line);
    bool empty() const { return lines_.empty(); }
    /// All of it in one line of at most 400 bytes.
    std::string text() const;

  private:
    std::vector<std::string_view> lines_;
};

}  // namespace patchlab::families
