// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/reaper.hpp"

#include <signal.h>

#include <algorithm>

#include "orchestrator/pipeline/run/lease.hpp"
#include "orchestrator/pipeline/run/submission.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/identity.hpp"

namespace patchlab::pipeline {

namespace {

std::vector<fs::path> entries(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
        found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> arguments(const fs::path& process) {
    std::vector<std::string> words;
    try {
        const std::string text = read_file(process / "cmdline", 1U << 20);
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\0', at), text.size());
            words.push_back(text.substr(at, end - at));
            at = end + 1;
        }
    } catch (const Error&) {
        // the process ended while we looked
    }
    return words;
}

/// Emulators whose command line names a file below `folder`. Each is known before its command line
/// is read, so that a later process of that number is never taken for it.
std::vector<process::ProcessIdentity> emulators_below(const fs::path& folder) {
    std::vector<process::ProcessIdentity> found;
    const std::string needle = folder.string() + "/";
    for (const fs::path& entry : entries("/proc")) {
        const std::string name = entry.filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        const auto identity = process::process_with(std::stol(name));
        if (!identity) continue;
        const auto words = arguments(entry);
        if (words.empty() || fs::path(words[0]).filename().string().rfind("qemu-", 0) != 0)
            continue;
        if (std::any_of(words.begin(), words.end(), [&](const std::string& word) {
                return word.find(needle) != std::string::npos;
            }))
            found.push_back(*identity);
    }
    return found;
}

/// Whoever made a folder has had the time to lock it.
bool is_older_than_a_minute(const fs::path& folder) {
    return std::chrono::file_clock::now() - fs::last_write_time(folder) >= std::chrono::minutes(1);
}

class Reaper {
  public:
    Reaper(fs::path state, const std::function<bool(const std::string&)>& is_recorded)
        : state_(std::move(state)), is_recorded_(is_recorded) {}

    std::vector<Reaped> run() {
        for (const fs::path& folder : entries(state_ / "runs")) reap_run(RunFolder(folder));
        reap_prepared();
        reap_temporary();
        if (!trouble_.empty())
            throw Error(ErrorCode::lab, "not everything could be released: " + trouble_);
        return std::move(reaped_);
    }

  private:
    void reap_run(const RunFolder& run) {
        const auto lock = lock_of(run);  // no worker starts meanwhile
        if (!lock) return;
        if (is_unrecorded_part(run.root()) && !is_older_than_a_minute(run.root())) return;
        if (was_never_recorded(run)) return release("run that was not recorded", run.root());
        end_emulators(run.root());
        for (const fs::path& part : entries(run.work())) {
            release("overlays", part / "machines");
            for (const char* drill : {"revert", "downgrade"})
                release("overlays", part / drill / "machines");
            release("patch disk", part / "patch.img");
        }
        release("overlays", run.work() / "preparing");
        release("unsealed evidence", fs::path(run.evidence()) += ".part");
        release("sockets", fs::path("/run/patchlab-" + run.id()));
        for (const fs::path& file : entries(run.root()))
            if (is_half_written(file)) release("half-written file", file);
        if (!fs::exists(run.state_file())) release("run without a request", run.root());
    }

    static std::optional<FileLock> lock_of(const RunFolder& run) {
        try {
            return FileLock::try_acquire(run.lock());
        } catch (const Error&) {
            if (!fs::exists(run.root())) return std::nullopt;  // it was recorded meanwhile
            throw;
        }
    }

    /// A crash in the middle of a submission leaves such a folder: nobody has worked it, and the
    /// store does not know it. Its lock is ours, so no submission is under way.
    bool was_never_recorded(const RunFolder& run) const {
        if (is_unrecorded_part(run.root())) return true;
        return fs::exists(run.state_file()) && !is_recorded_(run.id()) &&
               newest_attempt(run) == 0 && run.load().progress == RunProgress::queued;
    }

    /// What write_file_atomic() of a killed worker leaves.
    static bool is_half_written(const fs::path& file) {
        const std::string name = file.filename().string();
        return name.starts_with("lease.json.") || name.starts_with("state.json.");
    }

    void reap_prepared() {
        for (const fs::path& folder : entries(state_ / "prepared")) {
            const std::string name = folder.filename().string();
            const std::string digest = name.substr(0, name.find('.'));
            if (!fs::is_directory(folder)) continue;
            const auto lock = FileLock::try_acquire(state_ / "prepared" / (digest + ".lock"));
            if (!lock) continue;
            if (name != digest) {
                end_emulators(folder);
                release("half-prepared lab", folder);
            } else {
                for (const fs::path& control : entries(folder / "control"))
                    if (control.extension() == ".part") release("half an unpatched trial", control);
            }
        }
    }

    /// Folders below tmp/ carry a lock file beside them while somebody works in them.
    void reap_temporary() {
        for (const fs::path& folder : entries(state_ / "tmp")) {
            if (!fs::is_directory(folder)) continue;
            if (FileLock::is_held(fs::path(folder) += ".lock")) continue;
            if (!is_older_than_a_minute(folder)) continue;
            end_emulators(folder);
            release("temporary folder", folder);
            release("lock", fs::path(folder) += ".lock");
        }
    }

    void end_emulators(const fs::path& folder) {
        for (const process::ProcessIdentity& emulator : emulators_below(folder)) {
            const std::string pid = std::to_string(emulator.pid);
            if (process::signal_process(emulator, SIGKILL)) reaped_.push_back({"process", pid});
            else if (process::is_running(emulator)) trouble_ += "process " + pid + "; ";
        }
    }

    void release(const std::string& what, const fs::path& path) {
        if (!fs::exists(fs::symlink_status(path))) return;
        try {
            remove_tree(path);
            reaped_.push_back({what, path.string()});
        } catch (const Error& error) {
            trouble_ += std::string(error.what()) + "; ";
        }
    }

    fs::path state_;
    const std::function<bool(const std::string&)>& is_recorded_;
    std::vector<Reaped> reaped_;
    std::string trouble_;
};

}  // namespace

std::vector<Reaped> reap(const fs::path& state,
                         const std::function<bool(const std::string& run)>& is_recorded) {
    return Reaper(state, is_recorded).run();
}

}  // namespace patchlab::pipeline
