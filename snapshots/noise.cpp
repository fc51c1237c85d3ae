// SPDX-License-Identifier: Apache-2.0
//
// subtract_noise(): what an unpatched control did by itself is not the patch's doing. A change is
// noise only when a control shows the same thing (class, kind, and subject or its fingerprint) and
// what the change *means* (mode, owner, attributes, state) is the same in both. The exceptions are
// a database's own storage, written at moments of the server's choosing, and what the kernel sizes
// anew at each boot: no control can be relied on to show the very same.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <sstream>
#include <tuple>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/fingerprint.hpp"
#include "snapshots/paths.hpp"
#include "snapshots/rules.hpp"

namespace patchlab::snapshots {
namespace {

/// Where in the control a change is looked up: exact subjects, and fingerprints of names in places
/// whose names change by themselves.
using Key = std::tuple<std::string, ChangeClass, ChangeKind, std::string>;

Key key_of(const Change& change) {
    const bool by_fingerprint = change.is_of_file() && change.cls == ChangeClass::file;
    return {change.machine, change.cls, change.kind,
            by_fingerprint ? path_fingerprint(change.subject) : change.subject};
}

bool equal_attributes(const FileState* left, const FileState* right) {
    if (left == nullptr || right == nullptr) return left == right;
    return same_attributes(*left, *right);
}

bool executable(const Change& change) {
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    return (after != nullptr && is_executable(*after)) ||
           (before != nullptr && is_executable(*before));
}

/// Data that is lost or altered must not hide behind other data of the control with a like name;
/// logs, caches and temporary files may.
bool like_name_suffices(const Change& change) {
    return change.kind == ChangeKind::added || !is_below(change.subject, "/var/lib");
}

bool same_file_noise(const Change& change, const Change& control) {
    const bool exact = change.after == control.after;
    // Programs, and whatever lies where nothing changes by itself, are noise only when the control
    // ends with the very same file.
    if (executable(change) || executable(control) || !is_volatile_place(change.subject))
        return exact && change.subject == control.subject;
    if (!equal_attributes(change.file_after(), control.file_after())) return false;
    if (is_wiped_log(change) && !is_wiped_log(control)) return false;
    if (!like_name_suffices(change) && change.subject != control.subject) return false;
    // Mode, owner and attributes must be altered in neither, or in both alike.
    return equal_attributes(change.file_before(), control.file_before());
}

bool same_fact_noise(const Change& change, const Change& control) {
    const auto fingerprint_of = [](const std::optional<State>& state) {
        return state ? fingerprint(to_text(*state)) : std::string();
    };
    return fingerprint_of(change.after) == fingerprint_of(control.after);
}

bool is_noise(const Change& change, const Change& control) {
    if (is_sensitive_class(change.cls))
        return change.subject == control.subject && change.after == control.after;
    if (change.is_of_file()) return control.is_of_file() && same_file_noise(change, control);
    if (change.subject != control.subject) return false;
    const bool breathes = change.cls == ChangeClass::process || change.cls == ChangeClass::mount;
    return breathes ? same_fact_noise(change, control) : change.after == control.after;
}

/// Whatever it held before, also nothing or no file: a server's storage is never excused for being
/// empty.
bool is_empty_now(const Change& change) {
    const FileState* after = change.file_after();
    return after != nullptr && is_empty_file(*after);
}

/// The server that wrote this file of its own storage by itself, or null. Mode, owner and
/// attributes must have stayed as they were.
const StorageRule* own_storage(const Change& change, const AttributionRules& rules) {
    if (!change.is_of_file() || change.cls != ChangeClass::file || executable(change) ||
        is_empty_now(change))
        return nullptr;
    if (change.kind == ChangeKind::changed &&
        !equal_attributes(change.file_before(), change.file_after()))
        return nullptr;
    for (const StorageRule& rule : rules.storage) {
        if (!matches(rule.glob, change.subject)) continue;
        if (change.kind == ChangeKind::changed || rule.passing) return &rule;
    }
    return nullptr;
}

/// Settings that the kernel sizes by itself when it starts, by the memory that is free at that
/// moment (mm/mmap.c, kernel/fork.c, fs/file_table.c, net/ipv4/tcp.c, …). They differ a little from
/// boot to boot of the very same machine.
constexpr std::string_view sized[] = {
    "fs.epoll.max_user_watches",
    "fs.file-max",
    "kernel.threads-max",
    "net.ipv4.tcp_max_orphans",
    "net.ipv4.tcp_mem",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.udp_mem",
    "net.netfilter.nf_conntrack_buckets",
    "net.netfilter.nf_conntrack_max",
    "net.nf_conntrack_max",
    "net.sctp.sctp_mem",
    "user.max_cgroup_namespaces",
    "user.max_fanotify_groups",
    "user.max_fanotify_marks",
    "user.max_inotify_watches",
    "user.max_ipc_namespaces",
    "user.max_mnt_namespaces",
    "user.max_net_namespaces",
    "user.max_pid_namespaces",
    "user.max_time_namespaces",
    "user.max_user_namespaces",
    "user.max_uts_namespaces",
    "vm.admin_reserve_kbytes",
    "vm.min_free_kbytes",
    "vm.user_reserve_kbytes",
};

constexpr double drift = 0.03;  ///< of the larger value; boots of one machine were seen to differ
                                ///< by less than a hundredth

/// The numbers of a value such as "4605 6143 9210", or nullopt when it holds anything else.
std::optional<std::vector<double>> numbers(const std::string& text) {
    std::istringstream in(text);
    std::vector<double> values;
    double value = 0;
    while (in >> value) values.push_back(value);
    if (!in.eof() || values.empty()) return std::nullopt;
    return values;
}

/// True for such a setting whose value moved by no more than a few percent. A larger step is
/// somebody's doing.
bool sized_by_kernel(const Change& change) {
    const auto* then = state_as<PlainState>(change.before);
    const auto* now = state_as<PlainState>(change.after);
    if (change.cls != ChangeClass::sysctl || change.kind != ChangeKind::changed ||
        then == nullptr || now == nullptr)
        return false;
    if (std::find(std::begin(sized), std::end(sized), change.subject) == std::end(sized))
        return false;
    const auto before = numbers(then->text), after = numbers(now->text);
    if (!before || !after || before->size() != after->size()) return false;
    return std::equal(before->begin(), before->end(), after->begin(), [](double a, double b) {
        return std::abs(a - b) <= drift * std::max(std::abs(a), std::abs(b));
    });
}

}  // namespace

void subtract_noise(std::vector<Change>& changes, const std::vector<std::vector<Change>>& controls,
                    const AttributionRules& rules) {
    std::multimap<Key, const Change*> seen;
    for (const auto& control : controls) {
        for (const Change& change : control) {
            if (change.kind != ChangeKind::unreadable) seen.emplace(key_of(change), &change);
        }
    }
    for (Change& change : changes) {
        if (change.kind == ChangeKind::unreadable) continue;  // unreadable never counts as the same
        const auto [first, last] = seen.equal_range(key_of(change));
        if (std::any_of(first, last,
                        [&](const auto& entry) { return is_noise(change, *entry.second); })) {
            change.attribution = Attribution::noise();
            change.why = "the unpatched control did the same";
            change.sensitive = false;
        } else if (const StorageRule* const rule = own_storage(change, rules)) {
            change.attribution = Attribution::noise();
            change.why = "storage that the running server of " + rule->server +
                         " writes by itself; its checks ask whether the data is right";
        } else if (sized_by_kernel(change)) {
            change.attribution = Attribution::noise();
            change.why =
                "the kernel sizes it by the memory that is free when it starts; it differs a "
                "little from boot to boot";
            change.sensitive = false;
        }
    }
}

}  // namespace patchlab::snapshots
