// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/dependent_suites.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/images/dependents.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::operations {

namespace {

/// One machine, as far as it matters here.
struct MachinePackages {
    std::string name;
    std::set<std::string> installed, changed;
    std::map<std::string, std::string> dependents;
};

MachinePackages packages_of_machine(const labdefs::Machine& machine, images::ImageStore& images,
                                    const std::vector<intake::Patch>& patches) {
    const images::Image image = images.get(machine.image);
    MachinePackages out;
    out.name = machine.name;
    for (const disk::InstalledPackage& package : image.os.packages)
        out.installed.insert(package.name);
    for (const intake::Patch& patch : patches)
        for (const intake::PatchPackage& package : patch.packages)
            if (out.installed.contains(package.name)) out.changed.insert(package.name);
    if (images::family_of(image) == "deb" && !out.changed.empty())
        out.dependents = images::dependents_of(images.package_database(image), out.changed);
    return out;
}

/// The first installed package that the suite covers; those that the patch concerns come first.
std::string covered_package(const std::vector<std::string>& covers, const MachinePackages& machine,
                            bool concerned) {
    for (const std::string& package : machine.installed) {
        const bool counts =
            machine.changed.contains(package) || machine.dependents.contains(package);
        if ((!concerned || counts) &&
            std::any_of(covers.begin(), covers.end(), [&](const std::string& one) {
                return package == one || package.starts_with(one + "-");
            }))
            return package;
    }
    return "";
}

std::string reason_for(const std::string& package, const MachinePackages& machine) {
    const std::string where = package + " on machine '" + machine.name + "' ";
    const auto through = machine.dependents.find(package);
    return through == machine.dependents.end() ? where + "is changed"
                                               : where + "depends on " + through->second;
}

}  // namespace

std::vector<DependentSuite> suites_of_dependents(const pipeline::StoredLab& lab,
                                                 images::ImageStore& images,
                                                 const std::vector<intake::Patch>& patches,
                                                 std::vector<DependentSuite>& left_out) {
    std::map<std::string, std::string> texts;  // YAML by name
    for (const std::string& name : testsuites::builtin_suite_names())
        texts[name] = testsuites::builtin_suite_source(name);
    for (const pipeline::SuiteText& own : lab.suites)
        if (!own.yaml.empty()) texts[own.name] = own.yaml;
    std::vector<MachinePackages> machines;
    for (const labdefs::Machine& machine : lab.lab.machines) {
        for (const std::string& has : machine.suites) texts.erase(has);
        machines.push_back(packages_of_machine(machine, images, patches));
    }
    std::vector<DependentSuite> chosen;
    for (const auto& [name, yaml] : texts) {
        const std::vector<std::string> covers = testsuites::packages_covered(yaml, name);
        std::string why, lacks;
        for (const MachinePackages& machine : machines) {
            const std::string concerned = covered_package(covers, machine, true);
            if (!concerned.empty() && why.empty()) why = reason_for(concerned, machine);
            if (covered_package(covers, machine, false).empty()) lacks = machine.name;
        }
        if (why.empty()) continue;
        if (lacks.empty()) chosen.push_back({name, why});
        else left_out.push_back({name, why + ", but machine '" + lacks + "' has nothing of it"});
    }
    return chosen;
}

}  // namespace patchlab::operations
