// SPDX-License-Identifier: Apache-2.0
#include "reports/run_document.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "platform/core/json.hpp"
#include "reports_files.hpp"

namespace patchlab::reports {

namespace {

template <typename Value, std::size_t n>
using Names = std::array<std::pair<std::string_view, Value>, n>;

constexpr Names<Verdict, 4> verdicts{{{"validated", Verdict::validated},
                                      {"needs-review", Verdict::needs_review},
                                      {"rejected", Verdict::rejected},
                                      {"inconclusive", Verdict::inconclusive}}};
constexpr Names<Effect, 3> effects{{{"rejects", Effect::rejects},
                                    {"review", Effect::review},
                                    {"inconclusive", Effect::inconclusive}}};
constexpr Names<CheckOutcome, 5> outcomes{{{"pass", CheckOutcome::pass},
                                           {"fail", CheckOutcome::fail},
                                           {"skip", CheckOutcome::skip},
                                           {"unknown", CheckOutcome::unknown},
                                           {"absent", CheckOutcome::absent}}};

template <typename Value, std::size_t n>
std::string_view name_in(const Names<Value, n>& names, Value value) {
    for (const auto& [text, candidate] : names)
        if (candidate == value) return text;
    return "?";
}

template <typename Value, std::size_t n>
Value value_in(const Names<Value, n>& names, const JsonReader& json, std::string_view key) {
    const std::string text = json.string(key);
    for (const auto& [known, value] : names)
        if (known == text) return value;
    json.fail(key, "is '" + text + "', which this version does not know");
}

double seconds_of(const JsonReader& json) {
    const double seconds = json.number_or("seconds", 0);
    if (!std::isfinite(seconds) || seconds < 0) json.fail("seconds", "must not be negative");
    return seconds;
}

std::uint64_t count(const JsonReader& json, std::string_view key) {
    const std::int64_t value = json.integer_or(key, 0);
    if (value < 0) json.fail(key, "must not be negative");
    return static_cast<std::uint64_t>(value);
}

std::optional<bool> flag(const JsonReader& json, std::string_view key) {
    return json.has(key) ? std::optional(json.boolean(key)) : std::nullopt;
}

template <typename Item, typename Read>
std::vector<Item> list(const JsonReader& json, std::string_view key, Read read) {
    std::vector<Item> items;
    if (!json.has(key)) return items;
    for (const JsonReader& item : json.objects(key)) items.push_back(read(item));
    return items;
}

RunReason read_reason(const JsonReader& json) {
    RunReason reason{json.string("kind"),
                     json.string_or("machine", ""),
                     json.string_or("subject", ""),
                     json.string_or("detail", ""),
                     Effect::rejects,
                     json.boolean_or("seen_twice", false)};
    if (json.has("effect")) reason.effect = value_in(effects, json, "effect");
    else if (const auto kind = reason_kind_from(reason.kind))
        reason.effect = rule_of(*kind).unless_said;
    return reason;
}

RunPackage read_package(const JsonReader& json) {
    return {json.string("name"),          json.string_or("from", ""),
            json.string_or("to", ""),     json.string_or("origin", ""),
            json.string_or("sha256", ""), json.boolean_or("prerequisite", false),
            flag(json, "old_available"),  json.string_or("old_sha256", "")};
}

RunPatch read_patch(const JsonReader& json) {
    RunPatch patch;
    patch.id = json.string("id");
    patch.kind = json.string_or("kind", "");
    patch.source = json.string_or("source", "");
    patch.version = json.string_or("version", "");
    patch.urgency = json.string_or("urgency", "");
    patch.changelog = json.string_or("changelog", "");
    patch.reboot_why = json.string_or("reboot_why", "");
    patch.advisories = json.strings_or_empty("advisories");
    patch.reboot = json.boolean_or("reboot", false);
    patch.bytes = count(json, "bytes");
    patch.packages = list<RunPackage>(json, "packages", read_package);
    return patch;
}

RunMachine read_machine(const JsonReader& json) {
    RunMachine machine;
    machine.name = json.string("name");
    machine.image = json.string_or("image", "");
    machine.image_digest = json.string_or("image_digest", "");
    machine.os = json.string_or("os", "");
    machine.criticality = json.string_or("criticality", "");
    machine.kernel_before = json.string_or("kernel_before", "");
    machine.kernel_after = json.string_or("kernel_after", "");
    machine.boot_id_before = json.string_or("boot_id_before", "");
    machine.boot_id_after = json.string_or("boot_id_after", "");
    machine.rebooted = flag(json, "rebooted");
    machine.restarted = json.strings_or_empty("restarted");
    return machine;
}

RunStage read_stage(const JsonReader& json) {
    RunStage stage{json.string("name"), json.string("outcome"), json.string_or("detail", ""),
                   seconds_of(json), json.string_or("backend", "")};
    if (stage.outcome != "ok" && stage.outcome != "failed" && stage.outcome != "skipped")
        json.fail("outcome", "must be ok, failed or skipped");
    return stage;
}

RunCheck read_check(const JsonReader& json) {
    const auto outcome = [&](std::string_view key) {
        return json.has(key) ? value_in(outcomes, json, key) : CheckOutcome::absent;
    };
    return {json.string("machine"), json.string("suite"),
            json.string("name"),    json.string_or("detail", ""),
            outcome("before"),      outcome("control"),
            outcome("after"),       json.boolean_or("flaky", false),
            seconds_of(json),       outcome("after_reboot")};
}

/// The document has one text for both: a package that is called like one of the words is written
/// with a mark before its name (docs/formats/run.md).
void read_attribution(RunChange& change, std::string text) {
    constexpr std::string_view mark = "package:";
    if (text == "unexplained") return;
    if (text == "noise") {
        change.attribution = Attribution::noise;
        return;
    }
    change.attribution = Attribution::package;
    change.package = text.starts_with(mark) ? text.substr(mark.size()) : std::move(text);
}

RunChange read_change(const JsonReader& json) {
    const auto value = [&](std::string_view key) {
        return json.has(key) ? std::optional(json.string(key)) : std::nullopt;
    };
    RunChange change;
    change.machine = json.string("machine");
    change.cls = json.string("class");
    change.subject = json.string("subject");
    change.change = json.string("change");
    read_attribution(change, json.string("attribution"));
    change.why = json.string_or("why", "");
    change.before = value("before");
    change.after = value("after");
    change.files = json.strings_or_empty("files");
    change.differs = json.string_or("differs", "");
    change.concern = json.string_or("concern", "");
    change.sensitive = json.boolean_or("sensitive", false);
    return change;
}

RunChanges read_changes(const JsonReader& json) {
    return {count(json, "total"),
            count(json, "explained"),
            count(json, "noise"),
            count(json, "unexplained"),
            count(json, "unreadable"),
            count(json, "sensitive"),
            list<RunChange>(json, "items", read_change)};
}

RunFault read_fault(const JsonReader& json) {
    return {json.string("fault"),
            json.string("machine"),
            json.string_or("detail", ""),
            json.boolean("came_back"),
            json.boolean("consistent"),
            json.boolean("installed"),
            json.strings_or_empty("had_to_do"),
            json.strings_or_empty("broken_checks"),
            seconds_of(json)};
}

RunOwnTrouble read_own_trouble(const JsonReader& json) {
    return {json.string("machine"), json.string("subject"), json.string_or("detail", ""),
            json.string_or("seen", "")};
}

RunDrill read_drill(const JsonReader& json) {
    RunDrill drill;
    drill.restored = json.boolean("restored");
    drill.difference = json.integer_or("difference", 0);
    drill.seconds = seconds_of(json);
    drill.at_once = json.boolean_or("at_once", false);
    drill.instructions = json.strings_or_empty("instructions");
    if (json.has("downgrade")) {
        const JsonReader way = json.object("downgrade");
        drill.downgrade = RunDowngrade{
            way.boolean_or("possible", false), way.boolean_or("restored", false),
            way.integer_or("difference", 0), seconds_of(way), way.string_or("detail", "")};
    }
    return drill;
}

}  // namespace

std::optional<Verdict> verdict_named(std::string_view word) {
    for (const auto& [known, verdict] : verdicts)
        if (known == word) return verdict;
    return std::nullopt;
}

std::string_view name(Verdict verdict) { return name_in(verdicts, verdict); }
std::string_view name(Effect effect) { return name_in(effects, effect); }
std::string_view name(CheckOutcome outcome) { return name_in(outcomes, outcome); }

std::uint64_t RunChanges::unexplained_and_read() const {
    if (items.size() < total) return unexplained;
    const auto counts = [](const RunChange& item) {
        return item.unexplained() && !item.unreadable();
    };
    return static_cast<std::uint64_t>(std::count_if(items.begin(), items.end(), counts));
}

CheckReading reading_of(const RunCheck& check) {
    switch (check.at_last()) {
        case CheckOutcome::unknown:
        case CheckOutcome::absent: return CheckReading::not_observed;
        case CheckOutcome::skip: return CheckReading::skipped;
        case CheckOutcome::pass:
            return check.before == CheckOutcome::fail ? CheckReading::repaired
                                                      : CheckReading::passes;
        case CheckOutcome::fail: break;
    }
    if (check.before == CheckOutcome::fail) return CheckReading::old_failure;
    return check.flaky || check.control == CheckOutcome::fail ? CheckReading::flickers
                                                              : CheckReading::newly_failing;
}

const RunStage* RunDocument::last_passage(std::string_view wanted) const {
    const auto found = std::find_if(stages.rbegin(), stages.rend(), [&](const RunStage& passage) {
        return passage.name == wanted;
    });
    return found == stages.rend() ? nullptr : &*found;
}

RunDocument parse_run_document(const Json& document, std::string_view where) {
    const JsonReader json(document, std::string(where));
    json.expect_schema("patchlab/run/v1");
    RunDocument run;
    run.id = json.string("id");
    run.lab = json.string("lab");
    run.stage = json.string_or("stage", "");
    run.state = json.string_or("state", "");
    run.started = json.string_or("started", "");
    run.finished = json.string_or("finished", "");
    run.requester = json.string_or("requester", "");
    run.summary = json.string_or("summary", "");
    run.patchlab_version = json.string_or("patchlab", "");
    run.seconds = seconds_of(json);
    if (json.has("host")) {
        const JsonReader host = json.object("host");
        run.acceleration = host.string_or("acceleration", "");
        run.checkpoint = host.string_or("checkpoint", "");
        run.backend = host.string_or("backend", "");
        run.emulator = host.string_or("emulator", "");
    }
    if (json.has("verdict")) run.verdict = value_in(verdicts, json, "verdict");
    run.reasons = list<RunReason>(json, "reasons", read_reason);
    run.patches = list<RunPatch>(json, "patches", read_patch);
    run.machines = list<RunMachine>(json, "machines", read_machine);
    run.stages = list<RunStage>(json, "stages", read_stage);
    // one simulated stage is enough: nothing of such a run may pass for real machines
    if (std::any_of(run.stages.begin(), run.stages.end(),
                    [](const RunStage& stage) { return stage.backend == "fake"; }))
        run.backend = "fake";
    run.checks = list<RunCheck>(json, "checks", read_check);
    if (json.has("changes")) run.changes = read_changes(json.object("changes"));
    run.faults = list<RunFault>(json, "faults", read_fault);
    run.own_troubles = list<RunOwnTrouble>(json, "own_troubles", read_own_trouble);
    if (json.has("drill")) run.drill = read_drill(json.object("drill"));
    run.logs = json.strings_or_empty("logs");
    return run;
}

std::string_view run_schema() { return embedded::reports_files::file("run.schema.json"); }

}  // namespace patchlab::reports
