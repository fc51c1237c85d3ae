// SPDX-License-Identifier: Apache-2.0
#include "snapshots/kernel_sized.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::snapshots {
namespace {

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

}  // namespace

bool sized_by_kernel(const Change& change) {
    if (change.cls != ChangeClass::sysctl || change.kind != ChangeKind::changed || !change.before ||
        !change.after)
        return false;
    if (std::find(std::begin(sized), std::end(sized), change.subject) == std::end(sized))
        return false;
    const auto before = numbers(*change.before), after = numbers(*change.after);
    if (!before || !after || before->size() != after->size()) return false;
    return std::equal(before->begin(), before->end(), after->begin(), [](double a, double b) {
        return std::abs(a - b) <= drift * std::max(std::abs(a), std::abs(b));
    });
}

}  // namespace patchlab::snapshots
