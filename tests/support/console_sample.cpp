// SPDX-License-Identifier: Apache-2.0
#include "tests/support/console_sample.hpp"

#include <sstream>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::tests {

namespace console = service::console;

namespace {

std::string key_of(const std::string& operation, const Json& request) {
    return operation + " " + to_line(request);
}

std::map<std::string, console::Answer> read_answers(const fs::path& file) {
    std::map<std::string, console::Answer> answers;
    std::istringstream lines(read_file_if_any(file).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        const Json one = parse_json(line, "answers");
        console::Answer answer;
        if (one.contains("error"))
            answer.failure = console::Failure{one.at("error").at("code").get<std::string>(),
                                              one.at("error").at("message").get<std::string>(),
                                              one.at("error").value("advice", "")};
        else answer.document = one.at("document");
        answers[key_of(one.at("operation").get<std::string>(), one.at("request"))] = answer;
    }
    return answers;
}

}  // namespace

ConsoleSample::ConsoleSample(const fs::path& folder)
    : visits_(read_json(folder / "visits.json")),
      recorded_(read_answers(folder / "answers.jsonl")),
      now_(from_rfc3339(read_json(folder / "now.json").get<std::string>())) {}

std::vector<SampleVisit> ConsoleSample::visits() const {
    std::vector<SampleVisit> all;
    for (const Json& json : visits_) {
        SampleVisit one{json.at("name").get<std::string>(), {}, nullptr};
        one.visit.path = json.at("path").get<std::string>();
        one.visit.now = now_;
        const Json query = json.value("query", Json::object());
        for (const auto& [name, value] : query.items())
            one.visit.query.add(name, value.get<std::string>());
        const auto found = console::find_screen(one.visit.path);
        if (!found) throw Error(ErrorCode::not_found, "no screen answers " + one.visit.path);
        one.screen = found->screen;
        one.visit.params = found->params;
        all.push_back(std::move(one));
    }
    return all;
}

console::Answers ConsoleSample::answers(const SampleVisit& visit) const {
    console::Answers answers;
    for (const console::Call& call : visit.screen->calls(visit.visit)) {
        const auto at = recorded_.find(key_of(call.operation, call.request));
        if (at != recorded_.end()) answers[call.key] = at->second;
        else answers[call.key].failure = console::Failure{"not_found", "not recorded", ""};
    }
    return answers;
}

console::Page ConsoleSample::render(const SampleVisit& visit, const console::Viewer& viewer) const {
    return console::render(*visit.screen, visit.visit, viewer, answers(visit));
}

console::Viewer sample_viewer(TimePoint now) {
    console::Viewer viewer;
    viewer.user = "rhea";
    viewer.roles = {"release-manager"};
    viewer.csrf = "csrf-of-the-sample";
    viewer.fresh_until = now + std::chrono::minutes(15);
    return viewer;
}

}  // namespace patchlab::tests
