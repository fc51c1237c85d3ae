// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/package_family.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "orchestrator/families/deb/family.hpp"
#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families {

namespace {

std::string known_names() {
    std::string names;
    for (const PackageFamily* one : all_families())
        names += (names.empty() ? "" : ", ") + std::string(one->name());
    return names;
}

}  // namespace

int urgency_rank(std::string_view urgency) {
    static constexpr std::array<std::string_view, 6> order = {"unknown", "low",       "medium",
                                                              "high",    "emergency", "critical"};
    const auto it = std::find(order.begin(), order.end(), urgency);
    return it == order.end() ? 0 : static_cast<int>(it - order.begin());
}

std::vector<std::string> PackageFacts::paths() const {
    std::vector<std::string> out;
    for (const PackagedFile& file : files)
        if (file.type != "directory") out.push_back(file.path);
    return out;
}

bool PackageFamily::satisfies(std::string_view version, const Relation& relation) const {
    if (relation.op.empty()) return true;
    const int order = compare_versions(version, relation.version);
    if (relation.op == "<<") return order < 0;
    if (relation.op == "<=") return order <= 0;
    if (relation.op == "=") return order == 0;
    if (relation.op == ">=") return order >= 0;
    return order > 0;
}

bool PackageFamily::same_architecture(std::string_view offered, std::string_view installed) const {
    return offered == installed || fits_every_machine(offered) || fits_every_machine(installed);
}

std::string PackageFamily::release_of(const ReleaseNames& names) const {
    return names.codename.empty() ? names.suite : names.codename;
}

bool PackageFamily::fits_system(std::string_view, std::string_view,
                                const std::map<std::string, std::string>&) const {
    return true;
}

const GuestInstaller& PackageFamily::installer() const { cannot("installing in a guest"); }

const snapshots::AttributionRules& PackageFamily::attribution_rules() const {
    cannot("telling which package caused a change");
}

std::string PackageFamily::host_script() const { cannot("a push to hosts"); }

const RepositoryWriter& PackageFamily::repository() const { cannot("making repositories"); }

void PackageFamily::cannot(std::string_view what) const {
    throw Error(ErrorCode::refused,
                std::string(what) + " is not possible for " + std::string(name()) + " packages");
}

PackageFacts PackageFamily::read_facts(const std::filesystem::path& /*file*/,
                                       Contents /*contents*/) const {
    cannot("reading package files");
}

PackageContents PackageFamily::read_for_comparison(
    const std::filesystem::path& file,
    const std::function<bool(std::string_view)>& /*wanted*/) const {
    return {read_facts(file, Contents::digested), {}};
}

PackageContents PackageFamily::read(const std::filesystem::path& /*file*/) const {
    cannot("reading package files");
}

VendorNotes PackageFamily::notes_of(const std::vector<PackageContents>& /*packages*/,
                                    const std::string& /*source*/, const std::string& /*from*/,
                                    const std::string& /*to*/) const {
    cannot("reading package files");
}

std::string PackageFamily::reboot_reason(std::string_view /*package*/) const { return {}; }

void PackageFamily::require_undamaged(const std::filesystem::path& /*file*/,
                                      process::CommandRunner& /*runner*/) const {
    cannot("reading package files");
}

bool PackageFamily::signed_by(const std::filesystem::path& /*file*/,
                              const std::filesystem::path& /*keyring*/,
                              process::CommandRunner& /*runner*/) const {
    return false;
}

VendorSources PackageFamily::host_sources(std::string_view /*release*/,
                                          process::CommandRunner& /*runner*/) const {
    cannot("fetching patches");
}

std::string PackageFamily::sources_for(const std::string& /*sources*/,
                                       std::string_view /*release*/) const {
    cannot("fetching patches");
}

std::string PackageFamily::database_of(const ReadSystemFile& /*read*/) const { return {}; }

std::vector<InstalledPackage> PackageFamily::installed(const InstalledSystem& /*system*/) const {
    cannot("reading what an image has installed");
}

std::string PackageFamily::architecture_of(const InstalledSystem& /*system*/) const {
    cannot("reading what an image has installed");
}

std::vector<Suite> PackageFamily::suites_in(const VendorSources&) const {
    cannot("watching suites");
}

SuiteLook PackageFamily::look_at(const Suite&, const SuiteSeen&, const VendorSources&,
                                 process::CommandRunner&) const {
    cannot("watching suites");
}

std::string PackageFamily::repairs_regression(const std::string&, const std::string&) const {
    return "";
}

std::unique_ptr<Vendor> PackageFamily::open_vendor(VendorRequest /*request*/,
                                                   process::CommandRunner& /*runner*/) const {
    cannot("fetching patches");
}

std::optional<KernelPackage> PackageFamily::running_kernel(std::string_view /*release*/,
                                                           std::string_view /*build*/) const {
    return std::nullopt;
}

std::vector<DiskFile> PackageFamily::disk_index(const std::vector<DiskPackage>& /*all*/) const {
    return {};
}

std::vector<const PackageFamily*> all_families() {
    return {&deb::deb_family(), &rpm::rpm_family()};
}

const PackageFamily* find_family(std::string_view name) {
    for (const PackageFamily* one : all_families())
        if (one->name() == name) return one;
    return nullptr;
}

const PackageFamily& family(std::string_view name) {
    if (const PackageFamily* found = find_family(name)) return *found;
    throw Error(ErrorCode::invalid,
                "'" + std::string(name).substr(0, 40) + "' is no family of packages",
                "known are: " + known_names());
}

int compare_versions(std::string_view family_name, std::string_view a, std::string_view b) {
    return family(family_name).compare_versions(a, b);
}

const PackageFamily& family_of_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string first(16, '\0');
    in.read(first.data(), static_cast<std::streamsize>(first.size()));
    first.resize(static_cast<std::size_t>(in.gcount()));
    for (const PackageFamily* one : all_families())
        if (one->recognises(first)) return *one;
    for (const PackageFamily* one : all_families())
        if (file.extension() == one->file_ending()) return *one;
    throw Error(
        ErrorCode::invalid,
        file.filename().string() + ": is no package of a known family (" + known_names() + ")");
}

}  // namespace patchlab::families
