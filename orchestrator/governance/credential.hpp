// SPDX-License-Identifier: Apache-2.0
//
// What a call shows to be taken for a user, instead of an account of this host. A value.
#pragma once

#include <string>
#include <vector>

namespace patchlab::governance {

struct Credential {
    enum class Kind { token, session, proxy };
    Kind kind = Kind::token;
    std::string value;                ///< the token, the session; of a proxy the name of the user
    std::vector<std::string> groups;  ///< of a proxy: those it says the user is in
};

}  // namespace patchlab::governance
