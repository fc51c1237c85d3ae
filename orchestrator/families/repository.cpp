// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/repository.hpp"

#include <algorithm>
#include <iterator>

#include "platform/core/error.hpp"

namespace patchlab::families {

process::CommandSpec bound_command(const std::string& program, std::vector<std::string> args,
                                   const std::string& purpose) {
    const auto found = process::find_program(program);
    if (!found)
        throw Error(ErrorCode::lab, purpose + ": there is no program '" + program + "'",
                    process::package_advice(program));
    process::CommandSpec spec;
    spec.program = "setpriv";
    spec.args = {"--pdeathsig", "KILL", "--", found->string()};
    spec.args.insert(spec.args.end(), args.begin(), args.end());
    spec.purpose = purpose;
    spec.deadline = Seconds(1800);
    spec.environment = {{"LC_ALL", "C.UTF-8"}};
    return spec;
}

void require_same_packages(const std::vector<RepositoryPackage>& wanted,
                           const std::vector<RepositoryPackage>& found) {
    const auto words = [](const std::vector<RepositoryPackage>& packages) {
        std::vector<std::string> lines;
        for (const RepositoryPackage& package : packages)
            lines.push_back(package.name + " " + package.version + " (" + package.architecture +
                            ", " + std::to_string(package.bytes) + " bytes, sha256 " +
                            package.sha256 + ")");
        std::sort(lines.begin(), lines.end());
        return lines;
    };
    const std::vector<std::string> asked = words(wanted), got = words(found);
    std::string differences;
    const auto add = [&](const std::vector<std::string>& these,
                         const std::vector<std::string>& those, const char* verb) {
        std::vector<std::string> only;
        std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                            std::back_inserter(only));
        for (const std::string& line : only)
            differences += (differences.empty() ? "" : "; ") + std::string(verb) + line;
    };
    add(asked, got, "it lacks ");
    add(got, asked, "it has ");
    if (!differences.empty())
        throw Error(ErrorCode::refused,
                    "the index is not of the approved packages: " + differences);
}

}  // namespace patchlab::families
