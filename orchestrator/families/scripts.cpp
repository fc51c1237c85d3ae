// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/scripts.hpp"

#include "deb_scripts.hpp"
#include "linux_scripts.hpp"
#include "platform/core/error.hpp"
#include "rpm_scripts.hpp"

namespace patchlab::families {

namespace {

std::string known(std::string_view text, std::string_view name) {
    if (text.empty())
        throw Error(ErrorCode::internal, "there is no script '" + std::string(name) + "'");
    return std::string(text);
}

using Find = std::string_view (*)(std::string_view name);

/// The scripts of a family by their names.
Find scripts_of(std::string_view family) {
    if (family == "deb") return embedded::deb_scripts::file;
    if (family == "rpm") return embedded::rpm_scripts::file;
    throw Error(ErrorCode::refused,
                "nothing installs packages of the family '" + std::string(family) + "' yet");
}

}  // namespace

std::string script(std::string_view name) {
    const std::string text = known(embedded::linux_scripts::file(name), name);
    return name == "restart_units.sh" ? script("services.sh") + text : text;
}

std::string script(std::string_view family, std::string_view name) {
    const Find find = scripts_of(family);
    const std::string shared = known(find("installing.sh"), "installing.sh");
    if (name == "host.sh")
        return script("services.sh") + shared +
               known(find("host_packages.sh"), "host_packages.sh") + script("host.sh");
    // a shell reads no further than the script's own exit
    if (name == "install.sh")
        return shared + known(find("carry_out.sh"), "carry_out.sh") + script("install.sh") +
               "#KEEP_LOG\n" + script("keep_log.pl");
    return shared + known(find(name), name);
}

}  // namespace patchlab::families
