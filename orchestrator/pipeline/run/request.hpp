// SPDX-License-Identifier: Apache-2.0
//
// What a worker is asked to do, complete: it reads no store and no definition besides. On disk:
// input/request.json, which names images and patches by their content and holds no path, so that
// it means the same on every host. Where they are is found by find_materials(); documents of older
// versions, which hold paths besides, are read the same way.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "labdefs/model.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/intake/patch.hpp"
#include "platform/core/json.hpp"
#include "testsuites/model.hpp"

namespace patchlab::pipeline {

struct Backend;

/// What a run is worked on, as it was when the run was asked for. Whoever takes the run up again
/// has to work it on the same backend; the emulator may be another one (the host was updated, the
/// run was moved), and then the run begins anew.
struct RunsOn {
    std::string backend;       ///< "libvirt" or "fake"
    std::string emulator;      ///< "QEMU 7.2.22, tcg"
    std::string acceleration;  ///< "kvm" or "tcg"
};
RunsOn runs_on(const Backend& backend);

struct MachineRequest {
    labdefs::Machine definition;
    std::string image_digest;
    std::filesystem::path image_file;  ///< on this host; empty until find_materials()
    std::string os;                    ///< as its os-release names it: "… 12 (bookworm)"
    std::string family = families::default_family;  ///< of its packages
    bool uefi = false;
    std::vector<testsuites::Suite> suites;
};

struct RunRequest {
    std::string id;
    std::string kind = "rehearse";  ///< "rehearse", or "prepare": only the prepared lab
    std::string requester;          ///< the user of patchlab who asked for it; never its approver
    Json requester_account;         ///< the account they asked from, as it is sealed; may be null
    std::string requested;          ///< RFC 3339
    RunsOn runs_on;                 ///< empty in documents of older versions
    std::filesystem::path state;    ///< the state folder of this host; find_materials()
    labdefs::Lab lab;
    std::vector<MachineRequest> machines;
    std::vector<intake::Patch> patches;
    std::vector<std::string> extra_suites;  ///< --suite: run on every machine besides its own
    bool drill = true;
    bool endure = true;  ///< reboot the patched machines once more and look again
    std::vector<std::string>
        faults;  ///< asked for during the installation: power-cut, disk-full, second-reboot
    bool allow_downgrade = false;
    double stall_after = 120;  ///< seconds after which an installation that stands still is ended
    double apply_deadline = 1200;  ///< seconds an installation may take on one machine; twice that
                                   ///< while its log goes on

    const MachineRequest& machine(const std::string& name) const;
};

/// The suites' definitions travel as text, so that the worker runs exactly what was read when the
/// run was started.
struct SuiteText {
    std::string name;
    std::string yaml;  ///< empty: built in
    std::string file;
};

void write_request(const std::filesystem::path& file, const RunRequest& request,
                   const std::vector<SuiteText>& suites);
/// Without the places of this host. Error(invalid) when it is not a request.
RunRequest read_request(const std::filesystem::path& file);

/// Error(refused) when the run was asked for on another backend: what ran must be what was asked
/// for, and evidence must not call simulated machines real.
void require_backend_of(const RunRequest& request, const std::string& backend);

/// sha256 over everything that a prepared lab depends on: definition, image digests, suite digests,
/// emulator.
std::string prepared_digest(const RunRequest& request, const std::string& emulator);

}  // namespace patchlab::pipeline
