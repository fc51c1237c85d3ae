// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/campaign/watch/definition.hpp"

#include <algorithm>
#include <array>

#include "campaign_files.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/text_units.hpp"
#include "platform/core/yaml.hpp"

namespace patchlab::campaign {

namespace {

constexpr Seconds least_interval{10};
constexpr std::array how_words{std::pair{How::campaign, std::string_view("campaign")},
                               std::pair{How::together, std::string_view("together")},
                               std::pair{How::each, std::string_view("each")}};

class WatchReader {
  public:
    WatchReader(const YamlDocument& document, Diagnostics& diagnostics)
        : document_(document), diagnostics_(diagnostics), root_(document.value) {}

    void read(WatchDefinition& out) const {
        out.name = root_.at("name").get<std::string>();
        out.description = root_.value("description", "");
        out.labs = strings(root_, "labs");
        out.suites = strings(root_, "suites");
        out.sources = strings(root_, "sources");
        for (const auto& [how, word] : how_words)
            if (root_.value("how", "campaign") == word) out.how = how;
        out.every = duration(root_, "every", "/every", out.every);
        if (out.every < least_interval) mistake("/every", "must be at least 10s");
        read_quiet(out);
        read_runs(out);
        out.tell = strings(root_, "tell");
        for (const reports::Verdict verdict : reports::all_verdicts) read_reaction(out, verdict);
    }

  private:
    void mistake(const std::string& path, const std::string& message) const {
        diagnostics_.add(document_.file, document_.line_of(path), path, message);
    }

    static std::vector<std::string> strings(const Json& object, const char* key) {
        return object.value(key, std::vector<std::string>());
    }

    Seconds duration(const Json& object, const char* key, const std::string& path,
                     Seconds fallback) const {
        if (!object.contains(key)) return fallback;
        const auto length = parse_duration(object.at(key).get<std::string>());
        if (!length) mistake(path, "must be " + std::string(duration_form));
        return length.value_or(fallback);
    }

    void read_quiet(WatchDefinition& out) const {
        if (!root_.contains("quiet")) return;
        for (const Json& window : root_.at("quiet"))
            out.quiet.push_back(assessment::read_window(
                window, "/quiet/" + std::to_string(out.quiet.size()),
                [&](const std::string& path, const std::string& text) { mistake(path, text); }));
    }

    void read_runs(WatchDefinition& out) const {
        if (root_.contains("at-most")) {
            out.most_runs = root_.at("at-most").at("runs").get<std::size_t>();
            out.per = duration(root_.at("at-most"), "per", "/at-most/per", out.per);
            if (out.per <= Seconds(0)) mistake("/at-most/per", "must be longer than nothing");
        }
        if (!root_.contains("run")) return;
        const Json& run = root_.at("run");
        out.run_suites = strings(run, "suites");
        out.dependents = run.value("dependents", false);
        out.drill = run.value("drill", true);
        out.reboot_check = run.value("reboot-check", true);
        out.smallest = run.value("smallest", false);
        if (out.smallest && out.how != How::campaign)
            mistake("/run/smallest", "is for `how: campaign`: the others do not search");
    }

    void read_reaction(WatchDefinition& out, reports::Verdict verdict) const {
        const std::string word(reports::name(verdict));
        if (!root_.contains("on") || !root_.at("on").contains(word)) return;
        const Json& reaction = root_.at("on").at(word);
        out.on[verdict] = {reaction.value("promote", ""), strings(reaction, "tell")};
    }

    const YamlDocument& document_;
    Diagnostics& diagnostics_;
    const Json& root_;
};

}  // namespace

std::string_view name(How how) {
    for (const auto& [value, word] : how_words)
        if (value == how) return word;
    return "";
}

WatchDefinition parse_watch(const std::string& yaml, const std::string& file,
                            Diagnostics& diagnostics) {
    WatchDefinition watch;
    watch.source = yaml;
    Diagnostics own;  // the caller's may hold the mistakes of other files already
    const YamlDocument document = parse_yaml(yaml, file, own);
    static const Schema schema(watch_schema());
    if (own.ok()) schema.check(document, own);
    if (own.ok()) WatchReader(document, own).read(watch);
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return watch;
}

std::string watch_schema() {
    return std::string(embedded::campaign_files::file("watch.schema.json"));
}

std::optional<TimePoint> quiet_until(const WatchDefinition& watch, TimePoint now) {
    TimePoint free = now;
    // where one window closes, another may be open
    for (std::size_t round = 0; round <= watch.quiet.size(); ++round)
        for (const assessment::Window& window : watch.quiet) {
            const auto opening = assessment::opening_at_or_after(window, free);
            if (opening && opening->opens <= free) free = std::max(free, opening->closes);
        }
    return free > now ? std::optional(free) : std::nullopt;
}

std::vector<std::string> told_of(const WatchDefinition& watch,
                                 std::optional<reports::Verdict> verdict) {
    std::vector<std::string> names = watch.tell;
    if (!verdict || !watch.on.contains(*verdict)) return names;
    for (const std::string& name : watch.on.at(*verdict).tell)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    return names;
}

}  // namespace patchlab::campaign
