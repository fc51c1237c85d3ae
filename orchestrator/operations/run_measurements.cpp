// SPDX-License-Identifier: Apache-2.0
//
// What was measured in a run: the samples of each check, one list for each pass over its suite.
#include <algorithm>
#include <map>

#include "orchestrator/operations/sealed_run.hpp"
#include "platform/core/json.hpp"
#include "reports/sealed_file.hpp"

namespace patchlab::operations {

namespace {

constexpr std::string_view captures = "captures/", ending = "-checks.json";
constexpr std::size_t most_checks = 200, most_samples = 1000;

/// "control-plain-1" of "captures/web-control-plain-1-checks.json"
std::string pass_of(const std::string& path, const std::string& machine) {
    const std::string begin = std::string(captures) + machine + "-";
    if (!path.starts_with(begin) || path.size() < begin.size() + ending.size()) return {};
    return path.substr(begin.size(), path.size() - begin.size() - ending.size());
}

/// Machine and check → the passes with their samples, in the order of the files.
using Measured = std::map<std::pair<std::string, std::string>, Json>;

void add_samples(Measured& measured, const JsonReader& check, const std::string& machine,
                 const std::string& pass) {
    if (!check.has("samples") || !check.raw("samples").is_array()) return;
    Json samples = Json::array();
    for (const Json& sample : check.raw("samples"))
        if (sample.is_number() && samples.size() < most_samples) samples.push_back(sample);
    if (samples.empty()) return;
    const auto key = std::pair(machine, check.string("suite") + "/" + check.string("name"));
    if (!measured.contains(key) && measured.size() >= most_checks) return;
    Json& passes = measured.try_emplace(key, Json::array()).first->second;
    passes.push_back({{"pass", pass}, {"samples", samples}});
}

Measured read_measured(const reports::SealedFolder& evidence) {
    Measured measured;
    for (const reports::ManifestEntry& file : evidence.manifest().files) {
        if (!file.path.starts_with(captures) || !file.path.ends_with(ending)) continue;
        const Json document = parse_json(evidence.read(file.path), file.path);
        const JsonReader reader(document, file.path);
        const std::string machine = reader.string("machine");
        const std::string pass = pass_of(file.path, machine);
        if (pass.empty()) continue;
        for (const JsonReader& check : reader.objects("checks"))
            add_samples(measured, check, machine, pass);
    }
    return measured;
}

}  // namespace

Outcome measurements_of_run(Call& call, const JsonReader& request) {
    const std::string run = request.string("run");
    const reports::SealedFolder evidence(evidence_folder(call.session, run));
    const auto machines = request.strings_or_empty("machines");
    const auto checks = request.strings_or_empty("checks");
    const auto wanted = [](const std::vector<std::string>& of, const std::string& name) {
        return of.empty() || std::find(of.begin(), of.end(), name) != of.end();
    };
    Json measured = Json::array();
    for (auto& [key, passes] : read_measured(evidence))
        if (wanted(machines, key.first) && wanted(checks, key.second))
            measured.push_back({{"machine", key.first}, {"check", key.second}, {"passes", passes}});
    return {{{"schema", "patchlab/measurements/v1"},
             {"run", run},
             {"unit", "seconds"},
             {"measured", measured}}};
}

}  // namespace patchlab::operations
