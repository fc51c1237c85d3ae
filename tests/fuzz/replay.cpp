// SPDX-License-Identifier: Apache-2.0
//
// fuzz_replay TARGET FOLDER: gives every file of the folder to the target, and mutations of it that
// are the same each time: cut off, bytes changed, repeated, spliced with the next file. It finds
// what once was found again; finding more is libFuzzer's work (./check --fuzz).
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#define FUZZ_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);
struct Entry {
    const char* name;
    Target run;
};
constexpr Entry targets[] = {
#define FUZZ_TARGET(name) {#name, fuzz_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
};

constexpr int mutations_of_each = 40;
constexpr std::size_t longest = 64U << 10;

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void give(Target target, const std::string& input) {
    target(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutated(std::string text, const std::string& other, std::mt19937& random) {
    const auto below = [&](std::size_t end) { return end == 0 ? 0 : random() % end; };
    for (std::size_t change = 0; change <= below(4); ++change) {
        const std::size_t at = below(text.size());
        switch (random() % 5) {
            case 0: text.resize(at); break;
            case 1:
                if (!text.empty()) text[at] = static_cast<char>(random());
                break;
            case 2: text.insert(at, text.substr(at, below(200))); break;
            case 3: text.erase(at, below(50)); break;
            default: text.insert(at, other.substr(below(other.size()), below(200)));
        }
        if (text.size() > longest) text.resize(longest);
    }
    return text;
}

int replay(const Entry& entry, const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(folder))
        if (file.is_regular_file()) files.push_back(file.path());
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        std::cerr << "fuzz_replay: there are no seeds in " << folder << "\n";
        return 2;
    }
    for (std::size_t number = 0; number < files.size(); ++number) {
        std::cout << files[number].filename().string() << std::endl;  // the last one is the culprit
        const std::string text = content_of(files[number]);
        const std::string other = content_of(files[(number + 1) % files.size()]);
        std::mt19937 random(static_cast<std::uint32_t>(number));
        give(entry.run, text);
        for (int i = 0; i < mutations_of_each; ++i) give(entry.run, mutated(text, other, random));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto* const found =
        argc == 3
            ? std::find_if(std::begin(targets), std::end(targets),
                           [&](const Entry& entry) { return argv[1] == std::string(entry.name); })
            : std::end(targets);
    if (found == std::end(targets)) {
        std::cerr << "usage: fuzz_replay TARGET FOLDER\n";
        return 2;
    }
    return replay(*found, argv[2]);
}
