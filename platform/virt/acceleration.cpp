// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/acceleration.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"

namespace patchlab::virt {

namespace {

constexpr const char* schema =
    "patchlab/acceleration/v3";  // older answers took too little for proof
constexpr Seconds sector_deadline(
    6);  // KVM that works answers in 1.2 s; firmware under load may need a few seconds
constexpr Seconds kernel_deadline(20);  // and takes 2 s to the end of an ordinary kernel's boot
constexpr int proof = 0x2a;             // isa-debug-exit ends QEMU with (value << 1) | 1

std::string boot_id() {
    auto text = read_file_if_any("/proc/sys/kernel/random/boot_id", 100).value_or("unknown");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::optional<AccelerationProbe> remembered(const std::filesystem::path& file,
                                            const std::string& boot) {
    try {
        const Json document = read_json(file, 4096);
        const JsonReader reader(document, file.string());
        reader.expect_schema(schema);
        if (reader.string("boot") != boot) return std::nullopt;
        const bool kvm = reader.string("acceleration") == "kvm";
        return AccelerationProbe{kvm ? Acceleration::kvm : Acceleration::tcg,
                                 reader.string("reason")};
    } catch (const Error&) {
        return std::nullopt;  // not there or damaged: probe again
    }
}

process::CommandSpec probe_command(std::vector<std::string> guest, Seconds deadline) {
    process::CommandSpec spec;
    spec.program = "qemu-system-x86_64";
    spec.args = {
        "-accel",    "kvm",  "-machine", "pc",       "-cpu", "host",        "-m",
        "256",       "-smp", "2",        "-display", "none", "-nodefaults", "-no-user-config",
        "-no-reboot"};
    spec.args.insert(spec.args.end(), guest.begin(), guest.end());
    spec.purpose = "probing hardware acceleration";
    spec.deadline = deadline;
    return spec;
}

/// The kernel of this host that libguestfs uses too; nullopt when none can be read.
std::optional<std::filesystem::path> any_kernel() {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/boot", error))
        if (entry.path().filename().string().rfind("vmlinuz-", 0) == 0 &&
            ::access(entry.path().c_str(), R_OK) == 0)
            return entry.path();
    return std::nullopt;
}

AccelerationProbe no_kvm(const process::CommandResult& result, const std::string& what) {
    if (result.timed_out)
        return {Acceleration::tcg,
                "/dev/kvm is there, but " + what + " under it does not run (it hung)"};
    const std::string why = result.err.substr(0, result.err.find('\n')).substr(0, 200);
    return {Acceleration::tcg,
            "/dev/kvm is there, but QEMU cannot use it" + (why.empty() ? "" : ": " + why)};
}

/// First a boot sector, which a broken KVM mostly hangs on at once. But such a KVM has been seen to
/// run one, and more often at a high priority, and then to hang on every kernel; so an ordinary
/// kernel must run to its end too (it finds no disk and panics, as asked).
AccelerationProbe run_guest(process::CommandRunner& commands, const std::filesystem::path& folder) {
    const TempFolder work(folder, "probe");
    const auto sector = work.path() / "sector.img";
    write_file_atomic(sector, probe_boot_sector());
    const auto small = commands.run(
        probe_command({"-drive", "file=" + sector.string() + ",format=raw,if=virtio,snapshot=on",
                       "-device", "isa-debug-exit,iobase=0x501,iosize=1"},
                      sector_deadline));
    if (small.exit_code != ((proof << 1) | 1)) return no_kvm(small, "a guest");
    const auto kernel = any_kernel();
    if (!kernel)
        return {Acceleration::kvm,
                "a small guest ran under KVM (no kernel in /boot to try a real one with)"};
    const auto real = commands.run(probe_command(
        {"-kernel", kernel->string(), "-append", "console=ttyS0 panic=-1", "-serial", "stdio"},
        kernel_deadline));
    if (real.exit_code != 0 || real.out.find("Linux version") == std::string::npos)
        return no_kvm(real, "a kernel");
    return {Acceleration::kvm, "a kernel ran under KVM"};
}

}  // namespace

std::string probe_boot_sector() {
    // 16-bit code, placed at 0x7c00 by the firmware: sleeps through a second of timer interrupts
    // (18 ticks of the firmware's counter at 0x46c), then says so. Interrupts are what a broken KVM
    // loses.
    static constexpr unsigned char code[] = {
        0xfb,                     // sti
        0x31, 0xc0,  0x8e, 0xd8,  // ds = 0
        0x8b, 0x1e,  0x6c, 0x04,  // bx = ticks
        0x83, 0xc3,  0x12,        // bx += 18
        0xf4,                     // sleep: hlt
        0x8b, 0x0e,  0x6c, 0x04,  // cx = ticks
        0x39, 0xd9,  0x72, 0xf7,  // until cx >= bx
        0xba, 0x01,  0x05,        // dx = 0x501, isa-debug-exit
        0xb0, proof, 0xee,        // out dx, proof
        0xf4, 0xeb,  0xfd         // for ever: hlt
    };
    std::string sector(reinterpret_cast<const char*>(code), sizeof code);
    sector.resize(510, '\0');
    sector += "\x55\xaa";
    sector.resize(1U << 20, '\0');  // firmware does not boot from a virtio disk of one sector
    return sector;
}

AccelerationProbe probe_acceleration(process::CommandRunner& commands,
                                     const std::filesystem::path& cache_folder) {
    if (const char* wanted = std::getenv("PATCHLAB_ACCELERATION")) {
        const std::string text = wanted;
        if (text == "kvm") return {Acceleration::kvm, "PATCHLAB_ACCELERATION says so"};
        if (text == "tcg") return {Acceleration::tcg, "PATCHLAB_ACCELERATION says so"};
        throw Error(ErrorCode::invalid,
                    "PATCHLAB_ACCELERATION is '" + text + "'; it may be 'kvm' or 'tcg'");
    }
    if (::access("/dev/kvm", F_OK) != 0) return {Acceleration::tcg, "this host has no /dev/kvm"};
    if (::access("/dev/kvm", R_OK | W_OK) != 0)
        return {Acceleration::tcg, "/dev/kvm may not be used by this user"};
    make_folder(cache_folder, 0755);
    const auto file = cache_folder / "acceleration.json";
    const std::string boot = boot_id();
    if (auto known = remembered(file, boot)) return *known;
    AccelerationProbe probe = run_guest(commands, cache_folder);
    write_json(file, {{"schema", schema},
                      {"boot", boot},
                      {"acceleration", name(probe.acceleration)},
                      {"reason", probe.reason}});
    return probe;
}

namespace {

/// The value of the first line with this key.
std::string cpuinfo_value(std::string_view cpuinfo, std::string_view key) {
    for (const std::string_view line : split_lines(cpuinfo)) {
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == key)
            return printable(trimmed(line.substr(colon + 1)), 100);
    }
    return {};
}

}  // namespace

std::string processor_model(std::string_view cpuinfo) {
    const std::string model = cpuinfo_value(cpuinfo, "model name");
    if (model.empty()) return "unknown processor";
    return model + " (" + cpuinfo_value(cpuinfo, "cpu family") + "/" +
           cpuinfo_value(cpuinfo, "model") + "/" + cpuinfo_value(cpuinfo, "stepping") + ")";
}

}  // namespace patchlab::virt
