// SPDX-License-Identifier: Apache-2.0
//
// Who may do what. A user has one or more roles; no role holds another one, so that nobody approves
// by being an administrator. Values; thread-safe as such.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::governance {

///   viewer           reads
///   tester           asks for runs
///   release_manager  approves, rejects, waives, promotes, steers rollouts
///   system_owner     approves and rejects for the systems; waives
///   admin            users, keys, policy; asks for runs
enum class Role { viewer, tester, release_manager, system_owner, admin };

/// "release-manager"
std::string_view name(Role role);
/// Error(invalid) for an unknown word, naming the known ones.
Role role_from(std::string_view word);
std::vector<std::string> role_words();

/// Who acts: the user of patchlab, and the user of the operating system it was seen to be.
struct Actor {
    std::string user;
    std::string os_user;
};

/// The name under which the operating system knows this process: with sudo, the user who called it.
std::string os_user_name();

}  // namespace patchlab::governance
