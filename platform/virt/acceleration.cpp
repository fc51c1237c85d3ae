// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/acceleration.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::virt {

namespace {

constexpr const char* schema = "patchlab/acceleration/v1";
constexpr Seconds probe_deadline(6);  // KVM that works answers in 0.2 s; firmware under load may need a few seconds
constexpr int proof = 0x2a;           // isa-debug-exit ends QEMU with (value << 1) | 1

std::string boot_id() {
    auto text = read_file_if_any("/proc/sys/kernel/random/boot_id", 100).value_or("unknown");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::optional<AccelerationProbe> remembered(const std::filesystem::path& file, const std::string& boot) {
    try {
        const Json document = read_json(file, 4096);
        const JsonReader reader(document, file.string());
        reader.expect_schema(schema);
        if (reader.string("boot") != boot) return std::nullopt;
        const bool kvm = reader.string("acceleration") == "kvm";
        return AccelerationProbe{kvm ? Acceleration::kvm : Acceleration::tcg, reader.string("reason")};
    } catch (const Error&) {
        return std::nullopt;  // not there or damaged: probe again
    }
}

AccelerationProbe run_guest(process::CommandRunner& commands, const std::filesystem::path& folder) {
    const TempFolder work(folder, "probe");
    const auto sector = work.path() / "sector.img";
    write_file_atomic(sector, probe_boot_sector());
    process::CommandSpec spec;
    spec.program = "qemu-system-x86_64";
    spec.args = {"-accel", "kvm", "-machine", "pc", "-cpu", "host", "-m", "16", "-display", "none", "-nodefaults", "-no-user-config",
                 "-no-reboot", "-drive", "file=" + sector.string() + ",format=raw,if=ide,readonly=off,snapshot=on",
                 "-device", "isa-debug-exit,iobase=0x501,iosize=1"};
    spec.purpose = "probing hardware acceleration";
    spec.deadline = probe_deadline;
    const process::CommandResult result = commands.run(spec);
    if (result.exit_code == ((proof << 1) | 1)) return {Acceleration::kvm, "a guest ran under KVM"};
    if (result.timed_out) return {Acceleration::tcg, "/dev/kvm is there, but a guest under it does not run (it hung)"};
    std::string why = result.err.substr(0, result.err.find('\n')).substr(0, 200);
    return {Acceleration::tcg, "/dev/kvm is there, but QEMU cannot use it" + (why.empty() ? "" : ": " + why)};
}

}  // namespace

std::string probe_boot_sector() {
    // 16-bit code: mov dx, 0x501; mov al, proof; out dx, al; then halt for ever
    std::string sector = {'\xba', '\x01', '\x05', '\xb0', static_cast<char>(proof), '\xee', '\xf4', '\xeb', '\xfd'};
    sector.resize(510, '\0');
    sector += "\x55\xaa";
    return sector;
}

AccelerationProbe probe_acceleration(process::CommandRunner& commands, const std::filesystem::path& cache_folder) {
    if (const char* wanted = std::getenv("PATCHLAB_ACCELERATION")) {
        const std::string text = wanted;
        if (text == "kvm") return {Acceleration::kvm, "PATCHLAB_ACCELERATION says so"};
        if (text == "tcg") return {Acceleration::tcg, "PATCHLAB_ACCELERATION says so"};
        throw Error(ErrorCode::invalid, "PATCHLAB_ACCELERATION is '" + text + "'; it may be 'kvm' or 'tcg'");
    }
    if (::access("/dev/kvm", F_OK) != 0) return {Acceleration::tcg, "this host has no /dev/kvm"};
    if (::access("/dev/kvm", R_OK | W_OK) != 0) return {Acceleration::tcg, "/dev/kvm may not be used by this user"};
    make_folder(cache_folder, 0755);
    const auto file = cache_folder / "acceleration.json";
    const std::string boot = boot_id();
    if (auto known = remembered(file, boot)) return *known;
    AccelerationProbe probe = run_guest(commands, cache_folder);
    write_json(file, {{"schema", schema}, {"boot", boot}, {"acceleration", name(probe.acceleration)}, {"reason", probe.reason}});
    return probe;
}

}  // namespace patchlab::virt
