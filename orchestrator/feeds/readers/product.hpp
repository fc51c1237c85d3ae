// SPDX-License-Identifier: Apache-2.0
//
// The package that an identifier of a product means. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::feeds {

/// Of "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64" and of
/// "BaseOS-9.4:openssl-1:3.0.7-27.el9.x86_64" it is "openssl"; of "red_hat_enterprise_linux_9:curl"
/// it is "curl". What has none of these forms is its own name.
std::string package_of_product(std::string_view id);

}  // namespace patchlab::feeds
