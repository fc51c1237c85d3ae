// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/family.hpp"

#include <algorithm>

#include "platform/core/error.hpp"

namespace patchlab::families::rpm {

namespace {

/// ASCII letters and digits, and the characters of `more`.
bool made_of(std::string_view text, std::string_view more) {
    return !text.empty() && text.size() <= 200 &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      more.find(c) != std::string_view::npos;
           });
}

class RpmFamily final : public PackageFamily {
  public:
    std::string_view name() const override { return "rpm"; }

    int compare_versions(std::string_view a, std::string_view b) const override {
        return rpm::compare_versions(a, b);
    }
    bool valid_name(std::string_view text) const override {
        return made_of(text, "._+-()") && text[0] != '-' && text[0] != '.';
    }
    bool valid_version(std::string_view text) const override {
        return made_of(text, ":.-+~^_") && text[0] != '-' && text[0] != '.';
    }
    bool valid_architecture(std::string_view text) const override {
        return made_of(text, "_") && text.size() <= 40;
    }
    bool fits_every_machine(std::string_view architecture) const override {
        return architecture == "noarch";
    }
    std::string architecture_of_machine(std::string_view machine) const override {
        return std::string(machine);
    }
    std::string file_name(std::string_view name, std::string_view version,
                          std::string_view architecture) const override {
        if (!valid_name(name) || !valid_version(version) || !valid_architecture(architecture))
            throw Error(ErrorCode::invalid, "'" + std::string(name) + "' '" + std::string(version) +
                                                "' '" + std::string(architecture) +
                                                "' is no package name, version and architecture");
        if (const auto colon = version.find(':'); colon != std::string_view::npos)
            version.remove_prefix(colon + 1);
        return std::string(name) + "-" + std::string(version) + "." + std::string(architecture) +
               ".rpm";
    }
    bool recognises(std::string_view first_bytes) const override {
        return first_bytes.starts_with("\xed\xab\xee\xdb");
    }
    std::string_view file_ending() const override { return ".rpm"; }

    const RepositoryWriter& repository() const override { return rpm_repository(); }

    std::vector<std::string> backout_commands(const std::vector<ExactPackage>& back,
                                              const std::vector<std::string>& gone) const override {
        std::string downgrade = "dnf downgrade", remove = "dnf remove";
        for (const ExactPackage& package : back)
            downgrade += " " + package.name + "-" + package.version;
        for (const std::string& name : gone) remove += " " + name;
        std::vector<std::string> commands;
        if (!back.empty()) commands.push_back(std::move(downgrade));
        if (!gone.empty()) commands.push_back(std::move(remove));
        return commands;
    }
    std::string list_command(const std::vector<std::string>& names) const override {
        std::string command = "rpm -q";
        for (const std::string& name : names) command += " " + name;
        return command;
    }
};

}  // namespace

const PackageFamily& rpm_family() {
    static const RpmFamily family;
    return family;
}

}  // namespace patchlab::families::rpm
