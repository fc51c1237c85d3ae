// SPDX-License-Identifier: Apache-2.0
//
// A family that no tool knows, as far from Debian as the port allows: versions without dots, a
// guest without a POSIX shell, packages that are taken away rather than downgraded, no package
// database in a file. What the port cannot bear, it shows here.
#pragma once

#include <sstream>

#include "orchestrator/families/guest_installer.hpp"
#include "orchestrator/families/package_family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::test {

using families::ExactPackage;

/// Commands are programs of its own with words; nothing is ever parsed by a shell.
class ToyInstaller final : public families::GuestInstaller {
  public:
    std::optional<guest::GuestCommand> keep_answers(
        const std::map<std::string, std::string>& /*answers*/) const override {
        return std::nullopt;  // its packages ask nothing
    }
    guest::GuestCommand begin(const families::InstallJob& job) const override {
        guest::GuestCommand command{{"C:\\toy\\box.exe", "put", "/disk", job.disk}, {}, {}, {}, {}};
        for (const ExactPackage& package : job.packages) {
            require_word(package.name);
            require_word(package.version);
            command.argv.push_back(package.name + "!" + package.version);
        }
        for (const std::string& name : job.removals) {
            require_word(name);
            command.argv.push_back("/drop:" + name);
        }
        return command;
    }
    guest::GuestCommand await_unpacking() const override { return box("await"); }
    guest::GuestCommand end() const override { return box("end"); }
    guest::GuestCommand clean_up() const override { return box("tidy"); }
    std::string failure_in(std::string_view log) const override {
        const auto at = log.find("BAD ");
        return at == std::string_view::npos
                   ? ""
                   : std::string(log.substr(at + 4, log.find('\n', at) - at - 4));
    }
    guest::GuestCommand list() const override { return box("list"); }
    std::vector<families::ListedPackage> read_list(std::string_view out) const override {
        std::vector<families::ListedPackage> packages;
        std::istringstream lines{std::string(out)};
        for (std::string line; std::getline(lines, line);) {
            const auto bang = line.find('!');
            if (bang == std::string::npos) continue;
            packages.push_back({line.substr(0, bang), "any", line.substr(bang + 1), true, "in"});
        }
        return packages;
    }
    std::string_view list_program() const override { return "box.exe"; }
    guest::GuestCommand complaints() const override { return box("complaints"); }
    std::vector<guest::GuestCommand> audit() const override { return {box("check")}; }
    std::vector<families::RepairStep> repair() const override { return {}; }

  private:
    static guest::GuestCommand box(const char* verb) {
        return {{"C:\\toy\\box.exe", verb}, {}, {}, {}, {}};
    }
    static void require_word(const std::string& text) {
        if (text.empty() ||
            text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos)
            throw Error(ErrorCode::invalid, "'" + text + "' is no word of a toy");
    }
};

/// Versions are "2026b": a year, then a letter; names are lower-case letters.
class ToyFamily final : public families::PackageFamily {
  public:
    std::string_view name() const override { return "toy"; }
    int compare_versions(std::string_view a, std::string_view b) const override {
        return a.compare(b);
    }
    bool valid_name(std::string_view text) const override {
        return !text.empty() && text.size() < 40 &&
               text.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
    }
    bool valid_version(std::string_view text) const override {
        return text.size() == 5 && text.find_first_not_of("0123456789") == 4 && text[4] >= 'a' &&
               text[4] <= 'z';
    }
    bool valid_architecture(std::string_view text) const override {
        return text == "any" || text == "x86";
    }
    bool fits_every_machine(std::string_view architecture) const override {
        return architecture == "any";
    }
    std::string architecture_of_machine(std::string_view /*machine*/) const override {
        return "x86";
    }
    std::string file_name(std::string_view name, std::string_view version,
                          std::string_view architecture) const override {
        if (!valid_name(name) || !valid_version(version) || !valid_architecture(architecture))
            throw Error(ErrorCode::invalid, "that is no toy");
        return std::string(name) + "." + std::string(version) + "." + std::string(architecture) +
               ".toy";
    }
    std::string_view file_ending() const override { return ".toy"; }
    bool recognises(std::string_view first_bytes) const override {
        return first_bytes.starts_with("TOY1");
    }
    /// "TOY1 NAME VERSION": it says nothing of its files.
    families::PackageFacts read_facts(const std::filesystem::path& file,
                                      families::Contents /*contents*/) const override {
        std::istringstream text(read_file(file, 1024));
        families::PackageFacts facts;
        std::string mark;
        text >> mark >> facts.name >> facts.version;
        if (mark != "TOY1" || !valid_name(facts.name) || !valid_version(facts.version))
            throw Error(ErrorCode::invalid, file.filename().string() + ": is no toy");
        facts.architecture = "any";
        facts.source = facts.name;
        facts.source_version = facts.version;
        return facts;
    }
    /// There is no downgrade: the update is taken away, which brings the old state back.
    std::vector<std::string> backout_commands(const std::vector<ExactPackage>& back,
                                              const std::vector<std::string>& gone) const override {
        std::vector<std::string> commands;
        for (const ExactPackage& package : back) commands.push_back("box.exe undo " + package.name);
        for (const std::string& name : gone) commands.push_back("box.exe drop " + name);
        return commands;
    }
    std::string list_command(const std::vector<std::string>& /*names*/) const override {
        return "box.exe list";
    }
    const families::GuestInstaller& installer() const override { return installer_; }

  private:
    ToyInstaller installer_;
};

}  // namespace patchlab::test
