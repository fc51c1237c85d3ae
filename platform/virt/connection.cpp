// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/connection.hpp"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"

namespace patchlab::virt {

namespace {

// No security driver, namespaces or control groups: the cell around the process isolates, and
// unprivileged containers have none. dynamic_ownership=0: libvirt would give the whole backing
// chain, golden images included, to QEMU's user.
std::string configuration(const QemuUser& user) {
    std::string text =
        "stdio_handler = \"file\"\n"
        "security_driver = \"none\"\n"
        "security_default_confined = 0\n"
        "namespaces = []\n"
        "cgroup_controllers = []\n"
        "remember_owner = 0\n"
        "dynamic_ownership = 0\n"
        "max_core = 0\n";
    if (user.separate)
        text += "user = \"+" + std::to_string(user.uid) + "\"\ngroup = \"+" +
                std::to_string(user.gid) + "\"\n";
    return text;
}

void start_event_loop() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (virInitialize() < 0) fail("cannot initialise libvirt");
        virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});  // they reach the user as Error
        if (virEventRegisterDefaultImpl() < 0) fail("cannot register libvirt's event loop");
        // It runs as long as the process: libvirt has no way to stop it that is safe while handles
        // exist.
        std::thread([] {
            while (virEventRunDefaultImpl() == 0) {
            }
            log_error("libvirt's event loop ended");
        }).detach();
    });
}

std::filesystem::path live_cache(const std::filesystem::path& root) {
    return root / "cache" / "qemu" / "capabilities";
}

void copy_files(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(from, error))
        if (entry.is_regular_file() && entry.path().extension() == ".xml")
            write_file_atomic(to / entry.path().filename(), read_file(entry.path()), 0600);
}

}  // namespace

Connection connect_embedded(const ConnectionOptions& options) {
    const auto& root = options.root;
    make_folder(root, 0711);
    make_folder(root / "etc", 0755);
    write_file_atomic(root / "etc" / "qemu.conf", configuration(options.user));
    make_folder(live_cache(root), 0755);
    copy_files(options.capability_cache, live_cache(root));
    start_event_loop();
    Connection connection(virConnectOpen(("qemu:///embed?root=" + root.string()).c_str()));
    if (!connection) fail("cannot open libvirt's QEMU driver in " + root.string());
    return connection;
}

void save_capabilities(const ConnectionOptions& options) {
    std::error_code error;
    if (std::filesystem::is_empty(live_cache(options.root), error) || error) return;
    make_folder(options.capability_cache, 0755);
    copy_files(live_cache(options.root), options.capability_cache);
}

namespace {

constexpr const char* where = "QEMU's monitor";
constexpr std::chrono::milliseconds poll_interval(2);
constexpr Seconds migration_deadline(120);

[[noreturn]] void fail_migration(const JsonReader& status) {
    throw Error(ErrorCode::lab, "QEMU could not move the machine's state: " +
                                    status.string_or("error-desc", "no reason given"));
}

}  // namespace

Json monitor_command(const Domain& domain, const std::string& command, const Json& arguments,
                     int fd) {
    Json request = {{"execute", command}};
    if (!arguments.is_null()) request["arguments"] = arguments;
    const std::string line = to_line(request);
    char* raw = nullptr;
    const int outcome = fd >= 0 ? virDomainQemuMonitorCommandWithFiles(
                                      domain.get(), line.c_str(), 1, &fd, nullptr, nullptr, &raw, 0)
                                : virDomainQemuMonitorCommand(domain.get(), line.c_str(), &raw, 0);
    const std::unique_ptr<char, decltype(&std::free)> answer(raw, &std::free);
    if (outcome < 0) fail("QEMU's monitor did not take " + command);
    const Json document = parse_json(answer.get(), where);
    const JsonReader reader(document, where);
    if (reader.has("error"))
        throw Error(ErrorCode::lab, "QEMU refused " + command + ": " +
                                        reader.object("error").string_or("desc", "?"));
    return reader.raw("return");
}

void give_descriptor(const Domain& domain, const std::string& name, int fd) {
    monitor_command(domain, "getfd", {{"fdname", name}}, fd);
}

void ignore_shared_memory(const Domain& domain) {
    const Json capability = {{"capability", "x-ignore-shared"}, {"state", true}};
    monitor_command(domain, "migrate-set-capabilities",
                    {{"capabilities", Json::array({capability})}});
}

void wait_for_migration(const Domain& domain) {
    const Deadline deadline(migration_deadline);
    while (!deadline.passed()) {
        const Json answer = monitor_command(domain, "query-migrate");
        const JsonReader status(answer, where);
        const std::string state = status.string_or("status", "none");
        if (state == "completed") return;
        if (state == "failed" || state == "cancelled") fail_migration(status);
        std::this_thread::sleep_for(poll_interval);
    }
    throw Error(ErrorCode::timeout, "QEMU did not finish writing the machine's state");
}

void wait_for_incoming(const Domain& domain) {
    const Deadline deadline(migration_deadline);
    while (!deadline.passed()) {
        const Json answer = monitor_command(domain, "query-status");
        if (JsonReader(answer, where).string("status") != "inmigrate") {
            const Json migration = monitor_command(domain, "query-migrate");
            const JsonReader status(migration, where);
            if (status.string_or("status", "none") != "completed") fail_migration(status);
            return;
        }
        std::this_thread::sleep_for(poll_interval);
    }
    throw Error(ErrorCode::timeout, "QEMU did not finish reading the machine's state");
}

}  // namespace patchlab::virt
