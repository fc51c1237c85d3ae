// SPDX-License-Identifier: Apache-2.0
//
// What was rehearsed: each patch with its advisories and its packages, from which version to which.
#include <algorithm>

#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

constexpr std::size_t packages_listed = 300;
constexpr std::size_t advisories_shown = 12;

void labelled(Writer& out, const char* label, std::string_view value) {
    if (value.empty()) return;
    const auto pair = out.open("div");
    out.element("dt", label);
    const auto answer = out.open("dd");
    out.guest(value, 1000);
}

void write_advisories(Writer& out, const std::vector<std::string>& advisories) {
    if (advisories.empty()) return;
    const auto line = out.open("p", {{"class", "advisories"}});
    out.element("span", {{"class", "note"}}, "Fixes ");
    const std::size_t shown = std::min(advisories.size(), advisories_shown);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto tag = out.open("span", {{"class", "tag plain"}});
        out.guest(advisories[i], 60);
    }
    if (shown == advisories.size()) return;
    const auto more = out.open("details");
    out.element("summary", "and " + number_text(advisories.size() - shown) + " more");
    for (std::size_t i = shown; i < std::min<std::size_t>(advisories.size(), 1000); ++i) {
        const auto tag = out.open("span", {{"class", "tag plain"}});
        out.guest(advisories[i], 60);
    }
}

void version_cell(Writer& out, const char* label, const std::string& version,
                  const char* when_empty) {
    const auto cell =
        out.open("td", {{"role", "cell"}, {"class", "version"}, {"data-label", label}});
    if (version.empty()) out.element("em", when_empty);
    else out.guest_code(version, 120);
}

void write_package(Writer& out, const RunPackage& package) {
    const auto row = out.open("tr", {{"role", "row"}});
    {
        const auto cell = out.open("th", {{"scope", "row"}, {"role", "rowheader"}});
        out.guest(package.name, 120);
        if (package.prerequisite) out.element("span", {{"class", "tag plain"}}, "prerequisite");
    }
    version_cell(out, "From", package.from, "newly installed");
    version_cell(out, "To", package.to, "removed");
    {
        const auto cell = out.open("td", {{"role", "cell"}, {"data-label", "Origin"}});
        out.guest(package.origin.empty() ? "unknown" : package.origin, 120);
    }
    const auto cell = out.open("td", {{"role", "cell"}, {"data-label", "Old version kept"}});
    if (!package.old_available) out.text("\u2013");
    else out.text(*package.old_available ? "yes" : "no");
}

void write_packages(Writer& out, const std::vector<RunPackage>& packages) {
    const auto table = out.open("table", {{"class", "stack"}, {"role", "table"}});
    out.element("caption", "Packages of this patch");
    {
        const auto head = out.open("thead", {{"role", "rowgroup"}});
        const auto row = out.open("tr", {{"role", "row"}});
        for (const char* title : {"Package", "From", "To", "Origin", "Old version kept"})
            out.element("th", {{"scope", "col"}, {"role", "columnheader"}}, title);
    }
    const auto body = out.open("tbody", {{"role", "rowgroup"}});
    for (std::size_t i = 0; i < std::min(packages.size(), packages_listed); ++i)
        write_package(out, packages[i]);
}

void write_patch(Writer& out, const RunPatch& patch) {
    const auto card = out.open("div", {{"class", "card"}});
    {
        const auto title = out.open("h3");
        out.guest(patch.id, 200);
    }
    write_advisories(out, patch.advisories);
    {
        const auto facts = out.open("dl", {{"class", "pairs"}});
        labelled(out, "Urgency", patch.urgency);
        if (patch.bytes > 0) labelled(out, "Download", size_text(patch.bytes));
        std::string reboot = patch.reboot ? "needed" : "not needed";
        if (patch.reboot && !patch.reboot_why.empty()) reboot += ": " + patch.reboot_why;
        labelled(out, "Reboot", reboot);
    }
    write_packages(out, patch.packages);
    if (patch.packages.size() > packages_listed)
        out.element("p", {{"class", "note"}},
                    number_text(patch.packages.size() - packages_listed) +
                        " further packages are in run.json of the evidence.");
    if (patch.changelog.empty()) return;
    const auto box = out.open("details");
    out.element("summary", "What the vendor says");
    const auto pre = out.open("pre", {{"tabindex", "0"}});
    out.guest(patch.changelog, 16'000);
}

}  // namespace

void write_patches(Writer& out, const RunDocument& run) {
    const auto section = out.open("section", {{"aria-labelledby", "patch"}});
    out.element("h2", {{"id", "patch"}}, "What was rehearsed");
    if (run.patches.empty()) out.element("p", "No patch is named.");
    for (const RunPatch& patch : run.patches) write_patch(out, patch);
}

}  // namespace patchlab::reports::html
