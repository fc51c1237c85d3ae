// SPDX-License-Identifier: Apache-2.0
#include "platform/process/curl.hpp"

namespace patchlab::process {

CommandSpec curl_get(const std::string& address, const std::vector<std::string>& more) {
    CommandSpec spec;
    spec.program = "curl";
    // --disable counts in the first place only
    spec.args = {"--disable", "--fail",  "--silent",   "--show-error",
                 "--globoff", "--proto", "=http,https"};
    spec.args.insert(spec.args.end(), more.begin(), more.end());
    spec.args.emplace_back("--url");
    spec.args.push_back(address);
    return spec;
}

}  // namespace patchlab::process
