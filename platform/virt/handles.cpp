// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/handles.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "platform/core/error.hpp"

namespace patchlab::virt {

void CloseConnection::operator()(_virConnect* connection) const noexcept {
    virConnectClose(connection);
}
void FreeDomain::operator()(_virDomain* domain) const noexcept { virDomainFree(domain); }

void fail(const std::string& what) {
    const char* reason = virGetLastErrorMessage();
    std::string text = reason ? reason : "libvirt gave no reason";
    for (char& c : text)
        if (c == '\n') c = ' ';
    throw Error(ErrorCode::lab, what + ": " + text.substr(0, 1000));
}

Domain own(_virDomain* domain, const std::string& what) {
    if (!domain) fail(what);
    return Domain(domain, FreeDomain{});
}

}  // namespace patchlab::virt
