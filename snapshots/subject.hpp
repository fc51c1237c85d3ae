// SPDX-License-Identifier: Apache-2.0
//
// What a change is about, taken apart once: a file of the disk, a line of a configuration file, a
// package, a process. Values; thread-safe as such.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <variant>

#include "snapshots/capture.hpp"

namespace patchlab::snapshots {

/// A file that was compared on the disk; the change's subject is its path.
struct DiskFile {};

/// A fact read from a file, or about one: "/etc/cron.d/x: * * * * * root true".
struct FileFact {
    std::string path;
    std::string line;
};

/// "nginx:amd64"
struct PackageName {
    std::string name;
    std::string architecture;
};

/// "www-data /usr/sbin/nginx", "root /usr/bin/python3.11 in x.service": the processes of a user
/// that run a program, and of a unit where the program is an interpreter.
struct ProcessName {
    std::string user;
    std::string program;
    std::string unit{};

    bool is_roots() const { return user == "root"; }
    auto operator<=>(const ProcessName&) const = default;
};

/// The terms on which these processes run.
struct TermsOf {
    ProcessName process;
};

/// Where a machine can be reached: "tcp/[::1]:5432", "unix/run/x.sock".
struct SocketName {
    std::string place;     ///< "tcp/[::1]:", "unix/run/x.sock"
    int port = -1;         ///< -1: none, or it has no number
    bool is_unix = false;  ///< for programs of this machine only
};

/// A variable of the environment that a service was given.
struct ServiceVariable {
    std::string unit;
    std::string name;
};

/// A user or group, or its password: "www-data", "www-data password".
struct AccountName {
    std::string name;
};

/// What was put into the kernel, or what it keeps: "key: keyring .machine", "probe: …".
struct KernelPart {
    std::string kind;
    std::string name;
};

/// What AppArmor or SELinux confines: "confined: /usr/sbin/nginx".
struct ConfinedProgram {
    std::string program;
};

/// How systemd runs a unit: "nginx.service: limits".
struct SettingsOf {
    std::string unit;
    std::string kind;  ///< "commands", "rights", "limits"
};

/// The text of the subject is all that there is: "tcp/80", "nginx.service", "net.ipv4.ip_forward".
struct PlainSubject {};
/// A variable of the firmware that says what starts the machine: "firmware: BootOrder".
struct FirmwareVariable {
    std::string name;
};

using Subject = std::variant<PlainSubject, DiskFile, FileFact, PackageName, ProcessName, TermsOf,
                             SocketName, ServiceVariable, AccountName, KernelPart, ConfinedProgram,
                             SettingsOf, FirmwareVariable>;

/// The processes that a fact is about, by themselves or by their terms; null for another fact.
const ProcessName* process_of(const Subject& subject);
/// Root's processes of the same program (and unit) as another user's.
bool is_roots_of(const ProcessName& roots, const ProcessName& others);

/// A unit that processes belong to: a service or a scope.
bool is_unit_with_processes(std::string_view name);

/// What a fact of a capture is about. `value` is one of the fact's values: some programs are named
/// like the fact about another one.
Subject fact_subject(ChangeClass cls, std::string_view text, std::string_view value);

}  // namespace patchlab::snapshots
