// SPDX-License-Identifier: Apache-2.0
//
// What became of the machine when the installation was hit by a fault on purpose.
#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

const char* words_of(const std::string& fault) {
    if (fault == "power-cut") return "A power cut while the first package was unpacked";
    if (fault == "disk-full") return "A full disk during the installation";
    if (fault == "second-reboot") return "Two reboots after the installation";
    return nullptr;
}

void write_fault(Writer& out, const RunFault& fault) {
    const bool good = fault.came_back && fault.installed && fault.broken_checks.empty();
    const auto item = out.open("li", {{"class", good ? "good" : "bad"}});
    out.element("span", {{"class", good ? "outcome good" : "outcome bad"}},
                good ? "\u2713" : "\u2715");
    const auto strong = [&] {
        const auto title = out.open("strong");
        if (const char* words = words_of(fault.fault)) out.text(words);
        else out.guest(fault.fault, 100);
        out.text(", on ");
        out.guest(fault.machine, 100);
    };
    strong();
    if (!fault.came_back) out.text(": the machine did not come back.");
    else if (!fault.installed)
        out.text(": the machine came back, but the packages could not be brought in order.");
    else if (!fault.broken_checks.empty())
        out.text(": " + number_text(fault.broken_checks.size()) + " checks do not pass any more.");
    else
        out.text(
            fault.consistent
                ? ": the machine works; nothing was left half installed."
                : ": the machine works; packages were left half installed and had to be mended.");
    out.text(" It took " + duration_text(fault.seconds) + ".");
    if (fault.had_to_do.empty() && fault.detail.empty()) return;
    const auto box = out.open("div", {{"class", "detail"}});
    for (std::size_t i = 0; i < fault.had_to_do.size(); ++i) {
        out.text(i == 0 ? "Had to be done: " : ", then ");
        out.guest(fault.had_to_do[i], 300);
    }
    if (!fault.had_to_do.empty()) out.text(". ");
    out.guest(fault.detail, 1000);
}

}  // namespace

void write_faults(Writer& out, const RunDocument& run) {
    if (run.faults.empty()) return;
    const auto section = out.open("section", {{"aria-labelledby", "faults"}});
    out.element("h2", {{"id", "faults"}}, "Faults during the installation");
    const auto list = out.open("ul", {{"class", "practised"}});
    for (const RunFault& fault : run.faults) write_fault(out, fault);
}

}  // namespace patchlab::reports::html
