// SPDX-License-Identifier: Apache-2.0
//
// bench_compare BASE OVERLAY [--walk]: compares once and prints one line of JSON: seconds, what was
// found, and the most memory that this process or one of its children ever held. --walk: the plain
// full walk of both sides instead.
#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string_view>

#include "platform/core/clock.hpp"
#include "platform/core/json.hpp"
#include "platform/disk/overlay/changes.hpp"

int main(int argc, char** argv) {
    using namespace patchlab;
    if (const auto code = disk::run_if_compare_child(argc, argv)) return *code;
    const bool walk = argc == 4 && std::string_view(argv[3]) == "--walk";
    if (argc != 3 && !walk) {
        std::cerr << "usage: bench_compare BASE OVERLAY [--walk]\n";
        return 2;
    }
    try {
        const disk::OverlayQuery query{argv[1], argv[2]};
        const Stopwatch watch;
        const disk::OverlayComparison found =
            walk ? disk::compare_by_walk(query) : disk::compare_overlay(query);
        const double seconds = watch.seconds();
        rusage self{}, children{};
        ::getrusage(RUSAGE_SELF, &self);
        ::getrusage(RUSAGE_CHILDREN, &children);
        std::cout << Json{{"method", found.method},
                          {"seconds", seconds},
                          {"changes", found.changes.size()},
                          {"inodes_examined", found.inodes_examined},
                          {"overlay_bytes", found.overlay_bytes},
                          {"peak_kib", std::max(self.ru_maxrss, children.ru_maxrss)}}
                  << "\n";
    } catch (const std::exception& error) {
        std::cerr << "bench_compare: " << error.what() << "\n";
        return 3;
    }
    return 0;
}
