// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/lab_store.hpp"

#include <algorithm>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"
#include "platform/core/yaml.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::pipeline {

namespace {

bool is_builtin(const std::string& name) {
    const auto names = testsuites::builtin_suite_names();
    return std::find(names.begin(), names.end(), name) != names.end();
}

void add_suite_file(StoredLab& stored, const fs::path& file, const std::optional<std::string>& text,
                    Diagnostics& diagnostics) {
    if (!text) {
        diagnostics.add(file.string(), 0, "", "there is no such file");
        return;
    }
    const testsuites::Suite suite =
        testsuites::parse_suite(*text, file.filename().string(), diagnostics);
    if (!suite.name.empty()) stored.suites.push_back({suite.name, *text, file.filename().string()});
}

void unknown_suite(const labdefs::Lab& lab, const std::string& file,
                   const labdefs::Machine& machine, std::size_t which, Diagnostics& diagnostics) {
    const std::string& suite = machine.suites[which];
    const std::string path =
        json_pointer("/machines", machine.name) + "/suites/" + std::to_string(which);
    diagnostics.add(file, lab.line_of(path), path,
                    "there is no suite '" + suite + "', neither built in nor as " + suite +
                        ".yaml beside the lab" +
                        did_you_mean(suite, testsuites::builtin_suite_names()));
}

Json to_json(const std::vector<SuiteText>& suites) {
    Json list = Json::array();
    for (const SuiteText& suite : suites)
        list.push_back({{"name", suite.name}, {"yaml", suite.yaml}, {"file", suite.file}});
    return list;
}

StoredLab from_row(const store::Row& row) {
    StoredLab stored;
    Diagnostics diagnostics;
    stored.lab =
        labdefs::parse_lab(row.text("definition"), row.text("name") + ".yaml", diagnostics);
    diagnostics.throw_if_any("the stored lab " + row.text("name"));
    const Json suites = parse_json(row.text("suites"), "the suites of lab " + row.text("name"));
    for (const Json& item : suites) {
        const JsonReader in(item, "suite");
        stored.suites.push_back({in.string("name"), in.string("yaml"), in.string("file")});
    }
    stored.added = row.text("added");
    return stored;
}

}  // namespace

StoredLab read_lab(const fs::path& file, Diagnostics& diagnostics) {
    return read_lab(labdefs::read_lab_text(file), labdefs::read_beside, diagnostics);
}

StoredLab read_lab(const labdefs::LabText& text, const labdefs::ReadBeside& read_beside,
                   Diagnostics& diagnostics) {
    StoredLab stored;
    stored.lab = labdefs::load_lab(text, read_beside, diagnostics);
    for (const std::string& suite : stored.lab.suite_files)
        add_suite_file(stored, suite, read_beside(suite), diagnostics);
    const auto have = [&](const std::string& name) {
        return std::any_of(stored.suites.begin(), stored.suites.end(),
                           [&](const SuiteText& s) { return s.name == name; });
    };
    for (const labdefs::Machine& machine : stored.lab.machines)
        for (std::size_t i = 0; i < machine.suites.size(); ++i) {
            const std::string& suite = machine.suites[i];
            if (have(suite)) continue;
            const fs::path beside = text.folder / (suite + ".yaml");
            if (const auto yaml = read_beside(beside))
                add_suite_file(stored, beside, yaml, diagnostics);
            else if (is_builtin(suite)) stored.suites.push_back({suite, "", ""});
            else unknown_suite(stored.lab, text.file, machine, i, diagnostics);
        }
    diagnostics.sort_by_line();
    return stored;
}

std::vector<StoredLab> LabStore::list() {
    std::vector<StoredLab> labs;
    for (const store::Row& row : database_.query("SELECT * FROM labs ORDER BY name"))
        labs.push_back(from_row(row));
    return labs;
}

bool LabStore::has(const std::string& name) {
    return database_.query_one("SELECT name FROM labs WHERE name = ?", {name}).has_value();
}

StoredLab LabStore::get(const std::string& name) {
    if (const auto row = database_.query_one("SELECT * FROM labs WHERE name = ?", {name}))
        return from_row(*row);
    std::string known;
    for (const store::Row& row : database_.query("SELECT name FROM labs ORDER BY name"))
        known += (known.empty() ? "" : ", ") + row.text("name");
    throw Error(ErrorCode::not_found, "there is no lab '" + name + "'",
                known.empty() ? "add one: patchlab lab add FILE" : "the labs there are: " + known);
}

bool LabStore::put(const StoredLab& lab, const std::string& added) {
    const std::string suites = to_line(to_json(lab.suites));
    const auto row =
        database_.query_one("SELECT definition, suites FROM labs WHERE name = ?", {lab.lab.name});
    if (row && row->text("definition") == lab.lab.source && row->text("suites") == suites)
        return false;
    database_.execute(
        "INSERT INTO labs (name, definition, suites, digest, added) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT(name) DO UPDATE SET definition = excluded.definition, suites = "
        "excluded.suites, "
        "digest = excluded.digest, added = excluded.added",
        {lab.lab.name, lab.lab.source, suites, lab.lab.digest, added});
    return true;
}

void LabStore::remove(const std::string& name) {
    get(name);
    const auto busy = database_.query_one(
        "SELECT id FROM runs WHERE lab = ? AND progress IN ('queued', 'running') LIMIT 1", {name});
    if (busy)
        throw Error(ErrorCode::conflict, "lab '" + name + "' is used by run " + busy->text("id"),
                    "wait for it, or: patchlab run cancel " + busy->text("id"));
    database_.execute("DELETE FROM labs WHERE name = ?", {name});
}

}  // namespace patchlab::pipeline
