// SPDX-License-Identifier: Apache-2.0
#include "testsuites/model.hpp"

#include <algorithm>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::testsuites {

std::string_view name(Outcome outcome) {
    switch (outcome) {
        case Outcome::pass: return "pass";
        case Outcome::fail: return "fail";
        case Outcome::skip: return "skip";
        case Outcome::unknown: return "unknown";
    }
    return "unknown";
}

Outcome outcome_from(std::string_view text) {
    for (const Outcome outcome : {Outcome::pass, Outcome::fail, Outcome::skip, Outcome::unknown})
        if (name(outcome) == text) return outcome;
    throw Error(ErrorCode::invalid,
                "there is no outcome '" + std::string(text.substr(0, 40)) + "'");
}

std::vector<std::string> new_lines(const CheckResult& before, const CheckResult& after) {
    const std::set<std::string> known(before.lines.begin(), before.lines.end());
    std::vector<std::string> fresh;
    for (const std::string& line : after.lines)
        if (!known.contains(line)) fresh.push_back(line);
    return fresh;
}

int unfinished_samples(const CheckResult& result) {
    if (result.outcome != Outcome::pass) return 0;  // that speaks for itself
    return std::max(0, result.wanted_samples - static_cast<int>(result.samples.size()));
}

Json to_json(const CheckResult& result) {
    Json json = {{"suite", result.suite},           {"name", result.name},
                 {"outcome", name(result.outcome)}, {"detail", result.detail},
                 {"seconds", result.seconds},       {"attempts", result.attempts}};
    if (!result.samples.empty()) json["samples"] = result.samples;
    if (result.wanted_samples > 0) {
        json["wanted_samples"] = result.wanted_samples;
        json["sampling_limit"] = result.sampling_limit;
    }
    if (!result.memory_kib.empty()) json["memory_kib"] = result.memory_kib;
    if (!result.handles.empty()) json["handles"] = result.handles;
    if (!result.lines.empty()) json["lines"] = result.lines;
    if (result.unchanged) json["unchanged"] = true;
    return json;
}

namespace {

std::vector<double> numbers_or_empty(const JsonReader& reader, const char* key) {
    std::vector<double> found;
    if (!reader.has(key)) return found;
    const Json& list = reader.raw(key);
    if (!list.is_array()) reader.fail(key, "must be a list of numbers");
    for (const Json& item : list) {
        if (!item.is_number()) reader.fail(key, "must be a list of numbers");
        found.push_back(item.get<double>());
    }
    return found;
}

}  // namespace

CheckResult check_result_from_json(const Json& json) {
    const JsonReader reader(json, "check result");
    CheckResult result;
    result.suite = reader.string("suite");
    result.name = reader.string("name");
    result.outcome = outcome_from(reader.string("outcome"));
    result.detail = reader.string_or("detail", "");
    result.seconds = reader.number_or("seconds", 0);
    result.attempts = static_cast<int>(reader.integer_or("attempts", 1));
    result.lines = reader.strings_or_empty("lines");
    result.unchanged = reader.boolean_or("unchanged", false);
    result.samples = numbers_or_empty(reader, "samples");
    result.wanted_samples = static_cast<int>(reader.integer_or("wanted_samples", 0));
    result.sampling_limit = reader.number_or("sampling_limit", 0);
    result.memory_kib = numbers_or_empty(reader, "memory_kib");
    result.handles = numbers_or_empty(reader, "handles");
    return result;
}

}  // namespace patchlab::testsuites
