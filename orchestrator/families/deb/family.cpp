// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <algorithm>

#include "orchestrator/families/deb/apt_root.hpp"
#include "orchestrator/families/deb/apt_sources.hpp"
#include "orchestrator/families/deb/effect_rules.hpp"
#include "orchestrator/families/deb/suite_look.hpp"
#include "orchestrator/families/rules.hpp"
#include "orchestrator/families/scripts.hpp"
#include "platform/core/error.hpp"
#include "rules_files.hpp"

namespace patchlab::families::deb {

namespace {

/// The stanza of a Packages index for one file of the repository.
std::string packages_stanza(const std::string& control, const std::string& file,
                            std::uint64_t bytes, const std::string& sha256) {
    std::string text = control;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text + "\nFilename: ./" + file + "\nSize: " + std::to_string(bytes) +
           "\nSHA256: " + sha256 + "\n\n";
}

class DebFamily final : public PackageFamily {
  public:
    std::string_view name() const override { return "deb"; }

    int compare_versions(std::string_view a, std::string_view b) const override {
        return deb::compare_versions(a, b);
    }
    bool valid_name(std::string_view text) const override { return valid_package_name(text); }
    bool valid_version(std::string_view text) const override { return deb::valid_version(text); }
    bool valid_architecture(std::string_view text) const override {
        return deb::valid_architecture(text);
    }
    bool fits_every_machine(std::string_view architecture) const override {
        return architecture == "all";
    }
    std::string architecture_of_machine(std::string_view machine) const override {
        if (machine == "x86_64") return "amd64";
        if (machine == "aarch64") return "arm64";
        if (machine == "armv7l") return "armhf";
        if (machine == "ppc64le") return "ppc64el";
        return std::string(machine);
    }
    std::string file_name(std::string_view name, std::string_view version,
                          std::string_view architecture) const override {
        return deb_file_name(name, version, architecture);
    }
    bool fits_system(std::string_view package, std::string_view version,
                     const std::map<std::string, std::string>& installed) const override {
        const auto holds = [&](std::string_view name) {
            const auto found = installed.find(std::string(name));
            return found == installed.end() ? std::string() : found->second;
        };
        const std::string named = release_named_in(version);
        const std::string system = release_of_base_files(holds("base-files"));
        // what a system holds already may come from another release
        return named.empty() || system.empty() || named == system ||
               named == release_named_in(holds(package));
    }
    bool recognises(std::string_view first_bytes) const override {
        return first_bytes.starts_with("!<arch>\n");
    }
    std::string_view file_ending() const override { return ".deb"; }

    PackageFacts read_facts(const std::filesystem::path& file, Contents contents) const override {
        return read_deb_file(file, {}, contents).facts;
    }
    PackageContents read_for_comparison(
        const std::filesystem::path& file,
        const std::function<bool(std::string_view)>& wanted) const override {
        return read_deb_file(file, wanted, Contents::digested);
    }
    PackageContents read(const std::filesystem::path& file) const override {
        return read_deb_file(file, tells_about_update);
    }
    VendorNotes notes_of(const std::vector<PackageContents>& packages, const std::string& source,
                         const std::string& from, const std::string& to) const override {
        return deb::notes_of(packages, source, from, to);
    }
    std::string reboot_reason(std::string_view package) const override {
        return deb::reboot_reason(package, {});
    }
    /// Decompressors check what libarchive leaves unchecked (gzip's checksum): an install that
    /// fails of a damaged file must not condemn a patch.
    void require_undamaged(const std::filesystem::path& file,
                           process::CommandRunner& runner) const override {
        process::CommandSpec spec;
        spec.program = "dpkg-deb";
        spec.args = {"--fsys-tarfile", file.string()};
        spec.purpose = "unpacking " + file.filename().string();
        spec.deadline = Seconds(600);
        spec.max_output = 4096;
        const auto result = runner.run(spec);
        if (!result.ok())
            throw Error(ErrorCode::invalid,
                        file.filename().string() + ": is damaged: dpkg-deb cannot unpack it",
                        "get the file again");
    }

    VendorSources host_sources(std::string_view release,
                               process::CommandRunner& runner) const override {
        const std::vector<AptSource> sources = host_apt_sources();
        const std::string text = to_deb822(restrict_to_suites(sources, suites_of(sources)));
        return {sources_for_release(text, std::string(release)), host_apt_settings(runner)};
    }
    std::string sources_for(const std::string& sources, std::string_view release) const override {
        return sources_for_release(sources, std::string(release));
    }
    std::string database_of(const ReadSystemFile& read) const override {
        constexpr std::size_t most_status = 64U << 20;
        const auto status = read("/var/lib/dpkg/status", most_status);
        return status ? *status : "";
    }
    std::vector<InstalledPackage> installed(const InstalledSystem& system) const override {
        std::vector<InstalledPackage> all = read_status(system.database, status_of(system.name));
        std::sort(all.begin(), all.end(),
                  [](const auto& a, const auto& b) { return a.name < b.name; });
        return all;
    }
    std::string architecture_of(const InstalledSystem& system) const override {
        const std::string where = status_of(system.name);
        return native_architecture(read_status(system.database, where), where);
    }
    std::unique_ptr<Vendor> open_vendor(VendorRequest request,
                                        process::CommandRunner& runner) const override {
        return std::make_unique<AptRoot>(
            AptRequest{std::move(request.state), std::move(request.from.sources),
                       std::move(request.architecture), std::move(request.from.settings)},
            runner);
    }

    std::vector<Suite> suites_in(const VendorSources& from) const override {
        return deb::suites_in(from.sources);
    }
    SuiteLook look_at(const Suite& suite, const SuiteSeen& before, const VendorSources& from,
                      process::CommandRunner& runner) const override {
        return deb::look_at(suite, before, from.settings, runner);
    }
    std::string repairs_regression(const std::string& changelog,
                                   const std::string& before) const override {
        return deb::repairs_regression(changelog, before);
    }

    const RepositoryWriter& repository() const override { return apt_repository(); }
    const GuestInstaller& installer() const override { return deb_installer(); }
    const snapshots::AttributionRules& attribution_rules() const override {
        static const snapshots::AttributionRules known = rules_of_family(
            std::string(embedded::rules_files::file("rules.yaml")), "families/deb/rules.yaml");
        return known;
    }
    bool can_push() const override { return true; }
    std::string host_script() const override { return families::script("deb", "host.sh"); }

    std::vector<std::string> backout_commands(const std::vector<ExactPackage>& back,
                                              const std::vector<std::string>& gone) const override {
        std::string command = "apt-get install --allow-downgrades";
        for (const ExactPackage& package : back)
            command += " " + package.name + "=" + package.version;
        for (const std::string& name : gone) command += " " + name + "-";
        return {command};
    }
    std::string list_command(const std::vector<std::string>& names) const override {
        std::string command = "dpkg-query -W";
        for (const std::string& name : names) command += " " + name;
        return command;
    }

    /// Debian writes the version of the kernel's package into `uname -v`.
    std::optional<KernelPackage> running_kernel(std::string_view release,
                                                std::string_view build) const override {
        constexpr std::string_view mark = "Debian ";
        const std::size_t at = build.find(mark);
        if (at == std::string_view::npos) return std::nullopt;
        build.remove_prefix(at + mark.size());
        const std::string_view version = build.substr(0, build.find(' '));
        if (!deb::valid_version(version)) return std::nullopt;
        return KernelPackage{"linux-image-" + std::string(release), std::string(version)};
    }

    /// For: apt-get --with-source /MOUNT/repo/Packages install …
    std::vector<DiskFile> disk_index(const std::vector<DiskPackage>& packages) const override {
        std::string index;
        for (const DiskPackage& package : packages)
            index +=
                packages_stanza(package.facts.control, package.file, package.bytes, package.sha256);
        return {{"Packages", index}};
    }
};

}  // namespace

const PackageFamily& deb_family() {
    static const DebFamily family;
    return family;
}

}  // namespace patchlab::families::deb
