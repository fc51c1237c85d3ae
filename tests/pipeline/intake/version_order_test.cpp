// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "orchestrator/families/package_family.hpp"
#include "platform/process/command.hpp"

namespace patchlab::intake {
namespace {

std::string random_version(std::mt19937& random) {
    static constexpr std::string_view alphabet = "0129aZ~+.";
    const auto part = [&](std::size_t most) {
        std::string text = std::to_string(random() % 3);
        for (std::size_t n = random() % most; n > 0; --n)
            text += alphabet[random() % alphabet.size()];
        return text;
    };
    std::string version = random() % 4 == 0 ? std::to_string(random() % 2) + ":" : "";
    version += part(5);
    if (random() % 2) version += "-" + part(4);
    return version;
}

TEST(VersionOrder, agrees_with_dpkg_on_random_versions) {
    std::mt19937 random(20261123);
    process::SystemCommandRunner runner;
    for (int i = 0; i < 150; ++i) {
        const std::string a = random_version(random);
        const std::string b = random_version(random);
        const int order = families::family("deb").compare_versions(a, b);
        process::CommandSpec spec;
        spec.program = "dpkg";
        spec.args = {"--compare-versions", a, order < 0 ? "lt" : order > 0 ? "gt" : "eq", b};
        EXPECT_EQ(runner.run(spec).exit_code, 0) << a << " " << b << " " << order;
    }
}

}  // namespace
}  // namespace patchlab::intake
