// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "evidence_fixture.hpp"
#include "platform/core/error.hpp"
#include "reports/evidence.hpp"

namespace patchlab::reports {
namespace {

/// A broken manifest is thrown, everything else is listed; both are "found".
bool is_found_out(const std::filesystem::path& folder) {
    try {
        return !verify(folder).ok();
    } catch (const Error& error) {
        return error.code() == ErrorCode::invalid || error.code() == ErrorCode::not_found;
    }
}

/// One sealed folder for all cases, since sealing waits for the disk; each case puts back what it
/// changed.
const EvidenceFolder& sealed_folder() {
    static const EvidenceFolder folder;
    static const bool sealed = [] {
        folder.fill();
        std::string bytes;
        for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i * 7);
        folder.write("random", bytes);
        seal(folder.path());
        folder.make_writable();
        return true;
    }();
    (void)sealed;
    return folder;
}

RC_GTEST_PROP(EvidenceProperty, any_flipped_byte_of_any_file_is_found, ()) {
    const EvidenceFolder& folder = sealed_folder();
    const std::string file = *rc::gen::elementOf(folder.files());
    const std::string sealed = read_file(folder.path() / file);
    std::string bytes = sealed.empty() ? "x" : sealed;
    if (!sealed.empty()) {
        const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
        bytes[at] = static_cast<char>(bytes[at] ^ *rc::gen::inRange(1, 256));
    }
    folder.write(file, bytes);
    const bool found = is_found_out(folder.path());
    folder.write(file, sealed);
    RC_ASSERT(found);
    RC_ASSERT(verify(folder.path()).ok());
}

RC_GTEST_PROP(EvidenceProperty, any_added_removed_renamed_or_cut_file_is_found,
              (std::string added)) {
    const EvidenceFolder& folder = sealed_folder();
    const std::string file = *rc::gen::elementOf(folder.files());
    const std::string sealed = read_file(folder.path() / file);
    const auto path = folder.path() / file;
    const auto beside = folder.path() / "logs" / "added";
    switch (*rc::gen::inRange(0, 4)) {
        case 0: std::filesystem::remove(path); break;
        case 1: std::filesystem::rename(path, beside); break;
        case 2: folder.write("logs/added", added); break;
        default: std::filesystem::resize_file(path, sealed.empty() ? 1 : sealed.size() - 1); break;
    }
    const bool found = is_found_out(folder.path());
    std::filesystem::remove(beside);
    folder.write(file, sealed);
    RC_ASSERT(found);
    RC_ASSERT(verify(folder.path()).ok());
}

TEST(EvidenceBytes, whatever_names_and_bytes_were_sealed_are_intact) {
    const EvidenceFolder several;
    int n = 0;
    rc::check([&] {
        const auto name =
            *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', '{')));
        several.write("f/" + std::to_string(n++) + name.substr(0, 100),
                      *rc::gen::arbitrary<std::string>());
    });
    seal(several.path());
    EXPECT_TRUE(verify(several.path()).ok());
}

}  // namespace
}  // namespace patchlab::reports
