// SPDX-License-Identifier: Apache-2.0
//
// What `patchlab doctor` looks at: can this host run labs, and what to do about each no. Every
// check is a value; none of them throws because something is missing, and what could not be found
// out is "no" or "warn", never fine. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "platform/process/command.hpp"

namespace patchlab::operations {

class Session;

enum class Answer { yes, warn, no };

struct Finding {
    std::string name;  ///< "libvirt QEMU driver"
    Answer answer = Answer::no;
    std::string detail;  ///< what was found
    std::string advice;  ///< what to do, when the answer is not yes
};

/// {name, ok: true|false, status: ok|warn|fail, detail, advice}; a warning is ok.
Json to_json(const Finding& finding);

/// A program or file that labs cannot do without, and the Debian package that brings it.
struct Requirement {
    std::string name;     ///< of the check
    std::string package;  ///< Debian package
    std::string program;  ///< looked up in PATH; empty: `file` counts
    std::string file;     ///< a path, whose folders may be shell patterns
    std::string why;      ///< what labs use it for
};

/// All that the tree uses on the host.
std::vector<Requirement> requirements();
/// What working runs alone takes: nobody builds images or asks vendors there.
std::vector<Requirement> requirements_of_nodes();

/// One finding for each requirement: is it there, in which version.
std::vector<Finding> check_requirements(process::CommandRunner& runner,
                                        const std::vector<Requirement>& required);

/// libguestfs boots its appliance from a kernel of the host, which must be readable and have its
/// modules.
Finding check_appliance_kernel(const std::filesystem::path& boot,
                               const std::filesystem::path& modules);
/// `meminfo` is the text of /proc/meminfo.
Finding check_memory(const std::string& meminfo);
Finding check_disk(const std::filesystem::path& state);
Finding check_user();
/// The unprivileged user that QEMU runs as when patchlab is root.
Finding check_qemu_user();
/// Whether QEMU of each run is a user of its own.
Finding check_run_uids();
Finding check_cells();
/// Channels whose snapshot hosts do not trust for much longer (channel_checks.cpp); nullopt:
/// nothing is published.
std::optional<Finding> check_channels(Session& session);

}  // namespace patchlab::operations
