// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <regex>
#include <sstream>

#include "orchestrator/families/scripts.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families::deb {

namespace {

/// A script of the family; `arguments` are its $1, $2, …
guest::GuestCommand shell(std::string_view name, const std::vector<std::string>& arguments,
                          Seconds deadline, std::size_t max_output) {
    return {
        guest::shell_words(families::script("deb", name), arguments), {}, {}, deadline, max_output};
}

/// Names and versions go into a guest's command line: nothing but what Debian policy allows may.
void require_plain(const std::string& text, const std::regex& pattern, const char* what) {
    if (!std::regex_match(text, pattern))
        throw Error(ErrorCode::invalid, std::string(what) + " '" + text + "' is not one");
}

std::vector<std::string> words_of(const InstallJob& job) {
    static const std::regex package(R"([a-z0-9][a-z0-9+.-]{0,127}(:[a-z0-9-]{1,32})?)");
    std::vector<std::string> words{job.disk, job.downgrade ? "--allow-downgrades" : ""};
    for (const ExactPackage& one : job.packages) {
        require_plain(one.name, package, "package name");
        if (!valid_version(one.version))
            throw Error(ErrorCode::invalid, "version '" + one.version + "' is not one");
        words.push_back(one.name + "=" + one.version);
    }
    for (const std::string& removal : job.removals) {
        require_plain(removal, package, "package name");
        words.push_back(removal + "-");
    }
    return words;
}

class DebInstaller final : public GuestInstaller {
  public:
    std::optional<guest::GuestCommand> keep_answers(
        const std::map<std::string, std::string>& answers) const override {
        std::string lines;
        for (const auto& [question, answer] : answers) lines += question + " " + answer + "\n";
        return guest::GuestCommand{
            guest::shell_words(families::script("deb", "keep_answers.sh"), {}),
            lines,
            {},
            Seconds(30),
            4096};
    }
    guest::GuestCommand begin(const InstallJob& job) const override {
        return begin_install("deb", words_of(job));
    }
    guest::GuestCommand await_unpacking() const override {
        return shell("await_unpacking.sh", {}, Seconds(300), 65536);
    }
    guest::GuestCommand clean_up() const override {
        return shell("after_install.sh", {}, Seconds(60), 65536);
    }
    std::string failure_in(std::string_view log) const override { return deb::failure_in(log); }

    guest::GuestCommand list() const override {
        return shell("list_packages.sh", {}, Seconds(60), 8U << 20);
    }
    /// Lines "NAME:ARCHITECTURE", version and status, between tabs; "ii" and "hi" are installed.
    std::vector<ListedPackage> read_list(std::string_view out) const override {
        std::vector<ListedPackage> packages;
        std::istringstream lines{std::string(out)};
        for (std::string line; std::getline(lines, line);) {
            const auto tab = line.find('\t'), second = line.find('\t', tab + 1);
            if (tab == std::string::npos || second == std::string::npos) continue;
            const std::string full = line.substr(0, tab);
            const auto colon = std::min(full.find(':'), full.size());
            ListedPackage package{
                full.substr(0, colon), full.substr(std::min(colon + 1, full.size())),
                line.substr(tab + 1, second - tab - 1), true, line.substr(second + 1)};
            package.whole = package.state.starts_with("ii") || package.state.starts_with("hi");
            packages.push_back(std::move(package));
        }
        return packages;
    }
    std::string_view list_program() const override { return "dpkg-query"; }

    guest::GuestCommand complaints() const override {
        return shell("complaints.sh", {}, Seconds(180), 65536);
    }
    std::vector<guest::GuestCommand> audit() const override {
        return {shell("audit.sh", {}, Seconds(120), 65536),
                {{"/bin/ls", "/var/lib/dpkg/updates"}, "", {}, Seconds(60), 4096}};
    }
    std::vector<RepairStep> repair() const override {
        return {{"dpkg --configure -a", shell("repair.sh", {}, Seconds(900), 1U << 20)}};
    }
};

}  // namespace

const GuestInstaller& deb_installer() {
    static const DebInstaller installer;
    return installer;
}

}  // namespace patchlab::families::deb
