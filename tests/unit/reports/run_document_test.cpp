// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden_runs.hpp"
#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"
#include "reports/run_document.hpp"
#include "reports/words.hpp"

namespace patchlab::reports {

namespace {

Json rejected_run() { return read_json(std::string(PATCHLAB_GOLDEN) + "/run/rejected.json"); }

std::string mistake_in(const Json& json) {
    try {
        parse_run_document(json);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        return error.message();
    }
    return "none";
}

TEST(RunDocument, is_read_whole) {
    const RunDocument run = parse_run_document(rejected_run());
    EXPECT_EQ(run.verdict, Verdict::rejected);
    EXPECT_EQ(run.reasons.at(1).effect, Effect::rejects);
    EXPECT_EQ(run.patches.at(0).packages.at(0).from, "1.22.1-9+deb12u9");
    EXPECT_EQ(run.checks.size(), 14U);
    EXPECT_EQ(run.changes.unexplained, 4U);
    EXPECT_EQ(run.changes.unexplained_and_read(), 3U);
    EXPECT_EQ(run.drill->downgrade->seconds, 11.8);
    EXPECT_EQ(run.backend, "libvirt");
}

TEST(RunDocument, needs_only_what_the_contract_demands) {
    const Json least{
        {"schema", "patchlab/run/v1"}, {"id", "r"}, {"lab", "l"}, {"verdict", nullptr}};
    const RunDocument run = parse_run_document(least);
    EXPECT_FALSE(run.verdict);
    EXPECT_FALSE(run.drill);
}

TEST(RunDocument, names_the_place_of_a_mistake_and_never_guesses_a_verdict) {
    Json json = rejected_run();
    json["verdict"] = "fine";
    EXPECT_EQ(mistake_in(json), "run.json: /verdict: is 'fine', which this version does not know");
    json = rejected_run();
    json["checks"][3]["after"] = "PASS";
    EXPECT_EQ(mistake_in(json),
              "run.json: /checks/3/after: is 'PASS', which this version does not know");
    json = rejected_run();
    json["changes"]["unexplained"] = -1;
    EXPECT_EQ(mistake_in(json), "run.json: /changes/unexplained: must not be negative");
    json = rejected_run();
    json["schema"] = "patchlab/run/v2";
    EXPECT_NE(mistake_in(json), "none");
    json = rejected_run();
    json["drill"].erase("restored");
    EXPECT_EQ(mistake_in(json), "run.json: /drill/restored: is missing");
}

TEST(RunDocument, a_reason_without_effect_rejects_unless_its_kind_is_known_to_be_milder) {
    Json json = rejected_run();
    json["reasons"] = Json::array(
        {{{"kind", "something-new"}}, {{"kind", "sensitive-change"}}, {{"kind", "lab-fault"}}});
    const RunDocument run = parse_run_document(json);
    EXPECT_EQ(run.reasons[0].effect, Effect::rejects);
    EXPECT_EQ(run.reasons[1].effect, Effect::review);
    EXPECT_EQ(run.reasons[2].effect, Effect::inconclusive);
}

TEST(RunDocument, a_package_called_noise_is_a_package) {
    Json json = rejected_run();
    Json& item = json["changes"]["items"][0];
    const auto change = [&](const char* attribution) {
        item["attribution"] = attribution;
        return parse_run_document(json).changes.items.at(0);
    };
    EXPECT_TRUE(change("noise").noise());
    EXPECT_TRUE(change("unexplained").unexplained());
    EXPECT_EQ(change("nginx").package, "nginx");
    const RunChange odd = change("package:noise");
    EXPECT_EQ(odd.package, "noise");
    EXPECT_FALSE(odd.noise());
    EXPECT_FALSE(change("package:unexplained").unexplained());
}

TEST(RunDocument, a_check_is_blamed_on_the_patch_only_when_it_passed_without_it) {
    const auto reading = [](CheckOutcome before, CheckOutcome control, CheckOutcome after,
                            bool flaky = false) {
        RunCheck check;
        check.before = before;
        check.control = control;
        check.after = after;
        check.flaky = flaky;
        return reading_of(check);
    };
    using O = CheckOutcome;
    EXPECT_EQ(reading(O::pass, O::pass, O::fail), CheckReading::newly_failing);
    EXPECT_EQ(reading(O::absent, O::absent, O::fail), CheckReading::newly_failing);
    EXPECT_EQ(reading(O::unknown, O::unknown, O::fail), CheckReading::newly_failing);
    EXPECT_EQ(reading(O::fail, O::fail, O::fail), CheckReading::old_failure);
    EXPECT_EQ(reading(O::pass, O::fail, O::fail), CheckReading::flickers);
    EXPECT_EQ(reading(O::pass, O::pass, O::fail, true), CheckReading::flickers);
    EXPECT_EQ(reading(O::fail, O::fail, O::pass), CheckReading::repaired);
    EXPECT_EQ(reading(O::pass, O::pass, O::unknown), CheckReading::not_observed);
    EXPECT_EQ(reading(O::pass, O::pass, O::absent), CheckReading::not_observed);
}

TEST(Practice, a_stage_that_was_left_out_is_named_with_its_reason) {
    RunDocument run = example_without_practice();
    run.stages.push_back({"faults", "ok", "", 3});
    const auto left_out = not_practised(run);
    ASSERT_EQ(left_out.size(), 2U);
    EXPECT_EQ(left_out[0].what, "Reboot check");
    EXPECT_EQ(left_out[0].why, "not asked for (--no-reboot-check)");
    EXPECT_EQ(left_out[1].what, "Rollback drill");
    EXPECT_EQ(left_out[1].why, "not reached");
}

TEST(Practice, the_reboot_of_the_patch_itself_is_a_reboot_check) {
    RunDocument run = example("validated");
    run.stages.push_back({"endure", "skipped", "not asked for (--no-reboot-check)", 0});
    run.machines[0].rebooted = true;
    run.machines[0].boot_id_before = "a";
    run.machines[0].boot_id_after = "b";
    for (const NotPractised& one : not_practised(run)) EXPECT_NE(one.stage, "endure");
}

}  // namespace

}  // namespace patchlab::reports
