// SPDX-License-Identifier: Apache-2.0
//
// YAML → Definition. The schema finds mistakes of form; names that nothing has, zones, dates and
// demands that contradict each other are found here.
#include "orchestrator/rollout/plan/definition.hpp"

#include <algorithm>
#include <cmath>

#include "orchestrator/notify/target.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"
#include "rollout_files.hpp"

namespace patchlab::rollout {

namespace {

constexpr std::uint64_t max_definition_bytes = 1U << 20;

Seconds duration(const Json& json, const char* key, Seconds fallback) {
    if (!json.contains(key)) return fallback;
    // the schema has checked its form
    return parse_duration(json.at(key).get<std::string>()).value_or(fallback);
}

std::string minutes_text(Seconds length) {
    return std::to_string(std::lround(std::ceil(length.count() / 60))) + " minutes";
}

class Reader {
  public:
    Reader(const YamlDocument& document, Diagnostics& diagnostics, notify::TargetsOf targets)
        : document_(document),
          diagnostics_(diagnostics),
          root_(document.value),
          targets_(targets) {}

    void read(Definition& out) const {
        out.name = root_.at("name").get<std::string>();
        out.description = root_.value("description", "");
        out.mode = root_.value("mode", "push") == "pull" ? Mode::pull : Mode::push;
        read_numbers(out);
        if (root_.contains("hosts")) read_hosts(root_.at("hosts"), out.hosts);
        if (root_.contains("windows"))
            for (const auto& [name, json] : root_.at("windows").items())
                out.windows[name] = window(json, json_pointer("/windows", name), out.needed());
        read_rings(out);
        if (root_.contains("gate")) {
            const Json& gate = root_.at("gate");
            if (gate.contains("suites"))
                out.gate_suites = gate.at("suites").get<std::vector<std::string>>();
            out.lab_suites = gate.value("lab-suites", true);
            out.patch_unhealthy = gate.value("unhealthy-hosts", "skip") == "patch";
            out.patch_without_way_back = gate.value("no-way-back", "skip") == "patch";
            out.halt_on_disagreement = gate.value("disagreement", "halt") == "halt";
            out.pause_on_rise = gate.value("rise", "pause") == "pause";
            out.silent_counts = gate.value("silent-hosts", "unproven") == "budget";
            if (!out.lab_suites && out.gate_suites.empty())
                mistake("/gate",
                        "leaves nothing to check: a ring that is not checked proves nothing");
        }
        if (root_.contains("notify"))
            out.notify = notify::notify_targets(
                root_.at("notify"), "/notify",
                [&](const std::string& path, const std::string& message) {
                    mistake(path, message);
                },
                targets_);
    }

  private:
    void mistake(const std::string& path, const std::string& message) const {
        diagnostics_.add(document_.file, document_.line_of(path), path, message);
    }

    void read_numbers(Definition& out) const {
        if (root_.contains("time")) {
            out.install = duration(root_.at("time"), "install", out.install);
            out.back_out = duration(root_.at("time"), "back-out", out.back_out);
        }
        if (root_.contains("failure-budget")) {
            const Json& budget = root_.at("failure-budget");
            if (budget.contains("hosts"))
                out.budget.hosts = budget.at("hosts").get<std::uint64_t>();
            if (budget.contains("percent")) out.budget.percent = budget.at("percent").get<double>();
        }
        out.proof = root_.value("proof", out.proof);
        if (!root_.contains("catch-up")) return;
        out.catch_up_for = duration(root_.at("catch-up"), "for", out.catch_up_for);
        out.catch_up_every = duration(root_.at("catch-up"), "every", out.catch_up_every);
        if (out.catch_up_every < Seconds(1))
            mistake("/catch-up/every", "must be one second or more");
    }

    static void read_hosts(const Json& json, HostSelection& hosts) {
        for (const auto& [key, list] :
             {std::pair{"groups", &hosts.groups}, std::pair{"names", &hosts.names},
              std::pair{"except", &hosts.except}})
            if (json.contains(key)) *list = json.at(key).get<std::vector<std::string>>();
    }

    assessment::Window window(const Json& json, const std::string& path, Seconds needed) const {
        assessment::Window window = assessment::read_window(
            json, path,
            [&](const std::string& where, const std::string& message) { mistake(where, message); });
        const Seconds open = assessment::nominal_length(window);
        if (open < needed)
            mistake(path, "is open for " + minutes_text(open) +
                              ", but the installation and the way back need " +
                              minutes_text(needed) + " (time)");
        return window;
    }

    void read_rings(Definition& out) const {
        const std::string fallback = root_.value("window", "");
        check_window(fallback, "/window", out.windows);
        const std::size_t concurrency = root_.value("concurrency", std::size_t{10});
        for (const Json& json : root_.at("rings")) {
            const std::string path = "/rings/" + std::to_string(out.rings.size());
            RingDefinition ring = this->ring(json, path);
            ring.concurrency = json.value("concurrency", concurrency);
            ring.window = json.value("window", fallback);
            ring.channel = json.value("channel", "ring-" + std::to_string(out.rings.size()));
            if (json.contains("window")) check_window(ring.window, path + "/window", out.windows);
            for (const RingDefinition& other : out.rings) {
                if (other.name == ring.name)
                    mistake(path + "/name", "there is a ring '" + ring.name + "' already");
                if (other.channel == ring.channel)
                    mistake(path + "/channel", "ring '" + other.name + "' follows the channel " +
                                                   ring.channel + " too");
            }
            if (!out.rings.empty() && out.rings.back().take == Take::rest)
                mistake(path, "comes after a ring that takes all that are left");
            out.rings.push_back(std::move(ring));
        }
    }

    void check_window(const std::string& window, const std::string& path,
                      const assessment::Windows& windows) const {
        if (window.empty() || windows.contains(window)) return;
        std::vector<std::string> known;
        for (const auto& [name, ignored] : windows) known.push_back(name);
        const std::string meant = nearest_word(window, known);
        mistake(path, "there is no window '" + window + "'" +
                          (meant.empty() ? "" : "; did you mean '" + meant + "'?"));
    }

    RingDefinition ring(const Json& json, const std::string& path) const {
        RingDefinition ring;
        ring.name = json.at("name").get<std::string>();
        int ways = 0;
        const auto takes = [&](const char* key, Take take) {
            if (!json.contains(key)) return false;
            ring.take = take;
            return ++ways > 0;
        };
        if (takes("count", Take::count)) ring.count = json.at("count").get<std::uint64_t>();
        if (takes("percent", Take::percent)) ring.percent = json.at("percent").get<double>();
        if (takes("group", Take::group)) ring.group = json.at("group").get<std::string>();
        takes("rest", Take::rest);
        if (ways != 1)
            mistake(path, "must take hosts by exactly one of count, percent, group and rest");
        ring.soak = duration(json, "soak", ring.soak);
        ring.before_less_critical = json.value("before-less-critical", "");
        if (!ring.before_less_critical.empty() && ring.take != Take::group)
            mistake(path + "/before-less-critical",
                    "is for rings of a group: count, percent and rest take the least critical "
                    "first by themselves");
        return ring;
    }

    const YamlDocument& document_;
    Diagnostics& diagnostics_;
    const Json& root_;
    notify::TargetsOf targets_;
};

Definition parse(const std::string& yaml, const std::string& file_name, Diagnostics& diagnostics,
                 notify::TargetsOf targets = notify::TargetsOf::definition) {
    Definition definition;
    definition.source = yaml;
    definition.digest = sha256_hex(yaml);
    Diagnostics own;  // the caller's may hold the mistakes of other files already
    const YamlDocument document = parse_yaml(yaml, file_name, own);
    static const Schema schema(definition_schema());
    if (own.ok()) schema.check(document, own);
    if (own.ok()) Reader(document, own, targets).read(definition);
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return definition;
}

}  // namespace

std::string_view name(Mode mode) { return mode == Mode::pull ? "pull" : "push"; }

std::uint64_t FailureBudget::of(std::uint64_t all) const {
    if (!hosts && !percent) return 0;
    std::uint64_t most = hosts.value_or(all);
    if (percent)
        most = std::min(most, static_cast<std::uint64_t>(
                                  std::floor(static_cast<double>(all) * *percent / 100 + 1e-9)));
    return most;
}

Definition parse_definition(const std::string& yaml, const std::string& file_name,
                            Diagnostics& diagnostics) {
    return parse(yaml, file_name, diagnostics);
}

Definition parse_stored_definition(const std::string& yaml, const std::string& file_name,
                                   Diagnostics& diagnostics) {
    return parse(yaml, file_name, diagnostics, notify::TargetsOf::stored);
}

Definition load_definition(const std::filesystem::path& file, Diagnostics& diagnostics) {
    Definition definition =
        parse(read_file(file, max_definition_bytes), file.string(), diagnostics);
    definition.folder = std::filesystem::absolute(file).lexically_normal().parent_path();
    notify::resolve_files(definition.notify, definition.folder);
    return definition;
}

std::string definition_schema() {
    return std::string(embedded::rollout_files::file("rollout.schema.json"));
}

std::string example_definition() {
    return std::string(embedded::rollout_files::file("web-fleet.yaml"));
}

}  // namespace patchlab::rollout
