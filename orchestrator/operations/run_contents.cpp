// SPDX-License-Identifier: Apache-2.0
//
// What the files said that a run changed, for `diff --content`.
#include "orchestrator/operations/sealed_run.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "reports/contents.hpp"

namespace patchlab::operations {

namespace {

using reports::FileContents;

Json contents_json(const FileContents& file) {
    if (!file.not_kept.empty())
        return {
            {"path", file.path}, {"not_kept", file.not_kept}, {"redacted", 0}, {"text", nullptr}};
    const auto hunks = file.hunks();
    std::size_t added = 0, removed = 0;
    for (const reports::DiffHunk& hunk : hunks)
        for (const reports::DiffLine& line : hunk.lines) {
            added += line.sign == '+';
            removed += line.sign == '-';
        }
    return {{"path", file.path},
            {"not_kept", nullptr},
            {"redacted", file.redacted},
            {"added", added},
            {"removed", removed},
            {"text", reports::unified_text(hunks, file.before ? "before" + file.path : "/dev/null",
                                           file.after ? "after" + file.path : "/dev/null")}};
}

void require_known(const reports::Contents& contents, const std::string& path) {
    if (!contents.at(path).empty()) return;
    if (!contents.kept())
        throw Error(ErrorCode::not_found, "the evidence of this run keeps no contents of files",
                    "the lab says keep-contents: false, or nothing was compared, or the run was "
                    "made by an older version");
    throw Error(ErrorCode::not_found, "the evidence keeps no content of " + path,
                "it did not change, or is no small text file of the kinds that are kept; list "
                "those that are: patchlab diff RUN --content");
}

}  // namespace

bool add_contents(Json& items, const std::filesystem::path& evidence, const Json& run,
                  const std::string& path) {
    const auto contents =
        reports::Contents::read(reports::SealedFolder(evidence), reports::parse_run_document(run));
    if (!path.empty()) require_known(contents, path);
    Json kept = Json::array();
    for (Json& item : items) {
        Json files = Json::array();
        const JsonReader change(item, "change");
        for (const FileContents* file :
             contents.of(change.string("machine"), change.strings_or_empty("files")))
            if (path.empty() || file->path == path) files.push_back(contents_json(*file));
        if (!path.empty() && files.empty()) continue;
        item["contents"] = std::move(files);
        kept.push_back(std::move(item));
    }
    items = std::move(kept);
    return contents.kept();
}

}  // namespace patchlab::operations
