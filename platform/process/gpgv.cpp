// SPDX-License-Identifier: Apache-2.0
#include "platform/process/gpgv.hpp"

#include <string_view>

#include "platform/core/text.hpp"

namespace patchlab::process {

std::optional<std::string> signing_key(const std::filesystem::path& file,
                                       const std::filesystem::path& signature,
                                       const std::filesystem::path& keyring,
                                       const std::string& what, CommandRunner& runner) {
    CommandSpec spec;
    spec.program = "gpgv";
    spec.args = {"--status-fd", "1", "--keyring", std::filesystem::absolute(keyring).string(),
                 "--"};
    if (!signature.empty()) spec.args.push_back(std::filesystem::absolute(signature).string());
    spec.args.push_back(std::filesystem::absolute(file).string());
    spec.purpose = "checking the signature of " + what;
    const CommandResult result = runner.run(spec);
    if (!result.ok()) return std::nullopt;
    constexpr std::string_view good = "[GNUPG:] VALIDSIG ";
    for (const std::string_view line : split_lines(result.out))
        if (line.starts_with(good)) {
            const std::string_view rest = line.substr(good.size());
            return std::string(rest.substr(0, rest.find(' ')));
        }
    return std::nullopt;
}

}  // namespace patchlab::process
