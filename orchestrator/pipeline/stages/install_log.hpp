// SPDX-License-Identifier: Apache-2.0
//
// What the log of apt and dpkg says about a failure. A log is the guest's text: sizes are capped
// here, and nothing but sentences for people is made of it. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::pipeline {

/// The last `count` lines.
std::string last_lines(std::string_view log, std::size_t count);

/// Why an installation failed, in one line of at most 400 bytes: what the failing script said last,
/// and dpkg's and apt's own words
/// ("…: no way back from here; installed x package post-installation script subprocess returned
/// error exit status 1"). The last line of the log when it holds no such words.
std::string failure_in(std::string_view log);

}  // namespace patchlab::pipeline
