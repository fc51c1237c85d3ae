// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/hub.hpp"

#include <algorithm>

#include "platform/core/log.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::front {

using http::Task;
using http::Wake;

namespace {

constexpr std::size_t longest_id = 300;

/// An id stands in a line of its own: nothing in it may end that line.
std::string id_of(const Json& body) {
    const auto found = body.find("id");
    if (!body.is_object() || found == body.end()) return {};
    const std::string id = found->is_string() ? found->get<std::string>() : to_line(*found);
    return id.size() <= longest_id && is_plain_text(id) ? id : std::string{};
}

/// The one member of an event: its type and what it says.
std::pair<std::string, const Json*> type_of(const Json& event) {
    if (!event.is_object() || event.size() != 1) return {"", nullptr};
    const auto first = event.begin();
    if (first.key() == "progress" || first.key() == "note" || first.key() == "warning")
        return {"", nullptr};
    return {first.key(), &first.value()};
}

}  // namespace

std::string event_text(const std::string& id, const std::string& type, const Json& data) {
    std::string text;
    if (!id.empty()) text += "id: " + id + "\n";
    text += "event: " + type + "\n";
    return text + "data: " + to_line(data) + "\n\n";
}

Hub::Hub(http::Loop& loop, Upstream& upstream, HubLimits limits)
    : loop_(loop), upstream_(upstream), limits_(limits) {}

void Hub::keep(Kept event) {
    kept_bytes_ += event.text.size();
    kept_.push_back(std::move(event));
    while (kept_.size() > limits_.kept || kept_bytes_ > limits_.kept_bytes) {
        kept_bytes_ -= kept_.front().text.size();
        kept_.pop_front();
    }
}

void Hub::publish(const Json& event) {
    const auto [type, body] = type_of(event);
    if (!body || !is_plain_text(type)) return;
    std::string id = id_of(*body);
    const std::string text = event_text(id, type, *body);
    for (Listener& listener : listeners_) {
        if (listener.queue.size() + text.size() > limits_.queue) {
            listener.over = true;
            listener.exchange.drop();
            continue;
        }
        listener.queue += text;
        listener.exchange.wake();
    }
    keep({std::move(id), text});
}

void Hub::drop(const Json& credential) {
    for (Listener& listener : listeners_) {
        if (listener.caller.credential != credential) continue;
        listener.over = true;
        listener.exchange.drop();
    }
}

void Hub::drop_all() {
    ending_ = true;
    for (Listener& listener : listeners_) {
        listener.over = true;
        listener.exchange.wake();
    }
}

/// What the listener missed; `reset` when that is not known any more: then it looks anew.
void Hub::begin(Listener& listener, const std::string& after) const {
    listener.queue = "retry: 3000\n\n";
    if (after.empty()) return;
    const auto last = std::find_if(kept_.rbegin(), kept_.rend(),
                                   [&](const Kept& one) { return one.id == after; });
    if (last == kept_.rend()) {
        listener.queue += event_text("", "reset", {{"why", "events were missed"}});
        return;
    }
    std::string missed;
    for (auto it = last.base(); it != kept_.end(); ++it) missed += it->text;
    if (missed.size() + listener.queue.size() > limits_.queue)
        listener.queue += event_text("", "reset", {{"why", "many events were missed"}});
    else listener.queue += missed;
}

Task<void> Hub::send_all(Listener& listener) {
    const Deadline end(limits_.longest);
    while (!listener.over && !end.passed()) {
        if (!listener.queue.empty()) {
            const std::string text = std::exchange(listener.queue, {});
            const bool taken = co_await listener.exchange.write(text);
            if (!taken) co_return;
            continue;
        }
        const Wake wake = co_await listener.exchange.pause(limits_.ping);
        if (wake == Wake::closed) co_return;
        if (wake == Wake::timeout) listener.queue += ": ping\n\n";
    }
}

Task<void> Hub::serve(http::Exchange& exchange, CallerOf caller, std::string after) {
    http::Response head;
    head.fields = {{"Content-Type", "text/event-stream"},
                   {"Cache-Control", "no-store"},
                   {"X-Content-Type-Options", "nosniff"},
                   {"X-Accel-Buffering", "no"}};
    if (ending_) co_return;
    const bool begun = co_await exchange.begin(std::move(head), true);
    if (!begun) co_return;
    const auto at = listeners_.insert(listeners_.end(), Listener{exchange, std::move(caller)});
    begin(*at, after);
    if (!following_) loop_.spawn(follow());
    std::exception_ptr failure;
    try {
        co_await send_all(*at);
    } catch (...) {
        failure = std::current_exception();
    }
    listeners_.erase(at);
    if (failure) std::rethrow_exception(failure);
}

/// One call of the back while anybody listens, with the credential of one of them; of the next one
/// when it ends.
Task<void> Hub::follow() {
    following_ = true;
    while (!listeners_.empty() && !ending_) {
        const auto whose =
            std::next(listeners_.begin(), static_cast<std::ptrdiff_t>(turn_++ % listeners_.size()));
        BackCall call;
        call.operation = "event.follow";
        call.credential = whose->caller.credential;
        call.from = whose->caller.from;
        call.long_one = call.interruptible = true;
        OnEvent on_event = [this](const Json& event) -> Task<bool> {
            if (!event.is_null()) publish(event);
            co_return !listeners_.empty() && !ending_;
        };
        const BackReply reply = co_await upstream_.call(std::move(call), std::move(on_event));
        if (!reply.ok && !listeners_.empty())
            log_debug("event.follow ended: " + reply.document.value("message", std::string()));
        if (!listeners_.empty() && !ending_) co_await http::sleep_for(loop_, Seconds(1));
    }
    following_ = false;
}

}  // namespace patchlab::service::front
