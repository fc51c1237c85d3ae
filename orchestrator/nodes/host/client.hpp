// SPDX-License-Identifier: Apache-2.0
//
// The node's end of a link, typed. Every call either gives an answer or throws: ContactLost (try
// again), LostToAnother (end the sandbox, deliver nothing), or the head's own Error. Thread safety:
// one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/nodes/link/address.hpp"
#include "orchestrator/nodes/materials.hpp"
#include "platform/core/signing.hpp"

namespace patchlab::nodes {

/// The run is another attempt's, or over, or cancelled.
class LostToAnother : public Error {
  public:
    explicit LostToAnother(const std::string& what) : Error(ErrorCode::conflict, what) {}
};

/// As whom a node calls which head.
struct NodeIdentity {
    std::string name;
    HeadAddress address;
    std::vector<PublicKey> head_keys;
};

class HeadClient {
  public:
    /// Calls and greets the head.
    HeadClient(const NodeIdentity& identity, const SecretKey& key, std::string run, int attempt);

    /// The text of the run's request.
    std::string begin();
    std::vector<Material> materials();
    /// Tells what this host has: the keys of its contents, and what its prepared labs depend on.
    void tell_contents(const std::vector<std::string>& keys, const std::string& emulator);
    /// Bytes of a file of the materials from `offset` on; at its end none.
    std::string read(const std::string& path, std::uint64_t offset);

    /// Reports whole lines of events and the stage. True: the run was cancelled.
    bool beat(std::string_view stage, std::string_view events);

    struct DeliveryStart {
        bool accepted = false;  ///< it was handed in before
        std::map<std::string, std::uint64_t> there;
    };
    DeliveryStart deliver(const std::string& evidence);
    void put(const std::string& path, std::uint64_t offset, std::string_view bytes, bool anew);
    /// Gives the verdict that the head accepted.
    std::string finish();

  private:
    Message ask(const char* what, Json request, std::string bytes = {},
                Seconds patience = Seconds(30));

    std::unique_ptr<HeadStream> stream_;
    std::string run_;
    int attempt_;
};

}  // namespace patchlab::nodes
