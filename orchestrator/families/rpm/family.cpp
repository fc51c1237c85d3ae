// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/family.hpp"

#include <algorithm>
#include <regex>

#include "orchestrator/families/rpm/repositories.hpp"
#include "orchestrator/families/rpm/vendor.hpp"
#include "orchestrator/families/rules.hpp"
#include "orchestrator/families/scripts.hpp"
#include "orchestrator/families/service_units.hpp"
#include "platform/core/error.hpp"
#include "rpm_rules_files.hpp"

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

/// The release of a distribution that a version names itself ("1.20-1.el9_4.2"): "el9". Empty when
/// it names none.
std::string release_named_in(std::string_view version) {
    static const std::regex tag(R"(\.(el|fc|amzn|mga|oe|lp|tl|an)(\d+))");
    std::cmatch found;
    return std::regex_search(version.begin(), version.end(), found, tag)
               ? found[1].str() + found[2].str()
               : std::string();
}

/// "9.4" → $releasever 9.4, $releasever_major 9, $releasever_minor 4, as newer versions of
/// dnf have them. Without a dot the minor one is empty.
std::map<std::string, std::string> release_variables(std::string_view release) {
    const auto dot = release.find('.');
    const bool has_minor = dot != std::string_view::npos;
    return {{"releasever", std::string(release)},
            {"releasever_major", std::string(release.substr(0, dot))},
            {"releasever_minor", has_minor ? std::string(release.substr(dot + 1)) : ""}};
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
    bool fits_system(std::string_view package, std::string_view version,
                     const std::map<std::string, std::string>& installed) const override {
        const auto release_of = [&](std::string_view name) {
            const auto found = installed.find(std::string(name));
            return found == installed.end() ? std::string() : release_named_in(found->second);
        };
        const std::string named = release_named_in(version);
        std::string system;
        for (const char* always : {"glibc", "bash", "rpm"})
            if (system.empty()) system = release_of(always);
        // what a system holds already may come from another release
        return named.empty() || system.empty() || named == system || named == release_of(package);
    }
    bool recognises(std::string_view first_bytes) const override {
        return first_bytes.starts_with("\xed\xab\xee\xdb");
    }
    std::string_view file_ending() const override { return ".rpm"; }

    PackageFacts read_facts(const std::filesystem::path& file, Contents contents) const override {
        return read_rpm_file(file, {}, contents).facts;
    }
    PackageContents read_for_comparison(
        const std::filesystem::path& file,
        const std::function<bool(std::string_view)>& wanted) const override {
        return read_rpm_file(file, wanted, Contents::digested);
    }
    PackageContents read(const std::filesystem::path& file) const override {
        return read_rpm_file(file, is_unit_file);
    }
    VendorNotes notes_of(const std::vector<PackageContents>& packages, const std::string& source,
                         const std::string& from, const std::string& /*to*/) const override {
        return rpm::notes_of(packages, source, from);
    }
    std::string reboot_reason(std::string_view package) const override {
        return rpm::reboot_reason(package);
    }
    void require_undamaged(const std::filesystem::path& file,
                           process::CommandRunner& runner) const override {
        require_good_digests(file, runner);
    }
    bool signed_by(const std::filesystem::path& file, const std::filesystem::path& keyring,
                   process::CommandRunner& runner) const override {
        return PackageKeys(keyring, runner).signed_by_one(file);
    }

    std::string database_of(const ReadSystemFile& read) const override {
        process::SystemCommandRunner runner;
        return export_database(read, runner);
    }
    std::vector<InstalledPackage> installed(const InstalledSystem& system) const override {
        return installed_packages(system);
    }
    std::string architecture_of(const InstalledSystem& system) const override {
        return architecture_of_system(system);
    }

    /// What stands for $releasever. Where minor releases have repositories of their own it is the
    /// whole version; others say the major one ("system-release(releasever)").
    std::string release_of(const ReleaseNames& names) const override {
        const std::string& distro = names.distro;
        const bool by_minor = distro.find("suse") != std::string::npos ||
                              distro.starts_with("sle") || distro.starts_with("amzn") ||
                              distro.starts_with("amazon");
        return by_minor ? names.version : names.version.substr(0, names.version.find('.'));
    }
    VendorSources host_sources(std::string_view release,
                               process::CommandRunner& /*runner*/) const override {
        return {sources_for(to_text(host_repositories("/")), release), {}};
    }
    std::string sources_for(const std::string& sources, std::string_view release) const override {
        return release.empty() ? sources : with_variables(sources, release_variables(release));
    }
    std::unique_ptr<Vendor> open_vendor(VendorRequest request,
                                        process::CommandRunner& runner) const override {
        return open_rpm_vendor(std::move(request), runner);
    }

    bool can_push() const override { return true; }
    std::string host_script() const override { return families::script("rpm", "host.sh"); }

    const RepositoryWriter& repository() const override { return rpm_repository(); }
    const GuestInstaller& installer() const override { return rpm_installer(); }
    const snapshots::AttributionRules& attribution_rules() const override {
        static const snapshots::AttributionRules known = rules_of_family(
            std::string(embedded::rpm_rules_files::file("rules.yaml")), "families/rpm/rules.yaml");
        return known;
    }

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

    /// `uname -r` ends with the architecture, where the release is that of the package
    /// ("5.14.0-427.13.1.el9_4.x86_64"). Others write the package's version before the date of the
    /// build into `uname -v` ("#1 SMP Vendor 6.1.170-1 (2026-04-30)").
    std::optional<KernelPackage> running_kernel(std::string_view release,
                                                std::string_view build) const override {
        static const std::regex of_release(R"((\d[\w.]*-[\w.]+)\.(x86_64|aarch64|ppc64le|s390x))");
        static const std::regex of_build(R"(.* [A-Za-z]+ (\d[\w.+~]*-[\w.+~]+) \(\d{4}-.*)");
        std::cmatch found;
        if (std::regex_match(release.begin(), release.end(), found, of_release))
            return KernelPackage{"kernel-core", found[1]};
        if (std::regex_match(build.begin(), build.end(), found, of_build))
            return KernelPackage{"linux-image-" + std::string(release), found[1]};
        return std::nullopt;
    }

    std::vector<DiskFile> disk_index(const std::vector<DiskPackage>& packages) const override {
        return rpm::disk_index(packages);
    }
};

}  // namespace

const PackageFamily& rpm_family() {
    static const RpmFamily family;
    return family;
}

}  // namespace patchlab::families::rpm
