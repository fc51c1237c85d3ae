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
#include "testsuites/model.hpp"

namespace patchlab::pipeline {

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
    std::string requested;          ///< RFC 3339
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

/// sha256 over everything that a prepared lab depends on: definition, image digests, suite digests,
/// emulator.
std::string prepared_digest(const RunRequest& request, const std::string& emulator);

}  // namespace patchlab::pipeline
