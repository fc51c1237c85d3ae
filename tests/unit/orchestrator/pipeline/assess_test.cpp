// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/assess.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/pipeline/fake/fake_backend.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "orchestrator/pipeline/verdict/blame.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"
#include "platform/virt/fake_hypervisor.hpp"

namespace patchlab::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testsuites::CheckResult;
using testsuites::Outcome;

std::vector<CheckResult> check(Outcome outcome) {
    CheckResult result;
    result.suite = "nginx";
    result.name = "answers";
    result.outcome = outcome;
    return {result};
}

MachineLook look(Outcome outcome, std::vector<std::string> failed_units = {}) {
    snapshots::Capture capture;
    capture.health.failed_units = std::move(failed_units);
    return {std::make_shared<const std::vector<CheckResult>>(check(outcome)),
            std::make_shared<const snapshots::Capture>(std::move(capture)),
            std::make_shared<const std::vector<snapshots::Change>>(),
            std::make_shared<const std::vector<snapshots::StaleFiles>>()};
}

/// One machine that works before the patch and, unless a test says otherwise, after it.
TrialFindings findings(MachineLook patched) {
    MachineFindings web;
    web.machine = "web";
    web.before = look(Outcome::pass);
    web.unpatched = {{look(Outcome::pass), false, false}, {look(Outcome::pass), true, false}};
    web.patched = std::move(patched);
    TrialFindings all;
    all.machines = {web};
    return all;
}

std::vector<ReasonKind> kinds(const Assessment& assessment) {
    std::vector<ReasonKind> found;
    for (const Reason& reason : assessment.reasons) found.push_back(reason.kind);
    return found;
}

TEST(Assess, finds_nothing_where_all_is_as_before) {
    const Assessment good = assess(findings(look(Outcome::pass)), Moment::judged);
    EXPECT_THAT(good.reasons, IsEmpty());
    EXPECT_EQ(good.checks.size(), 1U);
}

TEST(Assess, a_part_that_was_not_seen_is_never_fine) {
    MachineLook half = look(Outcome::pass);
    half.changes = nullptr;
    EXPECT_EQ(judge(assess(findings(half), Moment::compared).reasons), Verdict::inconclusive);
    EXPECT_EQ(judge(assess(findings({}), Moment::compared).reasons), Verdict::inconclusive);
}

TEST(Assess, the_next_start_counts_once_it_is_reached) {
    TrialFindings rebooted = findings(look(Outcome::pass));
    rebooted.next_start = true;
    rebooted.machines[0].next_start = look(Outcome::fail);
    EXPECT_THAT(assess(rebooted, Moment::compared).reasons, IsEmpty());
    const Assessment after = assess(rebooted, Moment::started);
    ASSERT_THAT(kinds(after), ElementsAre(ReasonKind::check_failed));
    EXPECT_TRUE(after.reasons[0].after_reboot);
    ASSERT_TRUE(after.checks.at(0).later.has_value());
    EXPECT_EQ(after.checks[0].check.after, Outcome::pass);
    EXPECT_EQ(after.checks[0].later->after, Outcome::fail);
}

snapshots::Change file_change(const std::string& path, snapshots::ChangeKind kind) {
    snapshots::Change change;
    change.machine = "web";
    change.subject = path;
    change.about = snapshots::DiskFile{};
    change.kind = kind;
    change.before = snapshots::FileState{snapshots::FileType::file, 0644};
    return change;
}

TrialFindings with_changes_after_reboot(std::vector<snapshots::Change> changes) {
    TrialFindings rebooted = findings(look(Outcome::pass));
    rebooted.next_start = true;
    rebooted.machines[0].next_start = look(Outcome::pass);
    rebooted.machines[0].next_start.changes =
        std::make_shared<const std::vector<snapshots::Change>>(std::move(changes));
    return rebooted;
}

TEST(Assess, a_loss_at_the_next_start_counts_like_one_at_once_and_is_named_so) {
    const Assessment after = assess(
        with_changes_after_reboot(
            {file_change("/etc/nginx/snippets/snakeoil.conf", snapshots::ChangeKind::removed)}),
        Moment::started);
    ASSERT_THAT(kinds(after), ElementsAre(ReasonKind::unexplained_change));
    EXPECT_EQ(after.reasons[0].subject, "file /etc/nginx/snippets/snakeoil.conf");
    EXPECT_THAT(told(after.reasons[0]),
                testing::StartsWith("removed at the next start: a file of 0 bytes"));
}

TEST(Assess, what_a_start_does_by_itself_or_a_package_explains_is_no_reason_after_it_either) {
    auto noise = file_change("/var/lib/misc/counter", snapshots::ChangeKind::changed);
    noise.attribution = snapshots::Attribution::noise();
    auto explained = file_change("/etc/ld.so.cache", snapshots::ChangeKind::changed);
    explained.attribution = snapshots::Attribution::by("libfoo1");
    EXPECT_THAT(assess(with_changes_after_reboot({noise, explained}), Moment::judged).reasons,
                IsEmpty());
}

TEST(Assess, what_was_changed_before_the_next_start_is_told_once) {
    const auto lost = file_change("/srv/ledger", snapshots::ChangeKind::removed);
    TrialFindings both = with_changes_after_reboot({lost});
    both.machines[0].patched.changes =
        std::make_shared<const std::vector<snapshots::Change>>(std::vector{lost});
    const Assessment after = assess(both, Moment::judged);
    ASSERT_EQ(after.reasons.size(), 1U);
    EXPECT_FALSE(after.reasons[0].after_reboot);
}

TEST(Assess, an_unpatched_clone_is_rebooted_only_for_changes_that_a_start_may_make_by_itself) {
    const auto doubt = [](const std::string& path) {
        return next_start_in_doubt(
            with_changes_after_reboot({file_change(path, snapshots::ChangeKind::changed)}));
    };
    EXPECT_TRUE(doubt("/var/lib/misc/counter"));
    EXPECT_FALSE(doubt("/etc/hosts"));
    TrialFindings asked = with_changes_after_reboot(
        {file_change("/var/lib/misc/counter", snapshots::ChangeKind::changed)});
    asked.machines[0].unpatched.push_back({look(Outcome::pass), true, true});
    EXPECT_FALSE(next_start_in_doubt(asked)) << "it was asked by now";
}

/// A machine of which this unit was seen to fail unpatched so often.
TrialFindings known_to_fail(std::uint64_t times, std::uint64_t looks) {
    TrialFindings all = findings(look(Outcome::pass));
    all.machines[0].known.looks = looks;
    all.machines[0].known.troubles[{"failed unit", "a.service"}] = {times, "2026-11-20T10:00:00Z"};
    return all;
}

TEST(Assess, a_trouble_that_the_machine_had_unpatched_in_other_runs_is_its_own) {
    TrialFindings once = known_to_fail(2, 40);
    once.doubted = true;
    once.machines[0].doubted = look(Outcome::pass, {"a.service"});
    const Assessment one_of_two = assess(once, Moment::judged);
    EXPECT_THAT(one_of_two.reasons, IsEmpty());
    ASSERT_EQ(one_of_two.own_troubles.size(), 1U);
    EXPECT_EQ(one_of_two.own_troubles[0].seen,
              "seen on unpatched machines 2 times in 40 looks, last 2026-11-20T10:00:00Z");
}

TEST(Assess,
     what_a_machine_seldom_shows_by_itself_does_not_excuse_a_patch_that_shows_it_each_time) {
    const auto verdict = [](std::uint64_t times, std::uint64_t looks) {
        TrialFindings both = known_to_fail(times, looks);
        both.doubted = true;
        both.machines[0].doubted = look(Outcome::pass, {"a.service"});
        both.machines[0].patched = look(Outcome::pass, {"a.service"});
        return judge(assess(both, Moment::judged).reasons);
    };
    EXPECT_EQ(verdict(1, 40), Verdict::rejected);
    EXPECT_EQ(verdict(20, 40), Verdict::validated);
    TrialFindings first = known_to_fail(20, 40);
    first.machines[0].patched = look(Outcome::pass, {"a.service"});
    EXPECT_TRUE(needs_second_trial(assess(first, Moment::compared).reasons, false))
        << "one sight settles nothing";
}

TEST(Assess, a_trouble_of_one_of_two_starts_is_for_a_person) {
    TrialFindings rebooted = findings(look(Outcome::pass));
    rebooted.next_start = true;
    rebooted.machines[0].next_start = look(Outcome::fail);
    rebooted.machines[0].another_start = look(Outcome::pass);
    EXPECT_EQ(judge(assess(rebooted, Moment::started).reasons), Verdict::needs_review);
    rebooted.machines[0].another_start = look(Outcome::fail);
    EXPECT_EQ(judge(assess(rebooted, Moment::started).reasons), Verdict::rejected);
}

TEST(Assess, a_trouble_of_one_of_two_trials_is_for_a_person) {
    TrialFindings second = findings(look(Outcome::pass));
    second.doubted = true;
    second.machines[0].doubted = look(Outcome::pass, {"a.service"});
    EXPECT_EQ(judge(assess(second, Moment::compared).reasons), Verdict::needs_review);
    second.machines[0].patched = look(Outcome::pass, {"a.service"});
    const Assessment both = assess(second, Moment::compared);
    ASSERT_THAT(kinds(both), ElementsAre(ReasonKind::health));
    EXPECT_TRUE(both.reasons[0].seen_twice);
}

TEST(Assess, what_later_starts_noted_counts_in_the_verdict_alone) {
    TrialFindings noted = findings(look(Outcome::pass));
    noted.noted_in_later_starts = {
        {ReasonKind::health, "web", "service manager", "jobs were still running", Effect::review}};
    EXPECT_THAT(assess(noted, Moment::started).reasons, IsEmpty());
    EXPECT_THAT(kinds(assess(noted, Moment::judged)), ElementsAre(ReasonKind::health));
}

TEST(Assess, causes_come_before_consequences) {
    TrialFindings drilled = findings(look(Outcome::fail));
    drilled.noted = {
        {ReasonKind::drill_failed, "", "back to the old versions", "", Effect::rejects}};
    EXPECT_THAT(
        kinds(assess(drilled, Moment::judged)),
        ElementsAre(ReasonKind::check_failed, ReasonKind::drill_failed, ReasonKind::untested));
}

TEST(Blame, is_the_labs_when_one_emulator_is_at_fault) {
    EXPECT_FALSE(suspicion_of_silence({{"a", Silence::crashed}, {"b", Silence::lab}}, true, ""));
    const auto suspicion = suspicion_of_silence(
        {{"a", Silence::silent}, {"b", Silence::powered_off}, {"c", Silence::silent}}, false, "?");
    ASSERT_TRUE(suspicion.has_value());
    EXPECT_EQ(suspicion->machine, "b");
    EXPECT_EQ(suspicion->kind, ReasonKind::channel_lost);
    EXPECT_EQ(suspicion->what, "?; it switched itself off");
    EXPECT_EQ(suspicion_of_silence({{"a", Silence::silent}}, true, "?")->kind,
              ReasonKind::did_not_boot);
}

TEST(Blame, is_not_the_patchs_before_it_is_applied_nor_after_the_reboot_check) {
    EXPECT_FALSE(may_be_the_patch(Stage::restore));
    EXPECT_TRUE(may_be_the_patch(Stage::apply));
    EXPECT_TRUE(may_be_the_patch(Stage::endure));
    EXPECT_FALSE(may_be_the_patch(Stage::drill));
}

TEST(FindingsReader, reads_a_file_once_and_again_when_a_stage_has_written_it_anew) {
    const TempFolder folder(fs::temp_directory_path(), "findings");
    const fs::path trial = folder.path() / "run" / "work" / "trial-1";
    const PreparedLab lab(folder.path() / "lab");
    RunRequest request;
    request.machines.emplace_back().definition.name = "web";
    const SystemClock clock;
    process::SystemCommandRunner commands;
    const Backend backend = fake_backend(commands, clock);
    virt::FakeHypervisor hypervisor;
    LiveEmulators emulators;
    const RunContext run{request,   backend,       RunFolder(folder.path() / "run"), hypervisor,
                         emulators, folder.path(), [](Stage, const std::string&) {}, [] {}};
    for (const fs::path& place : {lab.folder() / "baseline", trial}) {
        make_folder(place);
        write_checks(place, "web", check(Outcome::pass));
        write_capture(place, "web", {});
    }
    FindingsReader reader(run, lab);
    const MachineFindings first = reader.read(trial).machines.at(0);
    EXPECT_EQ(first.patched.changes, nullptr) << "not compared yet";
    const MachineFindings same = reader.read(trial).machines.at(0);
    EXPECT_EQ(first.before.capture, same.before.capture) << "the same value, not another reading";
    EXPECT_EQ(first.patched.checks, same.patched.checks);
    write_checks(trial, "web", check(Outcome::fail));
    const MachineFindings anew = reader.read(trial).machines.at(0);
    EXPECT_EQ(anew.patched.checks->at(0).outcome, Outcome::fail);
    EXPECT_EQ(first.patched.capture, anew.patched.capture);
}

}  // namespace
}  // namespace patchlab::pipeline
