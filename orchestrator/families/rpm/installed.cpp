// SPDX-License-Identifier: Apache-2.0
//
// What a system that is not running has installed. Its database is taken out by rpm's own tool, in
// a process of its own, as a list of headers; nothing but this list is kept and read.
#include <algorithm>
#include <array>

#include "orchestrator/families/archive.hpp"
#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::size_t most_database = 1U << 30, most_headers = 200'000;

/// Where rpm keeps its database, the places of newer systems first, and the files of each.
constexpr std::array folders{"/usr/lib/sysimage/rpm/", "/var/lib/rpm/"};
constexpr std::array databases{"rpmdb.sqlite", "Packages.db", "Packages"};

/// Copies the database into `folder`; false when the system has none. What SQLite has not yet put
/// into its file lies beside it.
bool copy_database(const ReadSystemFile& read, const fs::path& folder) {
    for (const std::string place : folders)
        for (const std::string name : databases) {
            const auto bytes = read(place + name, most_database);
            if (!bytes || bytes->empty()) continue;
            write_file_atomic(folder / name, *bytes, 0600);
            if (name == "rpmdb.sqlite")
                if (const auto log = read(place + name + "-wal", most_database);
                    log && !log->empty())
                    write_file_atomic(folder / (name + "-wal"), *log, 0600);
            return true;
        }
    return false;
}

/// The one that the files there are of: rpm reads the others only when it is told to.
std::string backend_in(const fs::path& folder) {
    if (fs::exists(folder / "rpmdb.sqlite")) return "sqlite";
    return fs::exists(folder / "Packages.db") ? "ndb" : "bdb_ro";
}

std::string where_is(const std::string& image) { return "rpm database of image " + image; }

/// Keys stand in the database like packages; they have no architecture.
bool is_package(const Header& header) {
    return header.has(tag::arch) && header.text(tag::name) != "gpg-pubkey";
}

}  // namespace

std::string export_database(const ReadSystemFile& read, process::CommandRunner& runner) {
    const TempFolder folder(fs::temp_directory_path(), "patchlab-rpmdb");
    if (!copy_database(read, folder.path())) return {};
    process::CommandSpec spec;
    spec.program = "rpmdb";
    spec.args = {"--dbpath", folder.path().string(), "--define",
                 "_db_backend " + backend_in(folder.path()), "--exportdb"};
    spec.purpose = "reading the package database";
    spec.deadline = Seconds(600);
    spec.max_output = most_database;
    spec.environment = {{"LC_ALL", "C"}};
    const auto result = runner.run(spec);
    if (!result.ok() || result.truncated || result.out.empty())
        throw Error(ErrorCode::invalid,
                    "the rpm database is damaged or of a kind that the rpm of this host does not "
                    "read: " +
                        result.err.substr(0, 300));
    return result.out;
}

std::vector<Header> read_database(const InstalledSystem& system) {
    const std::string where = where_is(system.name);
    std::vector<Header> all;
    std::string_view rest = system.database;
    while (!rest.empty()) {
        Header header = Header::take(rest, where);
        if (all.size() >= most_headers) refuse(where, "lists too many packages");
        if (is_package(header)) all.push_back(std::move(header));
    }
    if (all.empty()) refuse(where, "no installed package in it");
    return all;
}

std::vector<InstalledPackage> installed_packages(const InstalledSystem& system) {
    return installed_packages(read_database(system), system.name);
}

std::vector<InstalledPackage> installed_packages(const std::vector<Header>& database,
                                                 const std::string& system) {
    const std::string where = where_is(system);
    std::vector<InstalledPackage> all;
    for (const Header& header : database) {
        const PackageFacts facts = named_facts(header, where);
        all.push_back({facts.name, facts.version, facts.architecture, facts.source_version, false});
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        if (a.name != b.name) return a.name < b.name;
        return compare_versions(a.version, b.version) < 0;
    });
    return all;
}

std::string architecture_of_system(const InstalledSystem& system) {
    std::map<std::string, std::size_t> count;
    for (const InstalledPackage& package : installed_packages(system))
        if (package.architecture != "noarch") ++count[package.architecture];
    const auto most =
        std::max_element(count.begin(), count.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == count.end())
        refuse(where_is(system.name), "no package in it is for one architecture");
    return most->first;
}

}  // namespace patchlab::families::rpm
