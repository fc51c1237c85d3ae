// SPDX-License-Identifier: Apache-2.0
//
// How a node reaches its head:
//   ssh://USER@HOST[:PORT]   over ssh; the account's forced command there is
//                            `patchlab --state-dir STATE node serve`
//   unix:PATH                the socket of `patchlab node serve --listen PATH`
//   local:STATE              the head's state folder on this very host
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "orchestrator/nodes/link/link.hpp"
#include "platform/core/files.hpp"
#include "platform/process/partner.hpp"

namespace patchlab::nodes {

struct HeadAddress {
    enum class Kind { ssh, socket, local };
    Kind kind = Kind::local;
    std::string user, host;  ///< of ssh
    std::string port;        ///< empty: the usual one
    std::string path;        ///< of the others
};

/// Error(usage) for a text that is none.
HeadAddress head_address(const std::string& text);

/// An open stream to the head; a program in between lives as long as it does.
class HeadStream {
  public:
    /// ContactLost when it cannot be reached.
    static std::unique_ptr<HeadStream> open(const HeadAddress& address);
    Link& link() { return *link_; }

  private:
    std::optional<process::Partner> partner_;
    UniqueFd socket_;
    std::optional<Link> link_;
};

}  // namespace patchlab::nodes
