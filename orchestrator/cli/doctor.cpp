// SPDX-License-Identifier: Apache-2.0
//
// patchlab doctor: can this host run labs? Exit 0 when it can, 3 when not.
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "orchestrator/cli/backends.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/host_checks.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/virt/acceleration.hpp"

namespace patchlab::cli {

namespace {

struct Diagnosis {
    std::vector<Finding> findings;
    std::string acceleration = "tcg";
    bool ready() const {
        return std::none_of(findings.begin(), findings.end(),
                            [](const Finding& finding) { return finding.answer == Answer::no; });
    }
};

Finding check_state(Context& context) {
    try {
        return {"state folder", Answer::yes, context.state().string(), ""};
    } catch (const Error& error) {
        return {"state folder", Answer::no, error.what(), error.advice()};
    }
}

/// Damage that SQLite can see; a store that is not there yet is fine.
Finding check_store(Context& context) {
    try {
        if (!fs::exists(context.state() / "patchlab.db"))
            return {"store", Answer::yes, "none yet", ""};
        const std::string said =
            context.database().query("PRAGMA quick_check(1)").at(0).text("quick_check");
        if (said == "ok") return {"store", Answer::yes, "intact", ""};
        return {"store", Answer::no, said,
                "restore patchlab.db from a backup, or use another --state"};
    } catch (const Error& error) {
        return {"store", Answer::no, error.what(), error.advice()};
    }
}

/// A probe that cannot be run leaves the answer open: then nothing is known about this host, and
/// that is a no.
Finding check_acceleration(Context& context, std::string& acceleration) {
    context.progress("doctor: running a guest for a moment to see what accelerates it");
    try {
        const virt::AccelerationProbe probe =
            virt::probe_acceleration(context.commands(), host_folder(context));
        acceleration = virt::name(probe.acceleration);
        if (probe.acceleration == virt::Acceleration::kvm)
            return {"acceleration", Answer::yes, "KVM: " + probe.reason, ""};
        return {"acceleration", Answer::warn, "none, QEMU emulates (TCG): " + probe.reason,
                "everything works, but a boot takes about 20 s; for speed use a host where guests "
                "run under KVM"};
    } catch (const Error& error) {
        return {"acceleration", Answer::no, error.what(), error.advice()};
    }
}

Diagnosis diagnose(Context& context) {
    Diagnosis found;
    std::vector<Finding>& list = found.findings;
    list.push_back(check_user());
    list.push_back(check_qemu_user());
    list.push_back(check_state(context));
    const bool state_usable = list.back().answer == Answer::yes;
    const std::vector<Finding> tools = check_requirements(context.commands(), requirements());
    list.insert(list.end(), tools.begin(), tools.end());
    list.push_back(check_appliance_kernel("/boot", "/lib/modules"));
    list.push_back(check_memory(read_file_if_any("/proc/meminfo").value_or("")));
    list.push_back(check_cells());
    if (!state_usable) return found;
    list.push_back(check_disk(context.state()));
    list.push_back(check_store(context));
    list.insert(list.begin(), check_acceleration(context, found.acceleration));
    return found;
}

Json diagnosis_json(const Diagnosis& found) {
    Json checks = Json::array();
    for (const Finding& finding : found.findings) checks.push_back(to_json(finding));
    return {{"schema", "patchlab/doctor/v1"},
            {"ready", found.ready()},
            {"acceleration", found.acceleration},
            {"checks", checks}};
}

void print_text(Context& context, const Diagnosis& found) {
    static const auto word = [](Answer answer) {
        return answer == Answer::yes ? "ok" : answer == Answer::warn ? "warn" : "NO";
    };
    std::vector<std::vector<std::string>> rows;
    for (const Finding& finding : found.findings) {
        rows.push_back({finding.name, word(finding.answer), finding.detail});
        if (!finding.advice.empty()) rows.push_back({"", "", "→ " + finding.advice});
    }
    print_table(context, {"CHECK", "", "FOUND"}, rows);
    std::cout << "\n"
              << (found.ready() ? "This host can run labs."
                                : "This host cannot run labs yet; the arrows say what to do.")
              << "\n";
}

void doctor(Context& context) {
    const Diagnosis found = diagnose(context);
    context.print(diagnosis_json(found), [&] { print_text(context, found); });
    context.exit = found.ready() ? 0 : exit_code(ErrorCode::lab);
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand(
        "doctor", "can this host run labs? what is missing, and what to do about it");
    add_json_flag(*command, context);
    command->callback([&context] { doctor(context); });
}

}  // namespace patchlab::cli
