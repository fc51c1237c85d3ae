// SPDX-License-Identifier: Apache-2.0
//
// What "it works" means: suites of checks, and what a check found. Values; thread-safe as such.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::testsuites {

/// `others` of a service, a package or a process: what it is called on systems of other families.
/// The first of the names that the machine knows counts.
struct ServiceCheck {
    std::string unit{};
    std::string state = "active";
    std::vector<std::string> others{};
};
struct HttpCheck {
    std::string url{};
    int status = 200;
    std::string body_contains{};
    std::string method = "GET";
    bool insecure = false;
};
struct TcpCheck {
    std::string host = "127.0.0.1";
    int port = 0;
    std::string send{};
    std::string expect{};
};
/// Expectations of a command: exit code and patterns (POSIX extended regular expressions) of its
/// output.
struct RunCheck {
    std::vector<std::string> argv{};
    std::string input{};
    std::string user{};  ///< run as this user of the guest; empty: root
    int exit = 0;
    std::optional<std::string> stdout_matches{};
    std::optional<std::string> stdout_equals{};
    std::optional<std::string> stderr_matches{};
    /// Standard output must be what it was before the patch: judged between the two moments, not
    /// within one.
    bool unchanged = false;
    /// An exit code that means "cannot be checked on this machine" (a tool is missing): the outcome
    /// is `skip`.
    std::optional<int> skip_exit{};
};
struct FileCheck {
    std::string path{};
    bool exists = true;
    std::string contains{};
    std::string mode{};
    std::string owner{};
};
struct PackageCheck {
    std::string package{};
    std::string version{}; /* empty: any */
    bool installed = true;
    std::vector<std::string> others{};
};
struct ProcessCheck {
    std::string command{};
    int at_least = 1;
    std::string user{};
    std::vector<std::string> others{};
};
/// A command whose output is a whole test report; each test of it becomes a result.
struct AdapterCheck {
    std::vector<std::string> argv{};
    std::string format{}; /* "tap" or "junit" */
    std::string user{};
};
/// The built-in observations of the base suite, by name: "system-running", "failed-units",
/// "core-dumps", "kernel-errors", "journal-errors", "ssh-answers".
struct BuiltinCheck {
    std::string builtin{};
};

using CheckBody = std::variant<ServiceCheck, HttpCheck, TcpCheck, RunCheck, FileCheck, PackageCheck,
                               ProcessCheck, AdapterCheck, BuiltinCheck>;

struct Check {
    std::string name{};
    CheckBody body;
    Seconds timeout{30};
    int retries = 0;  ///< further attempts before it counts as failed
    Seconds retry_delay{1};
    bool lab_only = false;  ///< does something to a service, and is not asked of production's hosts
    int samples = 0;  ///< http, tcp, run: so many further timed repetitions after a pass; one that
                      ///< fails fails the check
};

struct Suite {
    std::string name{};
    std::string description{};
    std::vector<Check> checks{};
    std::string digest{};  ///< sha256 of the definition
};

enum class Outcome { pass, fail, skip, unknown };
std::string_view name(Outcome outcome);
Outcome outcome_from(std::string_view text);

/// Lines that a built-in observation lists at most; a longer list is cut.
constexpr std::size_t max_observed_lines = 300;

/// What one check found, once. `unknown`: it could not be observed, which never counts as a pass.
struct CheckResult {
    std::string suite{};
    std::string name{};
    Outcome outcome = Outcome::unknown;
    std::string detail{};  ///< why, for anything but a pass; capped at 4 KiB
    double seconds = 0;    ///< inside the guest, of the last attempt
    int attempts = 1;
    std::vector<double> samples{};     ///< seconds of each repetition that was asked for and ran
    std::vector<double> memory_kib{};  ///< after each: memory of their own of the processes of the
                                       ///< suite's services; may be empty
    std::vector<double> handles{};     ///< likewise their open files and threads
    /// What a built-in observed (failed units, core dumps, error lines without time and pid), each
    /// once, in order of appearance. A capped list: compare before and after with new_lines().
    std::vector<std::string> lines{};
    bool unchanged =
        false;  ///< `lines` is what the check printed, and must be the same before and after
    int wanted_samples = 0;     ///< repetitions that were asked for
    double sampling_limit = 0;  ///< seconds that all of them together may take
};

/// How many repetitions of a check that passed were not done in their time.
int unfinished_samples(const CheckResult& result);

/// The lines of `after` that `before` did not have.
std::vector<std::string> new_lines(const CheckResult& before, const CheckResult& after);

Json to_json(const CheckResult& result);
CheckResult check_result_from_json(const Json& json);

}  // namespace patchlab::testsuites
