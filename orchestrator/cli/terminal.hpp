// SPDX-License-Identifier: Apache-2.0
//
// What is known of a terminal and of the environment, and lines of a label and a text. Thread
// safety: all functions; nobody changes the environment.
#pragma once

#include <string>
#include <string_view>

#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"
#include "platform/core/text_width.hpp"

namespace patchlab::cli {

/// A variable of the environment; empty when it is not set.
std::string environment(const char* name);

/// True when `fd` is a terminal that can be steered.
bool is_terminal(int fd);
/// Columns of the terminal behind `fd`, else `COLUMNS`, else 100.
std::size_t terminal_width(int fd);
/// Lines of the terminal behind `fd`; 0: it has none.
std::size_t terminal_height(int fd);

/// "label       text", the text in one line and beginning at column `width`; nothing at all without
/// text.
std::string labelled(const std::string& label, const std::string& text, std::size_t width);

}  // namespace patchlab::cli
