// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/remembered.hpp"

namespace patchlab::service::front {

namespace {

constexpr std::size_t largest_response = 64U << 10;

}  // namespace

void Remembered::drop_old() {
    for (auto it = entries_.begin(); it != entries_.end();) {
        const bool old = it->age.seconds() > longest_.count() || entries_.size() > most_;
        if (!old) break;
        // what is at work is kept: its repetition must not begin
        if (!it->done) {
            ++it;
            continue;
        }
        by_key_.erase(it->key);
        it = entries_.erase(it);
    }
}

Remembered::Standing Remembered::begin(const std::string& key, const std::string& request) {
    drop_old();
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) {
        if (known->second->request != request) return Standing::other_request;
        if (!known->second->done) return Standing::at_work;
        return known->second->kept ? Standing::known : Standing::unkept;
    }
    entries_.push_back({key, request});
    by_key_.emplace(key, std::prev(entries_.end()));
    return Standing::first;
}

const http::Response& Remembered::response(const std::string& key) const {
    return by_key_.at(key)->response;
}

void Remembered::end(const std::string& key, const http::Response& response) {
    if (response.body.size() > largest_response) return end_unkept(key);
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return;
    known->second->done = known->second->kept = true;
    known->second->response = response;
}

void Remembered::end_unkept(const std::string& key) {
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) known->second->done = true;
}

void Remembered::forget(const std::string& key) {
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return;
    entries_.erase(known->second);
    by_key_.erase(known);
}

}  // namespace patchlab::service::front
