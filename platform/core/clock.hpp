// SPDX-License-Identifier: Apache-2.0
//
// Clock: the port through which code that persists or compares times asks for them, so that tests
// can set them. Durations of local work are measured with Stopwatch, which is monotonic.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace patchlab {

using Seconds = std::chrono::duration<double>;
using TimePoint = std::chrono::system_clock::time_point;

/// Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
  public:
    TimePoint now() const override { return std::chrono::system_clock::now(); }
};

/// RFC 3339 in UTC with seconds: "2026-11-23T05:47:22Z".
std::string to_rfc3339(TimePoint time);
/// Reads what to_rfc3339() writes, and plain dates ("2026-12-31", midnight UTC). Throws
/// Error(invalid).
TimePoint from_rfc3339(const std::string& text);
/// So many seconds after a time that to_rfc3339() wrote, as text again.
std::string seconds_after(const std::string& time, std::int64_t seconds);

class Stopwatch {
  public:
    /// Seconds since construction.
    double seconds() const { return Seconds(std::chrono::steady_clock::now() - start_).count(); }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A point in monotonic time by which something must have happened.
class Deadline {
  public:
    explicit Deadline(Seconds from_now)
        : end_(std::chrono::steady_clock::now() +
               std::chrono::duration_cast<std::chrono::steady_clock::duration>(from_now)) {}
    bool passed() const { return std::chrono::steady_clock::now() >= end_; }
    /// Time left, never negative.
    std::chrono::milliseconds left() const;
    std::chrono::steady_clock::time_point end() const { return end_; }

  private:
    std::chrono::steady_clock::time_point end_;
};

}  // namespace patchlab
