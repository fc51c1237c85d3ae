// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/effect_rules.hpp"

namespace patchlab::families::deb {

namespace {

enum class Match { exact, begins, ends };

struct Rule {
    std::string_view text;
    Match match;
    std::string_view why;
};

constexpr Rule rules[] = {
    {"linux-image-", Match::begins, "a kernel runs only after a boot"},
    {"-microcode", Match::ends, "processor microcode is loaded at boot"},
    {"firmware-", Match::begins, "firmware is loaded when the kernel finds the device"},
    {"libc6", Match::exact, "every running process holds the old C library"},
    {"systemd", Match::exact, "the first process and what it supervises hold the old code"},
    {"dbus", Match::exact, "the message bus cannot be restarted under its clients"},
    {"dbus-daemon", Match::exact, "the message bus cannot be restarted under its clients"},
    {"dbus-broker", Match::exact, "the message bus cannot be restarted under its clients"},
    {"grub-", Match::begins, "only a boot proves a boot loader"},
    {"shim-", Match::begins, "only a boot proves a boot loader"},
    {"initramfs-tools-core", Match::exact, "only a boot proves an initramfs"},
    {"dracut-core", Match::exact, "only a boot proves an initramfs"},
};

bool matches(const Rule& rule, std::string_view package) {
    switch (rule.match) {
        case Match::exact: return package == rule.text;
        case Match::begins: return package.substr(0, rule.text.size()) == rule.text;
        case Match::ends:
            return package.size() >= rule.text.size() &&
                   package.substr(package.size() - rule.text.size()) == rule.text;
    }
    return false;
}

}  // namespace

std::string reboot_reason(std::string_view package, std::string_view maintainer_scripts) {
    const std::string name(package);
    for (const Rule& rule : rules)
        if (matches(rule, package)) return name + ": " + std::string(rule.why);
    // Packages ask for a boot themselves by this well-known file or its helper.
    if (maintainer_scripts.find("reboot-required") != std::string_view::npos)
        return name + ": its scripts ask for a reboot";
    return {};
}

}  // namespace patchlab::families::deb
