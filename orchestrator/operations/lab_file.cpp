// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/lab_file.hpp"

#include <map>

#include "orchestrator/operations/documents.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

namespace {

void expect_lab_file(const std::string& file) {
    if (!fs::exists(file)) throw Error(ErrorCode::not_found, "there is no file " + file);
    if (fs::is_directory(file))
        throw Error(ErrorCode::usage, file + " is a folder", "name the lab's YAML file in it");
}

}  // namespace

Json lab_request(const std::string& file) {
    expect_lab_file(file);
    const labdefs::LabText lab = labdefs::read_lab_text(file);
    std::map<std::string, std::string> found;
    Diagnostics ignored;  // the operation finds them again
    pipeline::read_lab(
        lab,
        [&](const fs::path& beside) {
            auto text = labdefs::read_beside(beside);
            if (text) found[beside.string()] = *text;
            return text;
        },
        ignored);
    Json suites = Json::array();
    for (const auto& [path, text] : found) suites.push_back({{"file", path}, {"text", text}});
    return {{"definition", {{"file", lab.file}, {"text", lab.text}}},
            {"folder", lab.folder.string()},
            {"suites", suites}};
}

std::string lab_file_in(const JsonReader& request) {
    return request.has("file") ? request.string("file") : text_file(request, "definition").file;
}

pipeline::StoredLab lab_in(const JsonReader& request, Diagnostics& mistakes) {
    if (request.has("file") == request.has("definition"))
        throw Error(ErrorCode::usage, "which lab?", "give its definition");
    if (request.has("file")) {
        expect_lab_file(request.string("file"));
        return pipeline::read_lab(request.string("file"), mistakes);
    }
    std::map<std::string, std::string> suites;
    if (request.has("suites"))
        for (const JsonReader& suite : request.objects("suites"))
            suites[suite.string("file")] = suite.string("text");
    const auto [file, text] = text_file(request, "definition");
    return pipeline::read_lab(
        {file, text, request.string_or("folder", "/")},
        [&](const fs::path& beside) -> std::optional<std::string> {
            const auto found = suites.find(beside.string());
            if (found == suites.end()) return std::nullopt;
            return found->second;
        },
        mistakes);
}

}  // namespace patchlab::operations
