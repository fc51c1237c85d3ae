// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/findings.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <map>

#include "orchestrator/pipeline/stages/patch_contents.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

using Checks = std::vector<testsuites::CheckResult>;
using Changes = std::vector<snapshots::Change>;
using Stale = std::vector<snapshots::StaleFiles>;

fs::path file_of(const fs::path& folder, const std::string& machine, const std::string& part) {
    return folder / (machine + "-" + part + ".json");
}

bool was_rebooted(const fs::path& trial, const std::string& machine) {
    const fs::path file = file_of(trial, machine, "restart");
    return fs::exists(file) && read_json(file).value("rebooted", false);
}

/// The packages that were installed on this machine, at the announced versions.
std::vector<std::string> replaced_packages(const fs::path& trial, const std::string& machine) {
    const fs::path file = file_of(trial, machine, "apply");
    if (!fs::exists(file)) return {};
    const Json installation = read_json(file);
    if (installation.value("exit", -1) != 0 || !installation.at("wrong").empty())
        return {};  // that has its own reason
    std::vector<std::string> names;
    for (const Json& package : installation.at("expected")) {
        const std::string name = package.at("name").get<std::string>();
        names.push_back(name.substr(0, name.find(':')));
    }
    return names;
}

}  // namespace

class FindingsReader::Files {
  public:
    Files(const RunContext& run, const PreparedLab& lab) : run_(run), lab_(lab) {}

    /// Checks and capture.
    MachineLook look(const fs::path& folder, const std::string& machine) {
        MachineLook look;
        look.checks = checks_.of(file_of(folder, machine, "checks"),
                                 [&] { return read_checks(folder, machine); });
        const fs::path capture = file_of(folder, machine, "capture");
        look.capture =
            captures_.of(capture, [&] { return snapshots::capture_from_json(read_json(capture)); });
        return look;
    }

    /// Of a lab that was prepared: what is missing there is a fault.
    MachineLook prepared_look(const fs::path& folder, const std::string& machine) {
        MachineLook look = this->look(folder, machine);
        if (!look.capture)
            throw Error(ErrorCode::lab, "the prepared lab has no capture of machine '" + machine +
                                            "' in " + folder.filename().string());
        return look;
    }

    /// Changes, too. `rebooted`: what a reboot changes by itself is noise as well, and what it
    /// changed on the unpatched clones of `witnesses`.
    MachineLook full_look(const fs::path& folder, const std::string& machine, bool rebooted,
                          const std::vector<Witness>& witnesses = {}) {
        MachineLook look = this->look(folder, machine);
        if (!look.capture) return look;
        const fs::path files = file_of(folder, machine, "files");
        const std::string variant = std::to_string(witnesses.size());
        look.changes = changes_.of(files, variant, [&] {
            Changes changes = raw_changes(folder, machine, *look.capture);
            const auto before = baseline(machine).capture;
            account_for(changes, run_, machine, {*before, *look.capture}, *before,
                        {noise(machine, rebooted, witnesses), known(machine)});
            return changes;
        });
        look.stale = stale_.of(files, [&] {
            return snapshots::files_not_replaced(read_files(folder, machine).changes,
                                                 contents(machine));
        });
        return look;
    }

    /// What the machine ever showed unpatched, as it was when this run first asked: what a run
    /// finds must not depend on what other runs find meanwhile.
    const UnpatchedRecord& known(const std::string& machine) {
        const auto found = known_.find(machine);
        if (found != known_.end()) return found->second;
        return known_[machine] = read_unpatched(run_.request, lab_, machine);
    }

    MachineLook baseline(const std::string& machine) {
        return prepared_look(lab_.folder() / "baseline", machine);
    }

  private:
    const std::vector<snapshots::PatchedPackage>& contents(const std::string& machine) {
        return run_.contents->of(run_.request, machine,
                                 installed_packages(*baseline(machine).capture));
    }

    /// What tells a file from the one that takes its place.
    struct Stamp {
        dev_t device;
        ino_t inode;
        off_t size;
        std::int64_t written;  ///< ns
        bool operator==(const Stamp&) const = default;
    };

    static std::optional<Stamp> stamp_of(const fs::path& file) {
        struct stat found {};
        if (::stat(file.c_str(), &found) == 0)
            return Stamp{
                found.st_dev, found.st_ino, found.st_size,
                std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec};
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        throw Error(ErrorCode::lab, "cannot look at " + file.string());
    }

    /// What was made of files, each for as long as it is the same file.
    template <typename Value>
    class Kept {
      public:
        /// Null when there is no such file.
        template <typename Make>
        std::shared_ptr<const Value> of(const fs::path& file, Make&& make) {
            return of(file, "", make);
        }
        /// `variant`: what else it was made of.
        template <typename Make>
        std::shared_ptr<const Value> of(const fs::path& file, const std::string& variant,
                                        Make&& make) {
            const auto stamp = stamp_of(file);
            if (!stamp) return nullptr;
            auto& [known, value] = values_[{file.string(), variant}];
            if (!value || known != *stamp) {
                value = std::make_shared<const Value>(make());
                known = *stamp;
            }
            return value;
        }

      private:
        std::map<std::pair<std::string, std::string>,
                 std::pair<Stamp, std::shared_ptr<const Value>>>
            values_;
    };

    Changes raw_changes(const fs::path& folder, const std::string& machine,
                        const snapshots::Capture& after) {
        return snapshots::find_changes(
            machine, {*baseline(machine).capture, after, read_files(folder, machine)});
    }

    Changes own_changes(const fs::path& folder, const std::string& machine) {
        const auto changed = noise_.of(file_of(folder, machine, "files"), [&] {
            return raw_changes(folder, machine, *prepared_look(folder, machine).capture);
        });
        if (!changed)
            throw Error(ErrorCode::lab, "an unpatched trial does not say what changed: " +
                                            folder.filename().string());
        return *changed;
    }

    /// What the controls, and the rebooted ones of the witnesses, changed by themselves.
    std::vector<Changes> noise(const std::string& machine, bool rebooted,
                               const std::vector<Witness>& witnesses) {
        std::vector<Changes> all;
        for (const ControlKind kind :
             {ControlKind::plain, ControlKind::restart, ControlKind::reboot})
            for (const fs::path& folder : lab_.controls(kind))
                if (rebooted || kind != ControlKind::reboot)
                    all.push_back(own_changes(folder, machine));
        for (const Witness& witness : witnesses)
            if (witness.rebooted) all.push_back(own_changes(witness.folder, machine));
        return all;
    }

    const RunContext& run_;
    const PreparedLab& lab_;
    Kept<Checks> checks_;
    Kept<snapshots::Capture> captures_;
    Kept<Changes> changes_, noise_;
    Kept<Stale> stale_;
    std::map<std::string, UnpatchedRecord> known_;
};

FindingsReader::FindingsReader(const RunContext& run, const PreparedLab& lab)
    : run_(run), lab_(lab), files_(std::make_unique<Files>(run, lab)) {}
FindingsReader::~FindingsReader() = default;

MachineFindings FindingsReader::machine(const fs::path& trial, const std::string& name) {
    MachineFindings found;
    found.machine = name;
    found.rebooted = was_rebooted(trial, name);
    found.before = files_->baseline(name);
    for (const ControlKind kind : {ControlKind::plain, ControlKind::restart, ControlKind::reboot})
        for (const fs::path& folder : lab_.controls(kind))
            found.unpatched.push_back(
                {files_->prepared_look(folder, name), kind == ControlKind::reboot, false});
    const std::vector<Witness> beside = witnesses(trial);
    for (const Witness& witness : beside)
        if (MachineLook look = files_->look(witness.folder, name); look.capture)
            found.unpatched.push_back({std::move(look), witness.rebooted, true});
    found.patched = files_->full_look(trial, name, found.rebooted);
    found.doubted = files_->look(doubted_folder(run_.folder), name);
    found.next_start = files_->full_look(endure_folder(trial), name, true, beside);
    found.another_start = files_->look(again_folder(trial), name);
    found.replaced = replaced_packages(trial, name);
    found.beside = read_beside(trial, name);
    found.known = files_->known(name);
    found.beside_later = read_beside(endure_folder(trial), name);
    return found;
}

TrialFindings FindingsReader::read(const fs::path& trial) {
    TrialFindings findings;
    findings.doubted = was_doubted(run_.folder);
    findings.next_start = fs::exists(endure_folder(trial) / "endure.json");
    findings.noted = read_reasons(trial);
    findings.noted_in_doubted_trial = read_reasons(doubted_folder(run_.folder));
    for (const fs::path& folder : {endure_folder(trial), again_folder(trial)})
        for (Reason& reason : read_reasons(folder))
            findings.noted_in_later_starts.push_back(std::move(reason));
    for (const MachineRequest& request : run_.request.machines)
        findings.machines.push_back(machine(trial, request.definition.name));
    return findings;
}

}  // namespace patchlab::pipeline
