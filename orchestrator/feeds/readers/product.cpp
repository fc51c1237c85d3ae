// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/readers/product.hpp"

#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t longest_package = 200;

std::string_view package_of_purl(std::string_view purl) {
    purl = purl.substr(0, purl.find_first_of("?#"));
    const std::size_t version = purl.find('@', purl.rfind('/') + 1);
    purl = purl.substr(0, version);
    return purl.substr(purl.rfind('/') + 1);
}

/// "openssl-1:3.0.7-27.el9.x86_64": where "-EPOCH:" begins; npos: there is none.
std::size_t epoch_in(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::string_view::npos;
    std::size_t at = colon;
    while (at > 0 && is_digit(text[at - 1])) --at;
    return at == colon || at == 0 || text[at - 1] != '-' ? std::string_view::npos : at - 1;
}

}  // namespace

std::string package_of_product(std::string_view id) {
    std::string_view package = id;
    if (id.starts_with("pkg:")) {
        package = package_of_purl(id);
    } else {
        package = package.substr(0, epoch_in(package));
        if (const std::size_t colon = package.rfind(':');
            colon != std::string_view::npos && colon + 1 < package.size())
            package = package.substr(colon + 1);
        if (const std::size_t slash = package.rfind('/'); slash + 1 < package.size())
            package = package.substr(slash + 1);
    }
    return shortened(package, longest_package);
}

}  // namespace patchlab::feeds
