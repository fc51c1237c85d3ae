// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/scripts.hpp"

#include "deb_scripts.hpp"
#include "linux_scripts.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families {

namespace {

std::string known(std::string_view text, std::string_view name) {
    if (text.empty())
        throw Error(ErrorCode::internal, "there is no script '" + std::string(name) + "'");
    return std::string(text);
}

}  // namespace

std::string script(std::string_view name) {
    const std::string text = known(embedded::linux_scripts::file(name), name);
    return name == "restart_units.sh" ? script("services.sh") + text : text;
}

std::string script(std::string_view family, std::string_view name) {
    if (family != "deb")
        throw Error(ErrorCode::refused,
                    "nothing installs packages of the family '" + std::string(family) + "' yet");
    const std::string text = known(embedded::deb_scripts::file(name), name);
    const bool installs = name == "install.sh" || name == "repair.sh" || name == "host.sh";
    const bool restarts = name == "host.sh";
    // a shell reads no further than the script's own exit
    const std::string log =
        name == "install.sh" ? "#KEEP_LOG\n" + script("deb", "keep_log.pl") : std::string();
    return (restarts ? script("services.sh") : "") +
           (installs ? script("deb", "installing.sh") : "") + text + log;
}

}  // namespace patchlab::families
