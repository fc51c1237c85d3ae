// SPDX-License-Identifier: Apache-2.0
//
// What is longer than the terminal is shown by a pager: `PATCHLAB_PAGER`, else `PAGER`, else
// `less` (as -FRX, unless `LESS` says otherwise). Only what a person asked to see, and only where
// stdout is a terminal. Thread safety: as the streams.
#pragma once

#include "orchestrator/cli/screen.hpp"

namespace patchlab::cli {

/// While it lives, what is written to stdout is kept; then it is shown, by the pager when it is
/// longer than the screen.
class Page {
  public:
    /// Nothing is kept unless `wanted`, and stdout is a terminal.
    explicit Page(bool wanted);
    ~Page();
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

  private:
    std::vector<std::string> command_;
    GuardedOutput* guard_ = nullptr;
};

/// How many lines of a terminal of this width a text takes; escape sequences take no room.
std::size_t lines_on_screen(std::string_view text, std::size_t width);

}  // namespace patchlab::cli
