// SPDX-License-Identifier: Apache-2.0
#include "testsuites/model.hpp"

#include <set>

#include "platform/core/error.hpp"

namespace patchlab::testsuites {

std::string_view name(Outcome outcome) {
    switch (outcome) {
        case Outcome::pass:
            return "pass";
        case Outcome::fail:
            return "fail";
        case Outcome::skip:
            return "skip";
        case Outcome::unknown:
            return "unknown";
    }
    return "unknown";
}

Outcome outcome_from(std::string_view text) {
    for (const Outcome outcome : {Outcome::pass, Outcome::fail, Outcome::skip, Outcome::unknown})
        if (name(outcome) == text) return outcome;
    throw Error(ErrorCode::invalid, "there is no outcome '" + std::string(text.substr(0, 40)) + "'");
}

std::vector<std::string> new_lines(const CheckResult& before, const CheckResult& after) {
    const std::set<std::string> known(before.lines.begin(), before.lines.end());
    std::vector<std::string> fresh;
    for (const std::string& line : after.lines)
        if (!known.contains(line)) fresh.push_back(line);
    return fresh;
}

Json to_json(const CheckResult& result) {
    Json json = {{"suite", result.suite},   {"name", result.name},       {"outcome", name(result.outcome)},
                 {"detail", result.detail}, {"seconds", result.seconds}, {"attempts", result.attempts}};
    if (!result.samples.empty()) json["samples"] = result.samples;
    if (!result.lines.empty()) json["lines"] = result.lines;
    if (result.unchanged) json["unchanged"] = true;
    return json;
}

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
    if (reader.has("samples")) {
        const Json& samples = reader.raw("samples");
        if (!samples.is_array()) reader.fail("samples", "must be a list of numbers");
        for (const Json& sample : samples) {
            if (!sample.is_number()) reader.fail("samples", "must be a list of numbers");
            result.samples.push_back(sample.get<double>());
        }
    }
    return result;
}

}  // namespace patchlab::testsuites
