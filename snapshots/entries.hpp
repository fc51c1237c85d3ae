// SPDX-License-Identifier: Apache-2.0
//
// What an entry of a search path says, in the languages that are understood (EntryLanguage): whom
// it touches besides its own package. Texts are those of packages' archives, untrusted: they are
// split, never run, and what is not understood is a concern. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snapshots/belongings.hpp"

namespace patchlab::snapshots {

/// An entry as the new version ships it.
struct Entry {
    std::string_view path;
    std::string_view text;
    /// All that the old versions of the patch's packages ship in this language: what stands there
    /// is no news.
    std::string_view old_text{};
};

/// Each as a phrase that names what is touched: "removes /etc/nginx/x at each start (r! …)". Empty:
/// the entry touches only what is its package's own.
std::vector<std::string> concerns_of(EntryLanguage language, const Entry& entry,
                                     const Belongings& own);

// The languages one by one.
std::vector<std::string> concerns_of_tmpfiles(const Entry& entry, const Belongings& own);
std::vector<std::string> concerns_of_sysusers(const Entry& entry, const Belongings& own);
std::vector<std::string> concerns_of_udev(const Entry& entry, const Belongings& own);
std::vector<std::string> concerns_of_bus_policy(const Entry& entry, const Belongings& own);
std::vector<std::string> concerns_of_bus_service(const Entry& entry, const Belongings& own);
std::vector<std::string> concerns_of_polkit_actions(const Entry& entry, const Belongings& own);
std::vector<std::string> concerns_of_rotation(const Entry& entry, const Belongings& own);
/// A setting of the kernel is nobody's own: each is a concern.
std::vector<std::string> concerns_of_settings(const Entry& entry);

/// The lines of the entry with an effect that the old text does not have; a line that ends with a
/// backslash goes on.
std::vector<std::string> fresh_lines(const Entry& entry);
/// The words of a line; quotes hold words together.
std::vector<std::string> quoted_words(std::string_view line);

}  // namespace patchlab::snapshots
