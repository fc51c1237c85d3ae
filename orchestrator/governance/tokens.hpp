// SPDX-License-Identifier: Apache-2.0
//
// Tokens for programs: plt_<id>_<secret>_<checksum>. A token acts as its user, with at most their
// rights, which may be narrowed to a role, labs, channels and rings. It is told once and kept as a
// digest; it expires. It never decides about a run, and makes no other token. Thread safety: one a
// thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/governance/governance.hpp"

namespace patchlab::governance {

inline constexpr std::int64_t usual_token_days = 90, longest_token_days = 365;

struct Token {
    std::string id;  ///< 8 hex digits
    std::string user, name;
    Narrowing narrowing = {};
    std::string created = {}, expires = {};      ///< RFC 3339
    std::string last_used = {}, last_from = {};  ///< empty: never
    std::string revoked = {}, revoked_by = {};   ///< empty: it was not
};
/// Nothing of it is secret. `now`: tells whether it is still good.
Json to_json(const Token& token, const std::string& now);

struct TokenWords {
    std::string user, name;
    Narrowing narrowing;
    std::int64_t days = usual_token_days;
};

class TokenStore {
  public:
    explicit TokenStore(Governance& house) : house_(house) {}

    struct Made {
        Token token;
        std::string text;  ///< the token itself, told this once
    };
    /// Error(invalid); Error(not_allowed) for a role that the user has not, or when the actor is a
    /// token.
    Made make(const Actor& actor, const TokenWords& words);
    /// Newest first; `user` empty: of everybody.
    std::vector<Token> list(const std::string& user = {});
    /// Error(not_found).
    Token get(const std::string& id);
    /// Error(conflict): it was revoked already.
    void revoke(const Actor& actor, const std::string& id);

    /// Who has this token. Error(not_authenticated).
    Actor actor_of(const std::string& text, const std::string& from);

  private:
    Governance& house_;
};

}  // namespace patchlab::governance
