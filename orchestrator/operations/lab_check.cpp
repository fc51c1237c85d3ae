// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/lab_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "platform/core/text.hpp"
#include "platform/core/yaml.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::operations {

namespace {

std::vector<std::string> names_of(const std::vector<images::Image>& images) {
    std::vector<std::string> names;
    for (const images::Image& image : images) names.push_back(image.name);
    return names;
}

/// A package of a suite, and where the suite says it.
struct Expected {
    std::string package;
    std::string path;
    int line = 0;
};

std::vector<Expected> packages_of(const pipeline::SuiteText& suite) {
    Diagnostics ignored;  // the suite's own mistakes are known by now
    const YamlDocument document = parse_yaml(suite.yaml, suite.file, ignored);
    const testsuites::Suite parsed = testsuites::parse_suite(suite.yaml, suite.file, ignored);
    std::vector<Expected> expected;
    for (std::size_t i = 0; ignored.ok() && i < parsed.checks.size(); ++i) {
        const auto* check = std::get_if<testsuites::PackageCheck>(&parsed.checks[i].body);
        if (check == nullptr || !check->installed) continue;
        const std::string path = "/checks/" + std::to_string(i) + "/package";
        expected.push_back({check->package, path, document.line_of(path)});
    }
    return expected;
}

/// Each suite is read once, for however many machines.
using ExpectedOfSuites = std::map<std::string, std::vector<Expected>>;

ExpectedOfSuites expected_of(const std::vector<pipeline::SuiteText>& suites) {
    ExpectedOfSuites all;
    for (const pipeline::SuiteText& suite : suites)
        if (!suite.yaml.empty()) all[suite.name] = packages_of(suite);
    return all;
}

void check_packages(const pipeline::SuiteText& suite, const std::vector<Expected>& expected,
                    const labdefs::Machine& machine, const images::Image& image,
                    Diagnostics& mistakes) {
    std::set<std::string> installed;
    for (const disk::InstalledPackage& package : image.os.packages) installed.insert(package.name);
    if (installed.empty()) return;  // nobody looked
    for (const Expected& one : expected)
        if (!installed.contains(one.package))
            mistakes.add(suite.file, one.line, one.path,
                         "image '" + image.name + "' of machine '" + machine.name +
                             "' has no package '" + one.package + "'" +
                             did_you_mean(one.package, {installed.begin(), installed.end()}));
}

}  // namespace

void check_against_images(const pipeline::StoredLab& lab, const std::filesystem::path& file,
                          images::ImageStore store, Diagnostics& mistakes) {
    const std::vector<images::Image> images = store.list();
    const ExpectedOfSuites expected = expected_of(lab.suites);
    for (const labdefs::Machine& machine : lab.lab.machines) {
        if (machine.image.empty()) continue;
        const auto image =
            std::find_if(images.begin(), images.end(),
                         [&](const images::Image& one) { return one.name == machine.image; });
        if (image == images.end()) {
            const std::string path = json_pointer("/machines", machine.name) + "/image";
            mistakes.add(file.string(), lab.lab.line_of(path), path,
                         "there is no image '" + machine.image + "'" +
                             did_you_mean(machine.image, names_of(images)));
            continue;
        }
        for (const pipeline::SuiteText& suite : lab.suites)
            if (!suite.yaml.empty() && std::find(machine.suites.begin(), machine.suites.end(),
                                                 suite.name) != machine.suites.end())
                check_packages(suite, expected.at(suite.name), machine, *image, mistakes);
    }
    mistakes.sort_by_line();
}

}  // namespace patchlab::operations
