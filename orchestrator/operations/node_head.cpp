// SPDX-License-Identifier: Apache-2.0
//
// The head's side: links of nodes, each answered by one HeadService.
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <mutex>
#include <thread>

#include "orchestrator/nodes/head/service.hpp"
#include "orchestrator/operations/node_process.hpp"
#include "orchestrator/operations/worker_process.hpp"
#include "platform/core/error.hpp"
#include "platform/core/unix_socket.hpp"

namespace patchlab::operations {

namespace {

constexpr int most_links = 512;

/// What the links of one process share: the session is one thread's at a time.
class Head {
  public:
    Head(Session& session, std::string only) : session_(session), only_(std::move(only)) {
        parts_.state = session_.state();
        parts_.clock = &session_.clock();
        parts_.find = [this](const std::string& name) { return find(name); };
        parts_.seen = [this](const nodes::KnownNode& node) { note_seen(node); };
        parts_.record = [this](const nodes::DeliveredRun& delivered,
                               const std::function<void()>& publish) {
            return record(delivered, publish);
        };
        parts_.finished = [this](const pipeline::RunFolder& run) {
            const std::lock_guard lock(mutex_);
            tell_of_end(session_, run);
        };
    }

    /// Answers until the node hangs up. Never throws.
    void serve(int in, int out) {
        try {
            nodes::Link link(in, out);
            nodes::HeadService(parts_, link).serve();
        } catch (const nodes::ContactLost&) {
            // it has hung up
        } catch (const std::exception& error) {
            const std::lock_guard lock(mutex_);
            std::cerr << "patchlab node: a link was ended: " << error.what() << std::endl;
        }
    }

  private:
    nodes::NodeStore store() { return nodes::NodeStore(session_.database()); }

    std::optional<nodes::KnownNode> find(const std::string& name) {
        if (!only_.empty() && name != only_) return std::nullopt;
        const std::lock_guard lock(mutex_);
        return store().find(name);
    }

    void note_seen(const nodes::KnownNode& node) {
        const std::lock_guard lock(mutex_);
        store().note_seen(node.name, to_rfc3339(session_.clock().now()));
    }

    /// The node is no user; the row names it as the actor, and the account that served it.
    bool record(const nodes::DeliveredRun& delivered, const std::function<void()>& publish) {
        const std::lock_guard lock(mutex_);
        const auto before = store().delivery_of(delivered.run);
        if (before && before->attempt == delivered.attempt) return false;
        const governance::Account account = session_.account();
        governance::AuditEvent event;
        event.actor.user = "node:" + delivered.node;
        event.actor.os_user = account.os_user;
        event.actor.uid = account.uid;
        event.action = "run-delivered";
        event.subject = delivered.run;
        event.detail = {{"node", delivered.node},
                        {"key", delivered.key_id},
                        {"attempt", delivered.attempt},
                        {"evidence", delivered.evidence}};
        session_.governance().audit.append(event, [&] {
            store().note_delivery(delivered);
            publish();
        });
        return true;
    }

    Session& session_;
    std::string only_;
    nodes::HeadParts parts_;
    std::mutex mutex_;
};

[[noreturn]] void serve_socket(Head& head, const std::string& path) {
    const UniqueFd listener = listen_at_path(path);
    std::cerr << "patchlab serves nodes at unix:" << path << std::endl;
    static std::atomic<int> links{0};
    for (;;) {
        UniqueFd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (!fd && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            continue;  // until a link ends
        }
        if (!fd)
            throw Error(ErrorCode::lab, "cannot take a link: " + std::string(std::strerror(errno)));
        if (links >= most_links) continue;  // the node tries again
        ++links;
        std::thread([&head, socket = fd.release()] {
            head.serve(socket, socket);
            ::close(socket);
            --links;
        }).detach();
    }
}

}  // namespace

void serve_nodes(Session& session, const std::string& listen, const std::string& only) {
    Head head(session, only);
    if (!listen.empty()) serve_socket(head, listen);
    head.serve(STDIN_FILENO, STDOUT_FILENO);
}

}  // namespace patchlab::operations
