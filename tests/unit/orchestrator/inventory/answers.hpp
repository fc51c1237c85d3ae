// SPDX-License-Identifier: Apache-2.0
//
// What hosts answer, as guest/look.sh writes it.
#pragma once

#include <string>
#include <vector>

namespace patchlab::inventory::tests {

inline std::string package_line(const std::string& name, const std::string& version,
                                const std::string& architecture = "amd64",
                                const std::string& format = "deb",
                                const std::string& state = "installed") {
    return R"({"kind":"package","format":")" + format + R"(","name":")" + name +
           R"(","architecture":")" + architecture + R"(","version":")" + version +
           R"(","state":")" + state + "\"}";
}

inline std::string fact_line(const std::string& name, const std::string& value) {
    return R"({"kind":"fact","name":")" + name + R"(","value":")" + value + "\"}";
}

/// A whole answer with these lines besides the facts that every host tells.
inline std::string answer(const std::vector<std::string>& lines) {
    std::vector<std::string> all{
        fact_line("os", "debian"),
        fact_line("os-version", "12"),
        fact_line("os-name", "Debian GNU/Linux 12 (bookworm)"),
        fact_line("kernel", "6.1.0-32-amd64"),
        fact_line("kernel-build", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06)"),
        fact_line("architecture", "x86_64"),
        fact_line("memory-kib", "2048000"),
        fact_line("boot-id", "b-1"),
        fact_line("machine-id", "m-1"),
        fact_line("image", ""),
        fact_line("uptime-seconds", "60")};
    all.insert(all.end(), lines.begin(), lines.end());
    std::string text = "patchlab scan 1\n";
    for (const std::string& line : all) text += line + "\n";
    return text + R"({"kind":"end","complete":"yes","lines":")" + std::to_string(all.size() + 1) +
           "\"}\n";
}

/// answer() of a host that needs no reboot.
inline std::string calm_answer(std::vector<std::string> lines) {
    lines.push_back(fact_line("reboot-required", "no"));
    return answer(lines);
}

}  // namespace patchlab::inventory::tests
