// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/monitor.hpp"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"

namespace patchlab::virt {

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
