// SPDX-License-Identifier: Apache-2.0
//
// Responses to requests that carried an Idempotency-Key, so that a repeated one is answered and not
// done again. In memory: a service that was restarted has forgotten them. Thread safety: one
// thread.
#pragma once

#include <list>
#include <map>
#include <string>

#include "platform/core/clock.hpp"
#include "platform/http/message.hpp"

namespace patchlab::service::front {

class Remembered {
  public:
    /// `unkept`: it was done, but its response is too long to be kept.
    enum class Standing { first, at_work, other_request, known, unkept };

    explicit Remembered(std::size_t most = 1000, Seconds longest = Seconds(86400))
        : most_(most), longest_(longest) {}

    /// `key`: of caller and Idempotency-Key; `request`: a digest of what is asked. `first` also
    /// means that it is at work from now on.
    Standing begin(const std::string& key, const std::string& request);
    /// Only after `known`.
    const http::Response& response(const std::string& key) const;
    void end(const std::string& key, const http::Response& response);
    /// It was done, and its response is not to be had again.
    void end_unkept(const std::string& key);
    /// It may be tried again.
    void forget(const std::string& key);

  private:
    struct Entry {
        std::string key, request;
        bool done = false, kept = false;
        http::Response response = {};
        Stopwatch age = {};
    };
    void drop_old();
    std::size_t most_;
    Seconds longest_;
    std::list<Entry> entries_;  ///< oldest first
    std::map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace patchlab::service::front
