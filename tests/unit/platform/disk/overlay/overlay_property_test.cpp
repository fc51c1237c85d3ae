// SPDX-License-Identifier: Apache-2.0
//
// Fast = slow: on random changes the comparison guided by blocks says exactly what a walk of
// everything says.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/unit/platform/disk/overlay/volumes.hpp"

namespace patchlab::disk::testing {
namespace {

/// Paths that exist at first, that do not, and that other changes may make or take away.
rc::Gen<std::string> path() {
    return rc::gen::elementOf(std::vector<std::string>{"/etc/passwd",
                                                       "/etc/fstab",
                                                       "/bin/tool",
                                                       "/bin/same-tool",
                                                       "/var/log/messages",
                                                       "/var/lib/deep/er/file",
                                                       "/big",
                                                       "/empty",
                                                       "/caf\xc3\xa9",
                                                       "/bytes\xff\xfe",
                                                       "/many/f3",
                                                       "/many/f17",
                                                       "/etc/short",
                                                       "/etc/long",
                                                       "/new",
                                                       "/etc/new2",
                                                       "/var/new3",
                                                       "/\xc3\xbc\xf0\x9f\x90\xa7",
                                                       "/many/\xfe\xfd",
                                                       "/var/lib/deep/new4"});
}
rc::Gen<std::string> folder() {
    return rc::gen::elementOf(std::vector<std::string>{"/etc", "/bin", "/var/lib/deep", "/var/log",
                                                       "/many", "/moved", "/var/made", "/made"});
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

rc::Gen<std::vector<std::string>> mutation(const std::filesystem::path& host) {
    using Lines = std::vector<std::string>;
    return rc::gen::mapcat(rc::gen::inRange(0, 17), [host](int kind) {
        return rc::gen::apply(
            [kind, host](const std::string& a, const std::string& b, const std::string& d,
                         const std::string& e, int n) -> Lines {
                const std::string file = (host / ("data" + std::to_string(n % 4))).string();
                switch (kind) {
                    case 0: return {"write " + file + " " + quoted(a)};
                    case 1: return {"rm " + quoted(a)};
                    case 2: return {"rm " + quoted(a), "write " + file + " " + quoted(a)};
                    case 3:
                        return {"ln " + quoted(a) + " " + quoted(b),
                                "unlink " + quoted(a)};  // rename
                    case 4:
                        return {"ln " + quoted(d) + " " + quoted(e),
                                "unlink " + quoted(d)};  // rename of a directory
                    case 5:
                        return {"ln " + quoted(a) + " " + quoted(b),
                                "sif " + quoted(a) + " links_count 2"};
                    case 6:
                        return {"symlink " + quoted(b) + " " +
                                (n % 2 ? "/some/target" : std::string(150, 'x'))};
                    case 7: return {"ea_set " + quoted(a) + " user.note value" + std::to_string(n)};
                    case 8:
                        return {"ea_set -f " + (host / "capability").string() + " " + quoted(a) +
                                " security.capability"};
                    case 9:
                        return {"sif " + quoted(a) + " mode " + (n % 2 ? "0104755" : "0100600")};
                    case 10:
                        return {"sif " + quoted(a) + " uid " + std::to_string(70000 + n),
                                "sif " + quoted(d) + " gid 5"};
                    case 11:
                        return {"sif " + quoted(a) + " mtime 20200101000000",
                                "sif " + quoted(a) + " ctime 20200101000000"};
                    case 12:
                        return {"sif " + quoted(a) + " size " +
                                std::to_string(n * 700)};  // truncated, or longer with a hole
                    case 13: return {"punch " + quoted(a) + " 0 " + std::to_string(n % 5)};
                    case 14:
                        return {"mkdir " + quoted(d),
                                "write " + file + " " + quoted(d + "/inside")};
                    case 15:
                        return {"mknod " + quoted(b) + " c " + std::to_string(n) + " 7",
                                "ea_set " + quoted(a) + " user.large -f " + file};
                    default:
                        return {"rmdir " + quoted(d),
                                "fallocate " + quoted(a) + " 0 " + std::to_string(n % 9)};
                }
            },
            path(), path(), folder(), folder(), rc::gen::inRange(0, 100));
    });
}

void check(const std::vector<std::string>& features) {
    Volumes volumes(features);
    volumes.host_file("data0", "short");
    volumes.host_file("data1", std::string(70000, 'd'));
    volumes.host_file("data2", "");
    volumes.host_file("data3", std::string(5000, '\0') + "end");
    volumes.host_file(
        "capability",
        std::string(
            "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            20));
    const auto script = *rc::gen::container<std::vector<std::vector<std::string>>>(
        mutation(volumes.folder() / "host"));
    std::vector<std::string> lines;
    for (const auto& some : script) lines.insert(lines.end(), some.begin(), some.end());
    // half of the time the changes start from a filesystem with a past
    if (*rc::gen::arbitrary<bool>()) {
        const std::size_t half = lines.size() / 2;
        volumes.change({lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(half)});
        Volumes::settle(volumes.after(), volumes.before());
        lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(half));
    }
    if (!lines.empty()) volumes.change(lines);
    const std::uint64_t big = volumes.first_byte_of("/big");
    if (*rc::gen::arbitrary<bool>() && big)
        volumes.poke(big + 100, "written behind the filesystem's back");
    for (const std::string& line : lines) RC_LOG() << line << "\n";
    const auto fast = volumes.touched();
    RC_CLASSIFY(fast.empty());
    auto slow = volumes.everything();
    // damage that is the same on both sides, and that nobody touched, is only met by those who read
    // everything
    Volumes::settle(volumes.before(), volumes.after());
    const auto damaged = brief(volumes.everything());
    const auto said = brief(fast);
    std::erase_if(slow, [&](const FileChange& change) {
        const std::string text = brief({change}).front();
        return std::count(damaged.begin(), damaged.end(), text) > 0 &&
               std::count(said.begin(), said.end(), text) == 0;
    });
    RC_ASSERT(whole(fast) == whole(slow));
}

RC_GTEST_PROP(fast_is_slow, on_ext4_as_debian_makes_it, ()) { check({"-t", "ext4"}); }
RC_GTEST_PROP(fast_is_slow, on_block_maps_without_extents, ()) { check({"-t", "ext3"}); }
RC_GTEST_PROP(fast_is_slow, with_content_in_the_inodes, ()) {
    check({"-t", "ext4", "-O", "inline_data"});
}
RC_GTEST_PROP(fast_is_slow, with_small_inodes_and_no_checksums, ()) {
    check({"-t", "ext4", "-I", "128", "-O", "^metadata_csum,^64bit"});
}
RC_GTEST_PROP(fast_is_slow, with_large_attributes_in_inodes_of_their_own, ()) {
    check({"-t", "ext4", "-O", "ea_inode"});
}

}  // namespace
}  // namespace patchlab::disk::testing
