// SPDX-License-Identifier: Apache-2.0
//
// The machines of the lab: what they were made from, the kernel before and after, and whether a
// reboot is proven.
#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

/// A change of the boot id is the proof; a claim without it is said to be a claim.
std::string reboot_words(const RunMachine& machine) {
    const bool known = !machine.boot_id_before.empty() && !machine.boot_id_after.empty();
    if (known && machine.boot_id_before != machine.boot_id_after)
        return "yes, proven by a new boot id";
    if (!machine.rebooted) return known ? "no: the boot id is the same" : "unknown";
    if (!*machine.rebooted) return "not needed";
    return known ? "no: the boot id is the same" : "yes, but no boot id proves it";
}

void cell(Writer& out, const char* label, const std::string& value, std::size_t max_bytes = 300) {
    const auto box =
        out.open("td", {{"role", "cell"},
                        {"class", label == std::string_view("Restarted") ? "version" : ""},
                        {"data-label", label}});
    out.guest(value.empty() ? "\u2013" : value, max_bytes);
}

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
    return text;
}

void write_machine(Writer& out, const RunMachine& machine) {
    const auto row = out.open("tr", {{"role", "row"}});
    {
        const auto box = out.open("th", {{"scope", "row"}, {"role", "rowheader"}});
        out.guest(machine.name, 100);
        const auto detail = out.open("div", {{"class", "detail"}});
        out.guest(machine.criticality, 60);
    }
    {
        const auto box = out.open("td", {{"role", "cell"}, {"data-label", "Image"}});
        out.guest(machine.image, 100);
        const auto detail = out.open("div", {{"class", "detail"}});
        out.guest(machine.os, 100);
        if (!machine.image_digest.empty()) {
            out.text(" ");
            out.guest_code(machine.image_digest.substr(
                0, machine.image_digest.starts_with("sha256:") ? 19 : 12));
        }
    }
    cell(out, "Kernel before", machine.kernel_before);
    cell(out, "Kernel after", machine.kernel_after);
    cell(out, "Rebooted", reboot_words(machine));
    cell(out, "Restarted", joined(machine.restarted));
}

}  // namespace

void write_machines(Writer& out, const RunDocument& run) {
    if (run.machines.empty()) return;
    const auto section = out.open("section", {{"aria-labelledby", "machines"}});
    out.element("h2", {{"id", "machines"}}, "Machines");
    const auto table = out.open("table", {{"class", "stack"}, {"role", "table"}});
    out.element("caption", "Machines of the lab");
    {
        const auto head = out.open("thead", {{"role", "rowgroup"}});
        const auto row = out.open("tr", {{"role", "row"}});
        for (const char* title :
             {"Machine", "Image", "Kernel before", "Kernel after", "Rebooted", "Restarted"})
            out.element("th", {{"scope", "col"}, {"role", "columnheader"}}, title);
    }
    const auto body = out.open("tbody", {{"role", "rowgroup"}});
    for (const RunMachine& machine : run.machines) write_machine(out, machine);
}

}  // namespace patchlab::reports::html
