// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/windows_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab::inventory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Windows, are_read_as_a_rollout_writes_them) {
    Diagnostics mistakes;
    const assessment::Windows windows = parse_windows(
        "schema: patchlab/windows/v1\nwindows:\n  night: { zone: Europe/Zurich, days: [tue, mon], "
        "from: \"22:00\", to: \"04:00\", except: "
        "[\"2026-12-24\"] }\n"
        "  any: { zone: UTC, from: \"00:00\", to: \"00:00\" }\n",
        "w.yaml", mistakes);
    ASSERT_TRUE(mistakes.ok()) << mistakes.items.front().text();
    EXPECT_EQ(describe(windows.at("night")), "mon-tue 22:00-04:00 Europe/Zurich");
    EXPECT_EQ(describe(windows.at("any")), "mon-sun 00:00-00:00 UTC");
}

TEST(Windows, every_mistake_is_told_with_its_line) {
    Diagnostics mistakes;
    parse_windows(
        "schema: patchlab/windows/v1\nwindows:\n  night: { zone: Mars/Base, from: \"22:00\", to: "
        "\"04:00\" }\n  day: { zone: UTC, from: "
        "\"08:00\", to: \"09:00\", except: [\"2026-02-30\"] }\n",
        "w.yaml", mistakes);
    std::vector<std::string> lines;
    for (const Diagnostic& item : mistakes.items) lines.push_back(item.text());
    EXPECT_THAT(lines,
                testing::UnorderedElementsAre(
                    "w.yaml:3: /windows/night/zone: there is no time zone 'Mars/Base'",
                    HasSubstr("w.yaml:4: /windows/day/except/0: '2026-02-30' is not a day")));
    Diagnostics form;
    parse_windows(
        "schema: patchlab/windows/v1\nwindows:\n  Night: { zone: ../etc, from: 22, to: \"04:00\" "
        "}\n",
        "w.yaml", form);
    EXPECT_GE(form.items.size(), 3U);
}

}  // namespace
}  // namespace patchlab::inventory
