// SPDX-License-Identifier: Apache-2.0
//
// Where hosts come from: an Ansible inventory, which Ansible itself reads, or a table (CSV).
// Reading changes nothing; every mistake is reported, and a source with a mistake is not taken in
// at all. What is kept of a host is named in attributes.hpp; passwords are refused. Thread safety:
// free functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/inventory/attributes.hpp"
#include "platform/core/diagnostics.hpp"
#include "platform/process/command.hpp"

namespace patchlab::inventory {

/// The hosts of a table. Columns: name (or host), patchlab's words (attributes.hpp) with or without
/// "patchlab_", and Ansible's connection variables. Any other column is a mistake.
std::vector<Host> hosts_of_csv(std::string_view text, const std::string& file,
                               const KnownNames& known, Diagnostics& diagnostics);

/// The hosts of what `ansible-inventory --list` printed. `file` names the source in diagnostics;
/// they have no lines.
std::vector<Host> hosts_of_ansible(std::string_view json, const std::string& file,
                                   const KnownNames& known, Diagnostics& diagnostics);

struct AnsibleSource {
    std::filesystem::path path;  ///< a file (INI, YAML) or a folder of such
    bool allow_scripts = false;  ///< run executable files and inventory plugins, which are programs
};

/// What `ansible-inventory --list` prints of it, with nothing of this host's own Ansible
/// configuration. Error(not_found); Error(refused) when a file is executable and scripts are not
/// allowed; Error(invalid) with what Ansible said; Error(lab) without Ansible.
std::string list_ansible(process::CommandRunner& runner, const AnsibleSource& source);

}  // namespace patchlab::inventory
