// SPDX-License-Identifier: Apache-2.0
//
// What a lab host knows of itself: node.json in its state folder (schema patchlab/node/v1), written
// by `node init`. Its key is the key ring of that state: what the host sees, that key signs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"
#include "platform/core/signing.hpp"

namespace patchlab::nodes {

struct NodeConfiguration {
    std::string name;
    std::string head;       ///< address; empty: PATCHLAB_HEAD names it
    std::string head_keys;  ///< PEM; empty: any head that the address leads to
    std::string files;      ///< address of a web server with its contents; empty: there is none
    std::uint64_t cache_bytes = 100ULL << 30;  ///< of images, patches and prepared labs together
    std::uint64_t keep_free = 5ULL << 30;      ///< bytes of the filesystem that stay free
    Seconds lost_after{60};                    ///< without contact, the sandbox is ended
    /// A program and its first arguments; the reason is added. It takes this host out of service.
    std::vector<std::string> drain;
};

/// Error(usage) when `node init` was never run here; Error(invalid).
NodeConfiguration read_node_configuration(const fs::path& state);
void write_node_configuration(const fs::path& state, const NodeConfiguration& configuration);

/// "node.json" of a state folder; a host without it is no node.
fs::path node_configuration_file(const fs::path& state);

}  // namespace patchlab::nodes
