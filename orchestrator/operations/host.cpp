// SPDX-License-Identifier: Apache-2.0
//
// This host and what crashes left on it.
#include <algorithm>
#include <optional>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/operations/backends.hpp"
#include "orchestrator/operations/host_checks.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/pipeline/run/reaper.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/virt/acceleration.hpp"

namespace patchlab::operations {

namespace {

Finding check_state(Session& session) {
    try {
        if (!session.has_state())
            return {"state folder", Answer::yes,
                    session.state_place().string() + ", which is not there yet", ""};
        return {"state folder", Answer::yes, session.state().string(), ""};
    } catch (const Error& error) {
        return {"state folder", Answer::no, error.what(), error.advice()};
    }
}

/// Damage that SQLite can see; a store that is not there yet is fine.
Finding check_store(Session& session) {
    try {
        if (!session.has_state()) return {"store", Answer::yes, "none yet", ""};
        const std::string said =
            session.database().query("PRAGMA quick_check(1)").at(0).text("quick_check");
        if (said == "ok") return {"store", Answer::yes, "intact", ""};
        return {
            "store", Answer::no, said,
            "restore the newest backup elsewhere: patchlab --state-dir DIR backup restore FILE"};
    } catch (const Error& error) {
        return {"store", Answer::no, error.what(), error.advice()};
    }
}

/// A probe that cannot be run leaves the answer open: then nothing is known about this host, and
/// that is a no.
Finding check_acceleration(Call& call, std::string& acceleration) {
    call.events.progress("doctor: running a guest for a moment to see what accelerates it");
    try {
        std::optional<TempFolder> nowhere;  // without a state nothing is kept of it
        if (!call.session.has_state()) nowhere.emplace(fs::temp_directory_path(), "doctor");
        const virt::AccelerationProbe probe = virt::probe_acceleration(
            call.session.commands(), nowhere ? nowhere->path() : host_folder(call.session.state()));
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

std::vector<Finding> look_at_host(Call& call, std::string& acceleration) {
    process::CommandRunner& commands = call.session.commands();
    std::vector<Finding> list{check_user(), check_qemu_user(), check_state(call.session)};
    const bool state_usable = list.back().answer == Answer::yes;
    list.push_back(check_run_uids());
    const std::vector<Finding> tools = check_requirements(commands, requirements());
    list.insert(list.end(), tools.begin(), tools.end());
    list.push_back(check_appliance_kernel("/boot", "/lib/modules"));
    list.push_back(check_memory(read_file_if_any("/proc/meminfo").value_or("")));
    list.push_back(check_cells());
    if (!state_usable) return list;
    list.push_back(check_disk(call.session.state_place()));
    list.push_back(check_store(call.session));
    if (const std::optional<Finding> channels = check_channels(call.session))
        list.push_back(*channels);
    list.insert(list.begin(), check_acceleration(call, acceleration));
    return list;
}

/// Can this host run labs?
Outcome check_host(Call& call, const JsonReader&) {
    std::string acceleration = "tcg";
    const std::vector<Finding> found = look_at_host(call, acceleration);
    const bool ready = std::none_of(found.begin(), found.end(), [](const Finding& finding) {
        return finding.answer == Answer::no;
    });
    Json checks = Json::array();
    for (const Finding& finding : found) checks.push_back(to_json(finding));
    return {{{"schema", "patchlab/doctor/v2"},
             {"ready", ready},
             {"acceleration", acceleration},
             {"checks", checks}},
            ready ? 0 : exit_code(ErrorCode::lab)};
}

/// Makes the state folder and its store.
Outcome init_state(Call& call, const JsonReader&) {
    return {{{"schema", "patchlab/state/v1"}, {"state", call.session.state().string()}}};
}

Outcome reap_host(Call& call, const JsonReader&) {
    Session& session = call.session;
    pipeline::RunStore runs(session.state(), session.database());
    auto reaped =
        pipeline::reap(session.state(), [&](const std::string& run) { return runs.has(run); });
    runs.sync();
    images::ImageStore(session.state(), session.database()).collect();
    const catalog::NoInventory nobody;
    for (const std::string& one :
         catalog::Catalog(session.governance(), session.commands(), nobody).reap())
        reaped.push_back({"catalog:", one});
    Json items = Json::array();
    for (const pipeline::Reaped& item : reaped)
        items.push_back({{"what", item.what}, {"subject", item.subject}});
    return {{{"schema", "patchlab/reaped/v1"}, {"released", items}},
            0,
            Audit{"", {{"released", items}}}};
}

}  // namespace

std::vector<Operation> host_operations() {
    return {
        {"host.check", "Can this host run labs? What is missing, and what to do about it",
         Kind::long_read, anyone(), check_host},
        {"host.init", "Make the state folder", Kind::write, anyone(), init_state},
        {"host.reap", "Release whatever a crash left behind", Kind::write,
         administrators("release what a crash left behind"), reap_host},
    };
}

}  // namespace patchlab::operations
