// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <sstream>

#include "orchestrator/families/rpm/family.hpp"
#include "orchestrator/families/scripts.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families::rpm {

namespace {

/// A script of the family; it takes no words.
guest::GuestCommand shell(std::string_view name, Seconds deadline, std::size_t max_output) {
    return {guest::shell_words(families::script("rpm", name), {}), {}, {}, deadline, max_output};
}

/// "name:architecture" → "name.architecture", as rpm, dnf and zypper write it.
std::string plain_word(const std::string& name) {
    const auto colon = name.find(':');
    const std::string package = name.substr(0, colon);
    if (!rpm_family().valid_name(package) ||
        (colon != std::string::npos && !rpm_family().valid_architecture(name.substr(colon + 1))))
        throw Error(ErrorCode::invalid, "package name '" + name + "' is not one");
    return colon == std::string::npos ? package : package + "." + name.substr(colon + 1);
}

std::vector<std::string> words_of(const InstallJob& job) {
    std::vector<std::string> words{job.disk};
    for (const ExactPackage& one : job.packages) {
        if (!rpm_family().valid_version(one.version))
            throw Error(ErrorCode::invalid, "version '" + one.version + "' is not one");
        words.push_back(plain_word(one.name) + "=" + one.version);
    }
    for (const std::string& removal : job.removals) words.push_back("-" + plain_word(removal));
    return words;
}

std::vector<std::string> tab_separated(const std::string& line) {
    std::vector<std::string> fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
    return fields;
}

/// A package as a line of list_packages.sh tells it.
struct ListedLine {
    ListedPackage package;
    bool several = false;  ///< several versions of it may be installed
    std::uint64_t installed = 0;
};

std::optional<ListedLine> read_line(const std::string& line) {
    const auto fields = tab_separated(line);
    if (fields.size() != 5 || !rpm_family().valid_name(fields[0])) return std::nullopt;
    ListedLine read;
    read.package = {fields[0], fields[1], fields[2], true, "installed"};
    read.several = fields[3] == "several";
    read.installed = std::strtoull(fields[4].c_str(), nullptr, 10);
    return read;
}

class RpmInstaller final : public GuestInstaller {
  public:
    std::optional<guest::GuestCommand> keep_answers(
        const std::map<std::string, std::string>& /*answers*/) const override {
        return std::nullopt;  // rpm packages ask nothing
    }
    guest::GuestCommand begin(const InstallJob& job) const override {
        return begin_install("rpm", words_of(job));
    }
    guest::GuestCommand await_unpacking() const override {
        return shell("await_unpacking.sh", Seconds(300), 65536);
    }
    guest::GuestCommand clean_up() const override {
        return shell("after_install.sh", Seconds(120), 65536);
    }
    std::string failure_in(std::string_view log) const override { return rpm::failure_in(log); }

    guest::GuestCommand list() const override {
        return shell("list_packages.sh", Seconds(120), 8U << 20);
    }
    /// Of a package of which several versions may be installed (a kernel) the one that was
    /// installed last counts. Any other that is there twice was left so by a transaction that died.
    std::vector<ListedPackage> read_list(std::string_view out) const override {
        std::vector<ListedPackage> packages;
        std::map<std::string, std::pair<std::size_t, std::uint64_t>> known;  // → place and time
        std::istringstream lines{std::string(out)};
        for (std::string text; std::getline(lines, text);) {
            auto line = read_line(text);
            if (!line) continue;
            const std::string key = line->package.name + "\t" + line->package.architecture;
            const auto [at, is_new] = known.try_emplace(key, packages.size(), line->installed);
            if (is_new) {
                packages.push_back(std::move(line->package));
                continue;
            }
            ListedPackage& there = packages[at->second.first];
            if (!line->several) {
                there.whole = false;
                there.state = "installed twice: " + there.version + " and " + line->package.version;
            }
            if (line->installed < at->second.second) continue;
            at->second.second = line->installed;
            there.version = line->package.version;
        }
        return packages;
    }
    std::string_view list_program() const override { return "rpm"; }

    guest::GuestCommand complaints() const override {
        return shell("complaints.sh", Seconds(180), 65536);
    }
    std::vector<guest::GuestCommand> audit() const override {
        return {shell("audit.sh", Seconds(180), 65536),
                shell("complaints.sh", Seconds(180), 65536)};
    }
    std::vector<RepairStep> repair() const override {
        return {
            {"rpmdb --rebuilddb, and of packages that are installed twice the older ones away "
             "(as dnf remove --duplicates)",
             shell("repair.sh", Seconds(900), 1U << 20)}};
    }
};

}  // namespace

const GuestInstaller& rpm_installer() {
    static const RpmInstaller installer;
    return installer;
}

}  // namespace patchlab::families::rpm
