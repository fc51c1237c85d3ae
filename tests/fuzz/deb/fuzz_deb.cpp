// SPDX-License-Identifier: Apache-2.0
//
// Any bytes given as a package: read, or refused with Error(invalid); never a crash, never another
// exception, never a path out of the root. The first byte chooses where the bytes go: a whole .deb,
// or the control or data archive of an otherwise sound one.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "orchestrator/families/deb/family.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/families/deb/forged_deb.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchlab;
    using namespace patchlab::families;
    using namespace patchlab::families::deb;
    if (size == 0) return 0;
    const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    static const std::string control = test::tar_of({{"./control", test::control_of("aa", "1")}});
    std::string deb = bytes;
    if (data[0] % 4 == 1)
        deb = test::ar_of(
            {{"debian-binary", "2.0\n"}, {"control.tar", bytes}, {"data.tar", test::tar_of({})}});
    if (data[0] % 4 == 2)
        deb = test::ar_of(
            {{"debian-binary", "2.0\n"}, {"control.tar", control}, {"data.tar", bytes}});
    if (data[0] % 4 == 3)
        deb = test::deb_of(bytes, {{"./x", "x"}}, {{"./conffiles", bytes}, {"./triggers", bytes}});
    try {
        const PackageContents read = read_deb(deb, "fuzz", [](std::string_view) { return true; });
        for (const PackagedFile& file : read.facts.files)
            if (file.path[0] != '/' || (file.path + "/").find("/../") != std::string::npos)
                std::abort();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) std::abort();
    }
    return 0;
}
