// SPDX-License-Identifier: Apache-2.0
//
// Bytes of big files from a web server that serves the head's images and patches, so that they do
// not pass through the head's link. Nothing that it sends is believed: the cache counts only what
// has the right digest. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/process/command.hpp"

namespace patchlab::nodes {

class WebFiles {
  public:
    /// `base`: "http://head:8480"; empty: there is none.
    WebFiles(std::string base, process::CommandRunner& commands)
        : base_(std::move(base)), commands_(commands) {}

    /// A piece of the file from `offset` on, asked for as a range. nullopt when the server does not
    /// give exactly that; it is not asked again then.
    std::optional<std::string> read(const std::string& path, std::uint64_t offset);
    /// Why it is not asked any more; empty while it is.
    const std::string& trouble() const { return trouble_; }

  private:
    std::string base_;
    process::CommandRunner& commands_;
    std::string trouble_;
};

/// Error(usage) unless it is an address of the web: http or https.
void check_web_address(const std::string& base);

/// The address of a file below the base, with every character that has a meaning in addresses
/// escaped.
std::string web_address(const std::string& base, const std::string& path);

}  // namespace patchlab::nodes
