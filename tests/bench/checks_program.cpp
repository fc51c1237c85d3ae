// SPDX-License-Identifier: Apache-2.0
//
// bench_checks SUITE…: the program that a run hands to a guest for these suites, on stdout, so that
// a peer can be given the same checks
// (`perl FILE`; it needs no more than perl-base).
#include <iostream>

#include "platform/core/error.hpp"
#include "testsuites/batch.hpp"
#include "testsuites/loader.hpp"

int main(int count, char** words) {
    std::vector<patchlab::testsuites::Suite> suites;
    try {
        for (int i = 1; i < count; ++i)
            suites.push_back(patchlab::testsuites::builtin_suite(words[i]));
    } catch (const patchlab::Error& error) {
        std::cerr << "bench_checks: " << error.message() << "\n";
        return 2;
    }
    std::cout << patchlab::testsuites::compile_batch(suites, "bench");
    return suites.empty() ? 2 : 0;
}
