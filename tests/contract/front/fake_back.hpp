// SPDX-License-Identifier: Apache-2.0
//
// A front on a port of its own, before a back that says what a test wants.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "orchestrator/service/front/front.hpp"
#include "tests/support/http_client.hpp"

namespace patchlab::service::front {

/// One call as it arrived.
struct Seen {
    std::string call;
    Json request, credential;
    std::string from;
    std::vector<std::string> files;  ///< contents
};

/// Events of a call, then its end: {"response": …, "exit": 0} or {"error": …}.
using Answers = std::function<std::vector<Json>(const Seen& seen)>;

class FakeBack {
  public:
    explicit FakeBack(Answers answers) : answers_(std::move(answers)) {}
    ~FakeBack();
    UniqueFd connect();
    /// Answers at this end of a connection, in a thread of its own.
    void serve_at(UniqueFd end);
    std::vector<Seen> seen(const std::string& call) const;
    /// Sends an event to whoever follows events.
    void publish(const Json& event);
    bool is_followed() const;
    /// How often somebody was told that nobody wants the work any more.
    int interrupts() const { return interrupts_; }
    /// What is written into each file that comes along from now on.
    void write_into_files(std::string content) { written_ = std::move(content); }

  private:
    void serve(UniqueFd fd);
    Answers answers_;
    std::string written_;
    std::atomic<int> interrupts_ = 0;
    mutable std::mutex mutex_;
    std::vector<Seen> seen_;
    std::vector<int> ends_;
    std::vector<int> followers_;
    std::vector<std::thread> threads_;
};

Json ok(const Json& response, int exit = 0);
Json failed(const char* code, const std::string& message);

/// Sends a request with Host and, unless it is empty, the token; gives the whole response.
std::string ask_at(std::uint16_t port, const std::string& method, const std::string& target,
                   const std::string& fields, const std::string& body, const std::string& token,
                   double seconds);

class FrontServer {
  public:
    /// `door`: what its listener is besides listening.
    explicit FrontServer(Answers answers, FrontLimits limits = {}, http::Peer door = {});
    ~FrontServer();
    std::string ask(const std::string& method, const std::string& target,
                    const std::string& fields = "", const std::string& body = "",
                    const std::string& token = "plt_good");
    std::size_t listeners();

    FakeBack back;
    std::uint16_t port = 0;

  private:
    http::Loop loop_;
    Upstream upstream_;
    Front front_;
    http::Server server_;
    std::thread thread_;
};

}  // namespace patchlab::service::front
