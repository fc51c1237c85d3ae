// SPDX-License-Identifier: Apache-2.0
#include "snapshots/subject.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::string_view terms_mark = ": terms";

/// What stands before a mark, and behind it; all is `left` where there is no mark.
struct Halves {
    std::string_view left;
    std::string_view right{};
    bool marked = false;
};

Halves cut(std::string_view text, std::size_t at, std::size_t length) {
    if (at == std::string_view::npos) return {text};
    return {text.substr(0, at), text.substr(at + length), true};
}

Halves cut_at_first(std::string_view text, std::string_view mark) {
    return cut(text, text.find(mark), mark.size());
}

Halves cut_at_last(std::string_view text, std::string_view mark) {
    return cut(text, text.rfind(mark), mark.size());
}

/// Of these programs the capture script names the unit, too (running.pl): a shell, or a program
/// with such a name, or of such a folder, in its path.
bool is_interpreter(std::string_view program) {
    constexpr std::array shells{"bash", "dash", "zsh", "ksh", "sh"};
    constexpr std::array names{"/python", "/perl", "/ruby",  "/node",   "/java",
                               "/php",    "/lua",  "/tclsh", "/busybox"};
    return std::find(shells.begin(), shells.end(), file_name(program)) != shells.end() ||
           std::any_of(names.begin(), names.end(), [&](const char* name) {
               return program.find(name) != std::string_view::npos;
           });
}

ProcessName process_name(std::string_view text) {
    const Halves user = cut_at_first(text, " ");
    const Halves unit = cut_at_last(user.right, " in ");
    const bool of_unit = is_unit_with_processes(unit.right) && is_interpreter(unit.left);
    return {std::string(user.left), std::string(of_unit ? unit.left : user.right),
            std::string(of_unit ? unit.right : "")};
}

bool is_number(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The facts of these classes end with what they are about the file ("/usr/bin/x: diversion"), so
/// that the last mark separates; in the others a line of the file follows.
bool ends_with_its_kind(ChangeClass cls) {
    return cls == ChangeClass::alternative || cls == ChangeClass::unit ||
           cls == ChangeClass::mount || cls == ChangeClass::certificate ||
           cls == ChangeClass::device || cls == ChangeClass::log;
}

Subject file_fact(ChangeClass cls, std::string_view text) {
    constexpr std::string_view mark = ": ";
    const Halves halves =
        ends_with_its_kind(cls) ? cut_at_last(text, mark) : cut_at_first(text, mark);
    if (!halves.marked) return PlainSubject{};
    return FileFact{std::string(halves.left), std::string(halves.right)};
}

SocketName socket_name(std::string_view text) {
    const std::size_t at = text.find_last_of(":/") + 1;
    const char* const end = text.data() + text.size();
    SocketName name{std::string(text)};
    name.is_unix = text.starts_with("unix/");
    int port = 0;
    const auto [rest, problem] = std::from_chars(text.data() + at, end, port);
    if (name.is_unix || at == 0 || problem != std::errc() || rest != end) return name;
    return {std::string(text.substr(0, at)), port};
}

Subject kernel_subject(std::string_view text) {
    const Halves halves = cut_at_first(text, ": ");
    if (!halves.marked) return PlainSubject{};
    if (halves.left == "confined") return ConfinedProgram{std::string(halves.right)};
    return KernelPart{std::string(halves.left), std::string(halves.right)};
}

Subject process_subject(std::string_view text, std::string_view value) {
    const Halves variable = cut_at_first(text, ".service: environment ");
    if (variable.marked && text.find('/') == std::string_view::npos && !is_number(value))
        return ServiceVariable{std::string(variable.left) + ".service",
                               std::string(variable.right)};
    // A count is a number, terms never are: a program may be called "x: terms".
    if (!text.ends_with(terms_mark) || is_number(value)) return process_name(text);
    text.remove_suffix(terms_mark.size());
    return TermsOf{process_name(text)};
}

}  // namespace

const ProcessName* process_of(const Subject& subject) {
    if (const auto* terms = std::get_if<TermsOf>(&subject)) return &terms->process;
    return std::get_if<ProcessName>(&subject);
}

bool is_roots_of(const ProcessName& roots, const ProcessName& others) {
    return roots.is_roots() && !others.is_roots() && others.program == roots.program &&
           others.unit == roots.unit;
}

bool is_unit_with_processes(std::string_view name) {
    return name.ends_with(".service") || name.ends_with(".scope");
}

Subject fact_subject(ChangeClass cls, std::string_view text, std::string_view value) {
    if (text.starts_with('/')) return file_fact(cls, text);
    switch (cls) {
        case ChangeClass::package: {
            const Halves halves = cut_at_first(text, ":");
            return PackageName{std::string(halves.left), std::string(halves.right)};
        }
        case ChangeClass::process: return process_subject(text, value);
        case ChangeClass::user:
        case ChangeClass::group: return AccountName{std::string(cut_at_first(text, " ").left)};
        case ChangeClass::kernel: return kernel_subject(text);
        case ChangeClass::port: return socket_name(text);
        case ChangeClass::unit: {
            const Halves halves = cut_at_last(text, ": ");
            if (halves.right == "commands" || halves.right == "rights" || halves.right == "limits")
                return SettingsOf{std::string(halves.left), std::string(halves.right)};
            return PlainSubject{};
        }
        case ChangeClass::boot: {
            const Halves halves = cut_at_first(text, ": ");
            if (halves.left != "firmware") return PlainSubject{};
            return FirmwareVariable{std::string(halves.right)};
        }
        case ChangeClass::file:
        case ChangeClass::sudo:
        case ChangeClass::ssh_key:
        case ChangeClass::setuid:
        case ChangeClass::capability:
        case ChangeClass::sysctl:
        case ChangeClass::module:
        case ChangeClass::mount:
        case ChangeClass::timer:
        case ChangeClass::cron:
        case ChangeClass::certificate:
        case ChangeClass::firewall:
        case ChangeClass::apt_source:
        case ChangeClass::pam:
        case ChangeClass::preload:
        case ChangeClass::library:
        case ChangeClass::alternative:
        case ChangeClass::device:
        case ChangeClass::log:
        case ChangeClass::network: return PlainSubject{};
    }
    return PlainSubject{};
}

}  // namespace patchlab::snapshots
