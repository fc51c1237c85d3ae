// SPDX-License-Identifier: Apache-2.0
//
// The front's way to the back: connections that each carry one call at a time, kept for the next
// one. Who finds all of them at work waits a moment, and then hears that it is too much. Thread
// safety: the thread of the loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/json.hpp"
#include "platform/http/loop.hpp"

namespace patchlab::service::front {

/// No aggregate: GCC 12 destroys one twice that is made of braces within a co_await.
struct BackCall {
    BackCall() = default;
    explicit BackCall(std::string name) : operation(std::move(name)) {}

    std::string operation;
    Json request = Json::object();
    Json credential = nullptr;  ///< {"token": …}, {"session": …}, {"proxy": …}, or null
    std::string from = {};
    std::string as = {};  ///< the user whom the caller names
    std::vector<int> files = {};
    /// It may take as long as it likes.
    bool long_one = false;
    /// When nobody listens any more, it is to end. What changes something goes on.
    bool interruptible = false;
    /// Becomes true when the back is to be told that nobody wants the work any more; it goes on to
    /// its end. May be null.
    std::shared_ptr<bool> interrupt = {};
};

struct BackReply {
    bool ok = false;
    Json document;  ///< the response, or patchlab/error/v1
    int exit = 0;
    std::string state = {};  ///< the folder that the paths of the response lead to
};

/// Gets each event of a call, and of a long one null when nothing came for a while; false: nobody
/// listens any more, the call is let go.
using OnEvent = std::function<http::Task<bool>(const Json& event)>;

struct UpstreamLimits {
    std::size_t short_calls = 12;  ///< at the same time
    std::size_t long_calls = 10;   ///< besides
    Seconds patience{10};          ///< for a free connection
    Seconds longest{120};          ///< for a call that is not a long one
};

class Upstream {
  public:
    /// `connect`: a new connection to the back; Error when there is none.
    Upstream(http::Loop& loop, std::function<UniqueFd()> connect, UpstreamLimits limits = {});
    ~Upstream();

    /// Never throws: what went wrong between here and the back is a reply, too.
    http::Task<BackReply> call(BackCall call, OnEvent on_event = {});
    /// Ends idle connections, and those at work if `all`.
    void close(bool all);

  private:
    struct Link;
    using LinkPtr = std::shared_ptr<Link>;
    http::Task<bool> take_turn(bool long_one);
    void give_turn(bool long_one);
    LinkPtr link();
    http::Task<bool> send(Link& link, const BackCall& call);
    http::Task<std::optional<Json>> receive(Link& link, Seconds longest);
    static void interrupt(Link& link);
    http::Task<BackReply> talk(LinkPtr link, const BackCall& call, const OnEvent& on_event);

    http::Loop& loop_;
    std::function<UniqueFd()> connect_;
    UpstreamLimits limits_;
    http::Signal turn_;
    std::vector<LinkPtr> idle_;
    std::vector<std::weak_ptr<Link>> busy_;
    std::size_t short_calls_ = 0, long_calls_ = 0;
};

}  // namespace patchlab::service::front
