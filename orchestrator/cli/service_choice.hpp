// SPDX-License-Identifier: Apache-2.0
//
// Who works: this process, or a service. A service that is named is asked; of a state folder and a
// service, the one that is named nearer counts (an option, the environment, a configuration file).
// Where nothing is named, and the installation's state is not ours to write, its service is asked
// by itself. Thread safety: free functions.
#pragma once

#include <filesystem>
#include <memory>

#include "orchestrator/cli/config.hpp"
#include "orchestrator/service/remote/client.hpp"

namespace patchlab::cli {

/// Where the back of the installation's service listens.
std::filesystem::path usual_socket();

/// nullptr: this process works itself. Error(usage) when both are named, or for an address that is
/// none; Error(lab) when the service that is named does not answer.
std::unique_ptr<service::RemoteClient> choose_service(const Config& settings);

}  // namespace patchlab::cli
