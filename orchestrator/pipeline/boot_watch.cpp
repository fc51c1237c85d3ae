// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/boot_watch.hpp"

#include <algorithm>

namespace patchlab::pipeline {

namespace {

constexpr double rest_window = 120;   ///< seconds
constexpr double rest_share = 0.10;   ///< of one processor
constexpr double most_wall = 1500;    ///< seconds, when nothing else decides

std::string whole(double seconds) { return std::to_string(static_cast<long>(seconds)); }

}  // namespace

std::optional<std::string> BootWatch::look(double now, std::optional<double> cpu) {
    if (begin_ < 0) begin_ = window_begin_ = now;
    if (now - begin_ > most_wall) return "no answer for " + whole(now - begin_) + " s";
    if (!cpu) return std::nullopt;
    if (!first_cpu_) first_cpu_ = window_cpu_ = *cpu;
    if (*cpu - *first_cpu_ > most_work_)
        return "its emulator worked for " + whole(*cpu - *first_cpu_) + " s of processor time, and the guest does not answer";
    if (now - window_begin_ >= rest_window) {
        if (*cpu - window_cpu_ < rest_share * (now - window_begin_)) return "its emulator stood still for " + whole(now - window_begin_) + " s";
        window_begin_ = now;
        window_cpu_ = *cpu;
    }
    return std::nullopt;
}

}  // namespace patchlab::pipeline
