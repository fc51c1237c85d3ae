// SPDX-License-Identifier: Apache-2.0
//
// Move-only owners of libvirt's objects, and its last error as an Error. Private to this folder.
// Thread safety: libvirt's last error belongs to the thread: call fail() on the thread that saw the
// failure, at once.
#pragma once

#include <memory>
#include <string>

struct _virConnect;
struct _virDomain;

namespace patchlab::virt {

struct CloseConnection {
    void operator()(_virConnect* connection) const noexcept;
};
struct FreeDomain {
    void operator()(_virDomain* domain) const noexcept;
};
using Connection = std::unique_ptr<_virConnect, CloseConnection>;
/// Shared, because a call that overran its deadline still holds it.
using Domain = std::shared_ptr<_virDomain>;

/// Throws Error(lab) "<what>: <libvirt's message>".
[[noreturn]] void fail(const std::string& what);

/// Takes over a domain libvirt returned; fail(what) when it is null.
Domain own(_virDomain* domain, const std::string& what);

}  // namespace patchlab::virt
