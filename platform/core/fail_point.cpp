// SPDX-License-Identifier: Apache-2.0
#include "platform/core/fail_point.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace patchlab {

void fail_point(std::string_view name) {
    const char* text = std::getenv("PATCHLAB_FAULT");
    if (!text) return;
    std::string wanted = text;
    int passage = 1;
    if (const auto mark = wanted.find('@'); mark != std::string::npos) {
        passage = std::atoi(wanted.c_str() + mark + 1);
        wanted.resize(mark);
    }
    if (wanted != std::string(name) + ":kill") return;
    static std::atomic<int> passed{0};
    if (++passed == passage) ::kill(::getpid(), SIGKILL);
}

}  // namespace patchlab
