// SPDX-License-Identifier: Apache-2.0
//
// The process of the front. It has what it was given: listening sockets and a way to the back. It
// opens no file, starts nothing, and cannot become more than it is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/service/front/front.hpp"
#include "platform/http/server.hpp"

namespace patchlab::service::front {

struct ServeOptions {
    std::vector<http::Listener> listeners;
    /// A new connection to the back, made without opening a file.
    std::function<UniqueFd()> connect;
    /// Descriptors besides those of the listeners that `connect` needs; all others are closed.
    std::vector<int> kept = {};
    /// Names that the service is asked by, besides those of loopback.
    std::vector<std::string> hosts = {};
    http::Limits limits = {};
    FrontLimits front_limits = {};
    UpstreamLimits upstream_limits = {};
    Seconds grace{10};     ///< at the end, for what is at work
    bool confined = true;  ///< false: in the process of a test
};

/// Answers until SIGTERM or SIGINT. Gives the exit code. Error(lab) when the process cannot be
/// confined: then nothing is answered.
int serve_http(ServeOptions options);

/// Keeps a process that does serve_http(), and starts another one when it was lost. This one parses
/// nothing. Ends, with it, when it is told to (SIGTERM, SIGINT); gives its exit code. `let_go`:
/// then closes what this process holds of the listeners, so that others may listen there at once.
int keep_serving(
    const std::function<ServeOptions()>& options, const std::function<void()>& let_go = [] {});

/// "127.0.0.1:8443" may be listened at as it is. Any other address only behind a proxy that speaks
/// TLS. Error(usage). The proxy's word on who signed in is believed by neither.
void expect_permitted(const std::string& address, bool behind_proxy);

}  // namespace patchlab::service::front
