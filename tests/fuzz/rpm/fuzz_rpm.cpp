// SPDX-License-Identifier: Apache-2.0
//
// Any bytes given as a package, as a package database, or as part of a sound package: read, or
// refused with Error(invalid); never a crash, never another exception, never a path out of the
// root. The first byte chooses where the bytes go.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/families/rpm/forged_rpm.hpp"

namespace {

using namespace patchlab;
using namespace patchlab::families;
using namespace patchlab::families::rpm;

void read_package(const std::string& bytes) {
    const PackageContents read = read_rpm(
        bytes, "fuzz", [](std::string_view) { return true; }, Contents::digested);
    for (const PackagedFile& file : read.facts.files)
        if (file.path[0] != '/' || (file.path + "/").find("/../") != std::string::npos)
            std::abort();
    const auto index =
        rpm::disk_index({{read.facts, "fuzz.rpm", bytes.size(), std::string(64, '0')}});
    if (index.empty() || index[0].name != "repodata/repomd.xml") std::abort();
    rpm::notes_of({read}, read.facts.source, "");
}

void try_one(std::uint8_t where, const std::string& bytes) {
    if (where % 4 == 0) read_package(bytes);
    if (where % 4 == 1) read_package(test::rpm_of(bytes, test::cpio_of({})));
    if (where % 4 == 2) {
        test::HeaderMaker header = test::named_header("aa", "1", "1");
        test::list_files(header, {{"/usr/bin/aa", "x"}, {"/etc/aa", "", 0040755}});
        read_package(test::rpm_of(header.bytes(), bytes));
    }
    if (where % 4 == 3) architecture_of_system({"fuzz", bytes});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    try {
        try_one(data[0], std::string(reinterpret_cast<const char*>(data + 1), size - 1));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) std::abort();
    }
    return 0;
}
