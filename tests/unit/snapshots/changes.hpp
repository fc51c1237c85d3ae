// SPDX-License-Identifier: Apache-2.0
//
// Short ways to write changes and packages down in the tests of this folder.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "snapshots/compare.hpp"
#include "tests/support/deb_rules.hpp"

namespace patchlab::snapshots::testing {

inline disk::FileState file(std::uint32_t mode = 0644, std::string content = std::string(64, 'a'),
                            std::uint32_t uid = 0) {
    disk::FileState state;
    state.type = 'f';
    state.mode = mode;
    state.uid = uid;
    state.size = 10;
    state.content = std::move(content);
    return state;
}

inline disk::FileState link(std::string target) {
    disk::FileState state;
    state.type = 'l';
    state.mode = 0777;
    state.content = std::move(target);
    return state;
}

inline disk::FileChange added(std::string path, disk::FileState state = file()) {
    return {std::move(path), disk::FileChangeKind::added, std::nullopt, std::move(state), ""};
}

inline disk::FileChange removed(std::string path, disk::FileState state = file()) {
    return {std::move(path), disk::FileChangeKind::removed, std::move(state), std::nullopt, ""};
}

/// Other content, all else alike.
inline disk::FileChange rewritten(std::string path, std::uint32_t mode = 0644) {
    return {std::move(path), disk::FileChangeKind::changed, file(mode),
            file(mode, std::string(64, 'b')), ""};
}

/// Other content of another size, all else alike.
inline disk::FileChange resized(std::string path, std::uint64_t before, std::uint64_t after) {
    disk::FileChange change = rewritten(std::move(path));
    change.before->size = before;
    change.after->size = after;
    change.rewritten = after <= before;
    return change;
}

/// Longer than before, and with another beginning.
inline disk::FileChange wiped_and_grown(std::string path) {
    disk::FileChange change = resized(std::move(path), 4000, 9000);
    change.rewritten = true;
    return change;
}

/// A capture in which every class was read and is empty.
inline Capture quiet() {
    Capture capture;
    for (const ChangeClass cls : live_classes()) capture.facts[cls];
    return capture;
}

struct Scene {
    Observation observation{quiet(), quiet(), {}};

    Scene& fact(ChangeClass cls, const std::string& subject, std::optional<std::string> before,
                std::optional<std::string> after) {
        if (before) observation.before.facts[cls][subject] = *before;
        if (after) observation.after.facts[cls][subject] = *after;
        return *this;
    }
    Scene& registry(const std::string& name, const std::string& subject,
                    std::optional<std::string> before, std::optional<std::string> after) {
        if (before) observation.before.registries[name][subject] = *before;
        if (after) observation.after.registries[name][subject] = *after;
        return *this;
    }
    Scene& disk(disk::FileChange change) {
        observation.files.changes.push_back(std::move(change));
        return *this;
    }
    std::vector<Change> changes() const { return find_changes("web", observation); }
    std::vector<Change> attributed(const std::vector<PatchedPackage>& packages) const {
        auto all = changes();
        attribute(all, packages, patchlab::test::deb_rules(),
                  {observation.before, observation.after});
        return all;
    }
};

inline const Change* find(const std::vector<Change>& changes, const std::string& subject) {
    const auto found = std::find_if(changes.begin(), changes.end(), [&](const Change& change) {
        return change.subject == subject;
    });
    return found == changes.end() ? nullptr : &*found;
}

/// A small web server's update.
inline PatchedPackage nginx() {
    PatchedPackage package;
    package.name = "nginx";
    package.source = "nginx";
    package.from = "1.22.1-9+deb12u9";
    package.to = "1.22.1-9+deb12u11";
    package.old_files = {"/usr/sbin/nginx", "/lib/systemd/system/nginx.service",
                         "/etc/nginx/nginx.conf", "/usr/share/nginx/gone.html",
                         "/etc/cron.d/nginx"};
    package.files = {"./usr/sbin/nginx", "/lib/systemd/system/nginx.service",
                     "/etc/nginx/nginx.conf", "/usr/share/man/man8/nginx.8.gz",
                     "/etc/cron.d/nginx"};
    package.conffiles = {"/etc/nginx/nginx.conf"};
    package.maintainer_scripts =
        "deb-systemd-helper enable nginx.service\nadduser --system nginx-user\nchown root:root "
        "/etc/nginx\n";
    return package;
}

}  // namespace patchlab::snapshots::testing
