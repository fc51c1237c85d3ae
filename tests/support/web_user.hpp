// SPDX-License-Identifier: Apache-2.0
//
// Somebody who asks a running service over HTTP, as a browser or a program does.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "platform/core/json.hpp"

namespace patchlab::tests {

struct WebReply {
    int status = 0;  ///< 0: nothing came
    std::string head, body;
    /// The value of a field; empty without it.
    std::string field(const std::string& name) const;
    /// The document of the body.
    Json document() const;
};

/// Looks again and again for some seconds; false when it does not come about.
bool comes_true(const std::function<bool()>& condition);

class WebUser {
  public:
    /// Nobody yet.
    explicit WebUser(std::uint16_t port) : port_(port) {}

    /// Signs in as a browser does. False when that is refused.
    bool sign_in(const std::string& user, const std::string& password);
    /// Uses a token from now on.
    void use_token(const std::string& token) {
        fields_ = "Authorization: Bearer " + token + "\r\n";
    }

    /// `fields`: more header lines, each with its CR LF. `seconds`: how long the answer may take.
    WebReply ask(const std::string& method, const std::string& target, const std::string& body = {},
                 const std::string& fields = {}, double seconds = 60) const;
    WebReply get(const std::string& target) const { return ask("GET", target); }
    WebReply post(const std::string& target, const Json& document,
                  const std::string& fields = {}) const;
    /// What comes first of a response that goes on, up to this text.
    std::string begin(const std::string& method, const std::string& target, const std::string& body,
                      const std::string& until) const;

  private:
    std::string head_of(const std::string& method, const std::string& target, std::size_t length,
                        const std::string& fields) const;

    std::uint16_t port_;
    std::string fields_;
};

}  // namespace patchlab::tests
