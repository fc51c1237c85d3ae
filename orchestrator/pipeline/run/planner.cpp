// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/planner.hpp"

#include <algorithm>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/pipeline/stages/packages.hpp"
#include "platform/core/error.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::pipeline {

RunPlan plan_lab(const StoredLab& stored, images::ImageStore& images, const Backend& backend,
                 const std::vector<std::string>& extra_suites) {
    RunPlan plan;
    plan.request.lab = stored.lab;
    plan.request.extra_suites = extra_suites;
    plan.suites = stored.suites;
    for (const std::string& suite : extra_suites) {
        const auto known = [&](const SuiteText& s) { return s.name == suite; };
        if (std::none_of(plan.suites.begin(), plan.suites.end(), known)) {
            testsuites::builtin_suite(suite);  // Error(not_found) when there is none
            plan.suites.push_back({suite, "", ""});
        }
    }
    if (!stored.lab.networks.empty() && !backend.isolated_network)
        throw Error(
            ErrorCode::lab,
            "lab '" + stored.lab.name +
                "' has networks, but this host gives a run no network of its own",
            "run patchlab as root on a host with network namespaces (see: patchlab doctor)");
    for (const labdefs::Machine& definition : stored.lab.machines) {
        const auto image = images.find(definition.image);
        if (!image)
            throw Error(ErrorCode::not_found,
                        "machine '" + definition.name + "' needs image '" + definition.image +
                            "', which is not here",
                        "make it: patchlab image build " + definition.image +
                            " --suite … --package …  (or image import)");
        if (!image->os.guest_agent)
            throw Error(
                ErrorCode::invalid,
                "image '" + definition.image + "' of machine '" + definition.name +
                    "' has no QEMU guest agent",
                "install qemu-guest-agent on the machine it was taken from, and import it again");
        MachineRequest machine;
        machine.definition = definition;
        machine.image_digest = image->digest;
        machine.image_file = image->file;
        machine.os = image->os.product;
        machine.family = images::family_of(*image);
        machine.uefi = image->os.boot_mode == "uefi";
        for (const SuiteText& suite : plan.suites) {
            const bool wanted =
                std::count(definition.suites.begin(), definition.suites.end(), suite.name) +
                    std::count(extra_suites.begin(), extra_suites.end(), suite.name) >
                0;
            if (!wanted) continue;
            Diagnostics diagnostics;
            machine.suites.push_back(
                suite.yaml.empty() ? testsuites::builtin_suite(suite.name)
                                   : testsuites::parse_suite(suite.yaml, suite.file, diagnostics));
            diagnostics.throw_if_any("suite " + suite.name);
        }
        plan.request.machines.push_back(std::move(machine));
    }
    return plan;
}

namespace {

InstalledPackages packages_of(const images::Image& image) {
    InstalledPackages installed;
    for (const disk::InstalledPackage& package : image.os.packages)
        installed[package.name] = package.version;
    return installed;
}

/// None of its packages fits any of the machines.
bool is_of_another_release(const intake::Patch& patch,
                           const std::vector<InstalledPackages>& machines) {
    const families::PackageFamily& family = families::family(patch.kind);
    return std::none_of(
        patch.packages.begin(), patch.packages.end(), [&](const intake::PatchPackage& package) {
            return std::any_of(machines.begin(), machines.end(), [&](const InstalledPackages& m) {
                return family.fits_system(package.name, package.to, m);
            });
        });
}

/// Error(invalid) when no machine has an architecture that a package of the patch is for.
void require_architecture(const intake::Patch& patch, const RunPlan& plan,
                          images::ImageStore& images) {
    const families::PackageFamily& family = families::family(patch.kind);
    std::vector<std::string> there;
    for (const MachineRequest& machine : plan.request.machines)
        if (const images::Image image = images.get(machine.definition.image);
            !image.os.architecture.empty())
            there.push_back(family.architecture_of_machine(image.os.architecture));
    for (const intake::PatchPackage& package : patch.packages) {
        const bool fits =
            there.empty() || package.architecture.empty() ||
            std::any_of(there.begin(), there.end(), [&](const std::string& architecture) {
                return family.same_architecture(package.architecture, architecture);
            });
        if (!fits && !package.prerequisite)
            throw Error(ErrorCode::invalid, "patch " + patch.id + " is for " +
                                                package.architecture + ", the machines of lab '" +
                                                plan.request.lab.name + "' are " + there.front());
    }
}

}  // namespace

void plan_patches(RunPlan& plan, const std::vector<intake::Patch>& patches,
                  images::ImageStore& images, bool allow_downgrade) {
    std::vector<InstalledPackages> machines;
    for (const MachineRequest& machine : plan.request.machines)
        machines.push_back(packages_of(images.get(machine.definition.image)));
    for (const intake::Patch& patch : patches) {
        const families::PackageFamily& family = families::family(patch.kind);
        require_architecture(patch, plan, images);
        std::size_t work = 0;
        for (const InstalledPackages& machine : machines)
            for (const ExpectedPackage& package : packages_for({patch}, machine, machines)) {
                ++work;
                if (!package.from.empty() && !allow_downgrade &&
                    family.compare_versions(package.version, package.from) < 0)
                    throw Error(ErrorCode::invalid,
                                "patch " + patch.id + " would take " + package.name +
                                    " back from " + package.from + " to " + package.version,
                                "if that is meant: --allow-downgrade");
            }
        if (work == 0 && is_of_another_release(patch, machines))
            throw Error(ErrorCode::invalid,
                        "patch " + patch.id + " is for another release than the machines of lab '" +
                            plan.request.lab.name + "'",
                        "see what is pending: patchlab patch fetch --lab " + plan.request.lab.name);
        if (work == 0)
            throw Error(ErrorCode::invalid,
                        "patch " + patch.id + " has nothing to do in lab '" +
                            plan.request.lab.name + "': its packages are at their versions already",
                        "see what is pending: patchlab patch fetch --lab " + plan.request.lab.name);
    }
    plan.request.patches = patches;
    plan.request.allow_downgrade = allow_downgrade;
}

}  // namespace patchlab::pipeline
