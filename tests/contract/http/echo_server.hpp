// SPDX-License-Identifier: Apache-2.0
//
// A server on a port of its own, in a thread, whose handler tells what it got.
#pragma once

#include <atomic>
#include <thread>

#include "platform/http/server.hpp"
#include "tests/support/http_client.hpp"

namespace patchlab::http {

class Echo final : public Handler {
  public:
    std::uint64_t most = 64U << 20;
    Task<std::optional<std::uint64_t>> admit(Exchange& exchange) override {
        if (exchange.request().path == "/refused") {
            Response response{401, {}, "who are you"};
            co_await exchange.respond(std::move(response));
            co_return std::nullopt;
        }
        co_return most;
    }
    Task<void> handle(Exchange& exchange) override {
        Request& request = exchange.request();
        if (request.path == "/throws") throw std::runtime_error("on purpose");
        if (request.path == "/stream") {
            Response head;
            const bool begun = co_await exchange.begin(std::move(head), true);
            if (!begun) {
                Response none{503, {}, "no room"};
                co_await exchange.respond(std::move(none));
                co_return;
            }
            co_await exchange.write("first\n");
            const Wake wake = co_await exchange.pause(Seconds(30));
            ended_by = static_cast<int>(wake);
            co_return;
        }
        if (request.path == "/large") {
            Response large{200, {}, std::string(20U << 20, 'x')};
            co_await exchange.respond(std::move(large));
            co_return;
        }
        std::string text = request.method + " " + request.path + " ";
        text += request.body_file ? "file " + std::to_string(request.length) : request.body;
        Response response{200, {{"Content-Type", "text/plain"}}, std::move(text)};
        co_await exchange.respond(std::move(response));
    }
    Response refuse(const Refusal& refusal) override { return {refusal.status, {}, refusal.why}; }
    std::atomic<int> ended_by{-1};
};

class EchoServer {
  public:
    explicit EchoServer(Limits limits = {}) : server_(loop_, handler, limits) {
        UniqueFd listener = listen_tcp("127.0.0.1:0");
        port = port_of(listener);
        server_.listen({std::move(listener)});
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~EchoServer() {
        loop_.post([this] { server_.close_all(); });
        thread_.join();  // ends when nothing is left to wait for
    }
    Counts counts() {
        std::atomic<bool> done = false;
        Counts counts;
        loop_.post([&] {
            counts = server_.counts();
            done = true;
        });
        while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return counts;
    }
    void stop() {
        loop_.post([this] { server_.stop(); });
    }

    Echo handler;
    std::uint16_t port = 0;

  private:
    Loop loop_;
    Server server_;
    std::thread thread_;
};

}  // namespace patchlab::http
