// SPDX-License-Identifier: Apache-2.0
//
// Secrets taken out of a text, by their form: keys, passwords, tokens and their digests. Pure;
// thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patchlab::snapshots {

struct Redacted {
    std::string text;       ///< each secret is "[redacted]", line breaks are as they were
    std::size_t count = 0;  ///< of secrets
};

/// Takes out private keys, what is assigned to a name that ends in "password", "token", "secret"
/// and the like, digests of passwords, credentials in addresses, and tokens with a known form.
/// Linear in the length of the text, whatever it holds.
Redacted redact(std::string_view text);

}  // namespace patchlab::snapshots
