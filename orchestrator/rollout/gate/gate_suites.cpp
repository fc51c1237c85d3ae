// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/gate/gate_suites.hpp"

#include <algorithm>
#include <optional>

#include "orchestrator/pipeline/run/lab_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/run_document.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::rollout {

namespace {

constexpr std::uint64_t max_suite_bytes = 1U << 20;

testsuites::Suite parse(const std::string& name, const std::string& yaml) {
    Diagnostics found;
    testsuites::Suite suite = testsuites::parse_suite(yaml, name + ".yaml", found);
    if (!found.ok())
        throw Error(ErrorCode::invalid,
                    "suite '" + name + "' is not usable: " + found.items.front().text());
    if (suite.name != name)
        throw Error(ErrorCode::invalid,
                    "the suite in " + name + ".yaml calls itself '" + suite.name + "'");
    return suite;
}

/// Without what is only asked of clones.
testsuites::Suite for_hosts(testsuites::Suite suite) {
    std::erase_if(suite.checks, [](const testsuites::Check& check) { return check.lab_only; });
    return suite;
}

std::optional<std::string> suite_of_lab(const std::string& lab, const std::string& name,
                                        store::Database& database) {
    pipeline::LabStore labs(database);
    if (!labs.has(lab)) return std::nullopt;
    for (const pipeline::SuiteText& suite : labs.get(lab).suites)
        if (suite.name == name && !suite.yaml.empty()) return suite.yaml;
    return std::nullopt;
}

std::string suite_text(const std::string& name, const Definition& definition,
                       const std::string& lab, store::Database& database) {
    if (name.empty() || name.find('/') != std::string::npos)
        throw Error(ErrorCode::invalid, "'" + name.substr(0, 60) + "' is not the name of a suite");
    if (!definition.folder.empty())
        if (const auto text =
                read_file_if_any(definition.folder / (name + ".yaml"), max_suite_bytes))
            return *text;
    if (const auto text = suite_of_lab(lab, name, database)) return *text;
    const auto known = testsuites::builtin_suite_names();
    if (std::find(known.begin(), known.end(), name) != known.end())
        return testsuites::builtin_suite_source(name);
    throw Error(ErrorCode::invalid,
                "there is no suite '" + name + "', neither beside the definition nor in lab '" +
                    lab + "' nor built in",
                "put it as " + name + ".yaml beside the definition");
}

}  // namespace

Json freeze_gate(const Definition& definition, const catalog::Entry& entry,
                 const fs::path& entry_folder, store::Database& database) {
    std::vector<std::string> names;
    if (definition.lab_suites) names = entry.suites;
    for (const std::string& name : definition.gate_suites)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    Json suites = Json::array();
    std::size_t checks = 0;
    for (const std::string& name : names) {
        const std::string text = suite_text(name, definition, entry.lab, database);
        checks += for_hosts(parse(name, text)).checks.size();
        suites.push_back({{"name", name}, {"yaml", text}});
    }
    if (checks == 0)
        throw Error(ErrorCode::invalid,
                    "there is nothing to check on the hosts: the lab ran no suite that is meant "
                    "for them, and the definition names none",
                    "name suites in gate.suites");
    Json passed = Json::array();
    const reports::RunDocument run =
        reports::parse_run_document(read_json(entry_folder / "evidence" / "run.json"));
    std::set<std::string> once;
    for (const reports::RunCheck& check : run.checks)
        if (check.at_last() == reports::CheckOutcome::pass &&
            once.insert(check.suite + "/" + check.name).second)
            passed.push_back(check.suite + "/" + check.name);
    return {{"suites", suites}, {"lab_passed", passed}};
}

std::vector<testsuites::Suite> suites_of_gate(const Json& gate) {
    std::vector<testsuites::Suite> suites;
    for (const JsonReader& item : JsonReader(gate, "gate").objects("suites"))
        suites.push_back(for_hosts(parse(item.string("name"), item.string("yaml"))));
    return suites;
}

std::set<std::string> lab_passed_of_gate(const Json& gate) {
    const std::vector<std::string> all = JsonReader(gate, "gate").strings("lab_passed");
    return {all.begin(), all.end()};
}

}  // namespace patchlab::rollout
