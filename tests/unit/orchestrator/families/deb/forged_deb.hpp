// SPDX-License-Identifier: Apache-2.0
//
// Packages written byte by byte, so that tests can make the ones no tool would make. Uncompressed
// tars.
#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace patchlab::test {

struct ForgedFile {
    std::string path;
    std::string content;
    char type = '0';  ///< tar type flag: '0' file, '1' hard link, '2' symlink, '5' directory
    std::string target = {};
    unsigned mode = 0644;
};

inline std::string tar_of(const std::vector<ForgedFile>& files) {
    std::string tar;
    for (const ForgedFile& file : files) {
        std::string header(512, '\0');
        const auto put = [&](std::size_t at, const std::string& text) {
            header.replace(at, text.size(), text);
        };
        char number[32];
        put(0, file.path.substr(0, 100));
        std::snprintf(number, sizeof number, "%07o", file.mode);
        put(100, number);
        put(108, "0000000");
        put(116, "0000000");
        std::snprintf(number, sizeof number, "%011zo", file.content.size());
        put(124, number);
        put(136, "00000000000");
        put(148, "        ");
        header[156] = file.type;
        put(157, file.target);
        put(257, std::string("ustar\0"
                             "00",
                             8));
        unsigned sum = 0;
        for (const char c : header) sum += static_cast<unsigned char>(c);
        std::snprintf(number, sizeof number, "%06o", sum);
        put(148, std::string(number) + '\0');
        tar += header + file.content;
        tar.resize((tar.size() + 511) / 512 * 512, '\0');
    }
    return tar + std::string(1024, '\0');
}

inline std::string ar_of(const std::vector<std::pair<std::string, std::string>>& members) {
    std::string ar = "!<arch>\n";
    for (const auto& [name, data] : members) {
        char header[80];
        std::snprintf(header, sizeof header, "%-16s%-12s%-6s%-6s%-8s%-10zu`\n", name.c_str(), "0",
                      "0", "0", "100644", data.size());
        ar += header + data;
        if (data.size() % 2) ar += '\n';
    }
    return ar;
}

inline std::string control_of(const std::string& name, const std::string& version,
                              const std::string& more = "") {
    return "Package: " + name + "\nVersion: " + version +
           "\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\n" + more +
           "Description: a test\n with a second line\n";
}

inline std::string deb_of(const std::string& control, const std::vector<ForgedFile>& data,
                          std::vector<ForgedFile> control_files = {}) {
    control_files.insert(control_files.begin(), {"./control", control});
    return ar_of({{"debian-binary", "2.0\n"},
                  {"control.tar", tar_of(control_files)},
                  {"data.tar", tar_of(data)}});
}

inline std::filesystem::path write_deb(const std::filesystem::path& file,
                                       const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
}

}  // namespace patchlab::test
