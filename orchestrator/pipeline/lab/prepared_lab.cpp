// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/prepared_lab.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"
#include "platform/virt/checkpoint_definition.hpp"

namespace patchlab::pipeline {

static constexpr std::string_view prepared_schema = "patchlab/prepared/v1";

std::string_view name(ControlKind kind) {
    switch (kind) {
        case ControlKind::plain: return "plain";
        case ControlKind::restart: return "restart";
        case ControlKind::reboot: return "reboot";
    }
    return "plain";
}

void write_checks(const fs::path& folder, const std::string& machine,
                  const std::vector<testsuites::CheckResult>& checks) {
    Json list = Json::array();
    for (const auto& check : checks) list.push_back(testsuites::to_json(check));
    write_json(folder / (machine + "-checks.json"),
               {{"schema", "patchlab/checks/v1"}, {"machine", machine}, {"checks", list}});
}

void write_capture(const fs::path& folder, const std::string& machine,
                   const snapshots::Capture& capture) {
    write_json(folder / (machine + "-capture.json"), snapshots::to_json(capture));
}

void write_files(const fs::path& folder, const std::string& machine,
                 const disk::OverlayComparison& files) {
    Json changes = Json::array();
    for (const auto& change : files.changes) changes.push_back(disk::to_json(change));
    write_json(folder / (machine + "-files.json"), {{"schema", "patchlab/files/v1"},
                                                    {"machine", machine},
                                                    {"method", files.method},
                                                    {"overlay_bytes", files.overlay_bytes},
                                                    {"inodes_examined", files.inodes_examined},
                                                    {"seconds", files.seconds},
                                                    {"changes", changes}});
}

namespace {

constexpr std::string_view complaints_schema = "patchlab/complaints/v1";

fs::path complaints_file(const fs::path& folder, const std::string& machine) {
    return folder / (machine + "-complaints.json");
}

}  // namespace

std::vector<std::string> complaint_lines(const std::string& printed) {
    constexpr std::size_t longest = 300;
    std::vector<std::string> complaints;
    std::istringstream lines(printed);
    for (std::string line; std::getline(lines, line);)
        if (!trimmed(line).empty()) complaints.push_back(printable(trimmed(line), longest));
    return complaints;
}

void write_complaints(const fs::path& folder, const std::string& machine,
                      const std::vector<std::string>& complaints) {
    write_json(complaints_file(folder, machine),
               {{"schema", complaints_schema}, {"machine", machine}, {"complaints", complaints}});
}

std::vector<testsuites::CheckResult> read_checks(const fs::path& folder,
                                                 const std::string& machine) {
    const fs::path file = folder / (machine + "-checks.json");
    const Json json = read_json(file);
    std::vector<testsuites::CheckResult> checks;
    for (const JsonReader& item : JsonReader(json, file.string()).objects("checks"))
        checks.push_back(testsuites::check_result_from_json(item.raw()));
    return checks;
}

disk::OverlayComparison read_files(const fs::path& folder, const std::string& machine) {
    const fs::path file = folder / (machine + "-files.json");
    const Json json = read_json(file, 512U << 20);
    const JsonReader in(json, file.string());
    disk::OverlayComparison files;
    files.method = in.string("method");
    files.overlay_bytes = static_cast<std::uint64_t>(in.integer("overlay_bytes"));
    files.inodes_examined = static_cast<std::uint64_t>(in.integer("inodes_examined"));
    files.seconds = in.number("seconds");
    for (const JsonReader& item : in.objects("changes"))
        files.changes.push_back(disk::file_change_from_json(item.raw()));
    return files;
}

Findings read_findings(const fs::path& folder, const std::string& machine, bool with_files) {
    Findings findings;
    if (fs::exists(folder / (machine + "-checks.json")))
        findings.checks = read_checks(folder, machine);
    findings.capture =
        snapshots::capture_from_json(read_json(folder / (machine + "-capture.json")));
    if (with_files) findings.files = read_files(folder, machine);
    return findings;
}

bool PreparedLab::complete() const {
    const fs::path file = folder_ / "prepared.json";
    if (!fs::exists(file)) return false;
    const Json json = read_json(file);
    const JsonReader in(json, "prepared.json");
    const std::string here = fs::weakly_canonical(folder_.parent_path().parent_path()).string();
    return in.string_or("state", here) == here;
}

bool PreparedLab::restorable() const {
    if (!complete()) return false;
    const Json json = read_json(folder_ / "prepared.json");
    const JsonReader prepared(json, "prepared.json");
    if (!prepared.has("memory")) return true;  // none is kept, or an older version kept it
    for (const auto& [machine, mark] : prepared.raw("memory").items())
        if (virt::mark_if_there(folder_ / machine / "memory") != mark.get<std::string>())
            return false;
    return true;
}

std::string PreparedLab::identity() const { return sha256_file(folder_ / "prepared.json"); }

virt::CheckpointFiles PreparedLab::checkpoint_files(const std::string& machine,
                                                    virt::CheckpointKind kind) const {
    virt::CheckpointFiles files{folder_ / machine / "state", std::nullopt,
                                folder_ / machine / "domain.xml"};
    if (kind == virt::CheckpointKind::mapped) files.memory = folder_ / machine / "memory";
    return files;
}

virt::CheckpointKind PreparedLab::kind() const {
    const Json json = read_json(folder_ / "prepared.json");
    const std::string kind = JsonReader(json, "prepared.json").string("checkpoint");
    return kind == virt::name(virt::CheckpointKind::mapped) ? virt::CheckpointKind::mapped
                                                            : virt::CheckpointKind::saved;
}

double PreparedLab::boot_seconds() const {
    const Json json = read_json(folder_ / "prepared.json");
    return JsonReader(json, "prepared.json").number("boot_seconds");
}

Seconds PreparedLab::settling_time() const {
    return std::max(Seconds(180), 5 * Seconds(boot_seconds()));
}

std::vector<std::string> PreparedLab::complaints(const std::string& machine) const {
    const fs::path file = complaints_file(folder_ / "baseline", machine);
    if (!fs::exists(file)) return {};  // a lab of an older version: nobody asked
    const Json json = read_json(file);
    return JsonReader(json, file.string()).strings("complaints");
}

fs::path PreparedLab::control_folder(ControlKind kind, int number) const {
    return folder_ / "control" / (std::string(name(kind)) + "-" + std::to_string(number));
}

std::vector<fs::path> PreparedLab::controls(ControlKind kind) const {
    std::vector<fs::path> found;
    for (int number = 1; fs::exists(control_folder(kind, number)); ++number)
        found.push_back(control_folder(kind, number));
    return found;
}

std::vector<Findings> PreparedLab::control_findings(const std::string& machine,
                                                    const std::vector<ControlKind>& kinds) const {
    std::vector<Findings> found;
    for (const ControlKind kind : kinds)
        for (const fs::path& folder : controls(kind))
            found.push_back(read_findings(folder, machine, true));
    return found;
}

std::vector<std::vector<snapshots::Change>> PreparedLab::control_changes(
    const std::string& machine, const std::vector<ControlKind>& kinds) const {
    const Findings before = baseline(machine);
    std::vector<std::vector<snapshots::Change>> changes;
    for (Findings& control : control_findings(machine, kinds))
        changes.push_back(snapshots::find_changes(
            machine, {before.capture, std::move(control.capture), std::move(control.files)}));
    return changes;
}

void PreparedLab::seal(const RunRequest& request, virt::CheckpointKind kind,
                       const std::string& emulator, double boot_seconds) const {
    Json machines = Json::array();
    for (const MachineRequest& machine : request.machines)
        machines.push_back(
            {{"name", machine.definition.name}, {"image_digest", machine.image_digest}});
    Json memory = Json::object();
    if (kind == virt::CheckpointKind::mapped)
        for (const MachineRequest& machine : request.machines)
            memory[machine.definition.name] =
                virt::mark_of(folder_ / machine.definition.name / "memory");
    write_json(folder_ / "prepared.json", {{"schema", prepared_schema},
                                           {"state", fs::weakly_canonical(request.state).string()},
                                           {"lab", request.lab.name},
                                           {"lab_digest", request.lab.digest},
                                           {"checkpoint", virt::name(kind)},
                                           {"emulator", emulator},
                                           {"boot_seconds", boot_seconds},
                                           {"machines", machines},
                                           {"memory", memory}});
}

fs::path prepared_folder(const fs::path& state, const std::string& digest) {
    return state / "prepared" / digest;
}
fs::path prepared_lock(const fs::path& state, const std::string& digest) {
    return state / "prepared" / (digest + ".lock");
}

namespace {

std::uint64_t bytes_on_disk(const fs::path& folder) {
    std::uint64_t bytes = 0;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        struct stat info {};
        if (::lstat(entry.path().c_str(), &info) == 0)
            bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
    }
    return bytes;
}

}  // namespace

std::vector<PreparedSnapshot> list_snapshots(const fs::path& state, store::Database& database) {
    std::set<std::string> current, busy;
    for (const store::Row& row : database.query("SELECT name, digest FROM labs"))
        current.insert(row.text("name") + " " + row.text("digest"));
    for (const store::Row& row : database.query(
             "SELECT lab FROM runs WHERE progress IN ('queued', 'running', 'interrupted')"))
        busy.insert(row.text("lab"));
    std::vector<PreparedSnapshot> snapshots;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(state / "prepared", error)) {
        if (!fs::exists(entry.path() / "prepared.json")) continue;
        const Json json = read_json(entry.path() / "prepared.json");
        const JsonReader in(json, entry.path().string());
        PreparedSnapshot snapshot{entry.path().filename().string(), in.string("lab"),
                                  in.string("checkpoint"), bytes_on_disk(entry.path())};
        snapshot.current = current.count(snapshot.lab + " " + in.string("lab_digest")) > 0;
        snapshot.in_use = busy.count(snapshot.lab) > 0;
        snapshots.push_back(std::move(snapshot));
    }
    return snapshots;
}

std::vector<PreparedSnapshot> prune_snapshots(const fs::path& state, store::Database& database) {
    std::vector<PreparedSnapshot> pruned;
    for (const PreparedSnapshot& snapshot : list_snapshots(state, database)) {
        if (snapshot.current || snapshot.in_use) continue;
        const fs::path folder = state / "prepared" / snapshot.digest;
        const auto lock = FileLock::try_acquire(fs::path(folder) += ".lock");
        if (!lock) continue;
        fs::remove(folder / "prepared.json");  // first: a half-removed folder is not a prepared lab
        remove_tree(folder);
        pruned.push_back(snapshot);
    }
    return pruned;
}

}  // namespace patchlab::pipeline
