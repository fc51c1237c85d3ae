// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/submission.hpp"

#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "platform/core/dated_id.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/log.hpp"

namespace patchlab::pipeline {

namespace {

constexpr const char* part_suffix = ".part";

fs::path part_of(const fs::path& run) { return fs::path(run) += part_suffix; }

/// The folder of a run in the making, locked, so that nobody takes it for what a crash left. It
/// goes away again unless it is kept.
class RunDraft {
  public:
    explicit RunDraft(fs::path run)
        : final_(std::move(run)),
          now_(make(part_of(final_))),
          lock_(FileLock::acquire(RunFolder(now_).lock())) {}
    ~RunDraft() {
        if (kept_) return;
        try {
            remove_tree(now_);
        } catch (const Error& error) {
            log_warning(error.what());  // the reaper tries again
        }
    }
    RunDraft(const RunDraft&) = delete;
    RunDraft& operator=(const RunDraft&) = delete;

    RunFolder folder() const { return RunFolder(now_); }
    /// Gives the folder the name of its run.
    void publish() {
        sync_folder(now_);
        fs::rename(now_, final_);
        now_ = final_;
        sync_folder(final_.parent_path());
    }
    void keep() { kept_ = true; }

  private:
    static fs::path make(const fs::path& folder) {
        make_folder(folder, 0710);
        make_folder(folder / "input", 0700);
        return folder;
    }

    fs::path final_;
    fs::path now_;
    FileLock lock_;
    bool kept_ = false;
};

/// The first number of the day that neither a folder nor a row has. Inside a transaction, so that
/// two callers never find the same.
std::string next_id(const fs::path& runs, store::Database& database, TimePoint now) {
    return free_dated_id("r", now, [&](const std::string& id) {
        return fs::exists(runs / id) || fs::exists(part_of(runs / id)) ||
               database.query_one("SELECT id FROM runs WHERE id = ?", {id});
    });
}

RunRow row_of(const RunRequest& request) {
    RunRow row;
    row.id = request.id;
    row.kind = request.kind;
    row.lab = request.lab.name;
    for (const intake::Patch& patch : request.patches) row.patches.push_back(patch.id);
    row.progress = name(RunProgress::queued);
    row.stage = name(Stage::clone);
    row.requester = request.requester;
    row.requested = request.requested;
    return row;
}

}  // namespace

RunFolder record_run(const fs::path& state, store::Database& database, RunPlan& plan,
                     const Submission& submission) {
    const fs::path runs = state / "runs";
    make_folder(runs, 0710);
    images::ImageStore images(state, database);
    intake::PatchStore patches(state, database);
    RunRequest& request = plan.request;
    request.requester = submission.requester;
    request.requester_account = submission.requester_account;
    request.requested = to_rfc3339(submission.requested);
    request.runs_on = submission.runs_on;
    const std::string prepared =
        "prepared lab " + prepared_digest(request, submission.runs_on.emulator).substr(0, 12);
    std::optional<RunDraft> draft;  // outlives the transaction, whose end may fail
    database.transaction([&] {
        request.id = next_id(runs, database, submission.requested);
        draft.emplace(runs / request.id);
        write_request(draft->folder().request(), request, plan.suites);
        RunState queued;
        queued.id = request.id;
        draft->folder().save(queued);

        const RunRow row = row_of(request);
        RunStore(state, database).record(row);
        for (const MachineRequest& machine : request.machines)
            images.add_reference(machine.image_digest, prepared);
        for (const intake::Patch& patch : request.patches)
            patches.add_user(patch.id, patch_user(request.id));
        submission.record_besides(row);
        draft->publish();
    });
    draft->keep();
    return draft->folder();
}

bool is_unrecorded_part(const fs::path& folder) { return folder.extension() == part_suffix; }

std::string digest_of_stored_patch(const fs::path& folder) {
    const fs::path file = folder / "patch.json";
    const auto text = read_file_if_any(file);
    if (!text) return {};
    try {
        return intake::digest_of(
            intake::patch_from_json(parse_json(*text, file.string())).packages);
    } catch (const Error& error) {
        log_warning("a stored patch is not readable: " + std::string(error.what()));
        return {};
    }
}

namespace {

/// Empty when no patch of that content is here.
fs::path folder_of_patch(const fs::path& state, const std::string& id, const std::string& digest) {
    if (fs::path own = intake::patch_folder(state, id); digest_of_stored_patch(own) == digest)
        return own;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(intake::patches_folder(state), none))
        if (digest_of_stored_patch(entry.path()) == digest) return entry.path();
    return {};
}

}  // namespace

std::vector<MissingMaterial> find_materials(RunRequest& request, const fs::path& state) {
    std::vector<MissingMaterial> missing;
    request.state = state;
    for (MachineRequest& machine : request.machines) {
        machine.image_file = images::image_file(state, machine.image_digest);
        if (!fs::exists(machine.image_file))
            missing.push_back({"image", machine.definition.image, machine.image_digest});
    }
    for (intake::Patch& patch : request.patches) {
        const std::string digest = intake::digest_of(patch.packages);
        patch.folder = folder_of_patch(state, patch.id, digest);
        if (patch.folder.empty()) missing.push_back({"patch", patch.id, digest});
    }
    return missing;
}

std::string describe(const std::vector<MissingMaterial>& missing) {
    std::string text;
    for (const MissingMaterial& one : missing) {
        if (!text.empty()) text += ", ";
        text += one.kind;
        text += " " + one.name + " (sha256 " + one.digest.substr(0, 12) + "…)";
    }
    return text;
}

}  // namespace patchlab::pipeline
