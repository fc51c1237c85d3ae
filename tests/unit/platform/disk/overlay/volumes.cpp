// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/platform/disk/overlay/volumes.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/process/command.hpp"

namespace patchlab::disk::testing {

namespace fs = std::filesystem;

std::string run(const std::string& program, const std::vector<std::string>& args, bool must) {
    process::SystemCommandRunner runner;
    process::CommandSpec spec;
    spec.program = program;
    spec.args = args;
    spec.purpose = "making a test image";
    const auto result = must ? runner.require(spec) : runner.run(spec);
    return result.out;
}

namespace {

void write(const fs::path& path, const std::string& bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

void fill(const fs::path& tree) {
    write(tree / "etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    write(tree / "etc/fstab", "/dev/vda2 / ext4 defaults 0 1\n/dev/vda1 /boot ext4 defaults 0 2\n");
    write(tree / "bin/tool", std::string(9000, 't'));
    write(tree / "var/log/messages", std::string(20000, 'm'));
    write(tree / "var/lib/deep/er/file", "deep");
    write(tree / "big", std::string(300000, 'b'));
    write(tree / "empty", "");
    write(tree / "caf\xc3\xa9", "unicode");
    write(tree / "bytes\xff\xfe", "not UTF-8");
    for (int i = 0; i < 40; ++i)
        write(tree / "many" / ("f" + std::to_string(i)), "content " + std::to_string(i));
    fs::create_symlink("../bin/tool", tree / "etc/short");
    fs::create_symlink(std::string(200, 'l'), tree / "etc/long");
    fs::create_hard_link(tree / "bin/tool", tree / "bin/same-tool");
}

}  // namespace

Volumes::Volumes(const std::vector<std::string>& features, const std::string& size)
    : folder_(fs::temp_directory_path(), "volumes") {
    fill(folder() / "tree");
    std::vector<std::string> args{"-q", "-F", "-b", "4096", "-d", (folder() / "tree").string()};
    args.insert(args.end(), features.begin(), features.end());
    args.insert(args.end(), {after().string(), size});
    run("mke2fs", args);
    settle(after(), before());
}

void Volumes::settle(const fs::path& from, const fs::path& to) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

fs::path Volumes::host_file(const std::string& name, const std::string& bytes) {
    const fs::path path = folder() / "host" / name;
    write(path, bytes);
    return path;
}

void Volumes::change(const std::vector<std::string>& commands) {
    std::string script;
    for (const auto& command : commands) script += command + "\n";
    run("debugfs", {"-w", "-f", host_file("script", script).string(), after().string()}, false);
}

void Volumes::poke(std::uint64_t offset, const std::string& bytes) {
    std::fstream file(after(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
}

std::uint64_t Volumes::first_byte_of(const std::string& path) {
    const std::string block = run("debugfs", {"-R", "bmap \"" + path + "\" 0", after().string()});
    const std::uint64_t first =
        block.empty() ? 0 : std::strtoull(block.c_str(), nullptr, 10) * 4096;
    // a symbolic link keeps its target where others keep block numbers
    return first < fs::file_size(after()) ? first : 0;
}

fs::path Volumes::overlay() {
    const fs::path path = folder() / "overlay.qcow2";
    run("qemu-img", {"create", "-f", "qcow2", "-b", after().string(), "-F", "raw", path.string()});
    run("qemu-img", {"rebase", "-b", before().string(), "-F", "raw",
                     path.string()});  // copies the clusters that differ
    return path;
}

namespace {

/// What an overlay with clusters of 64 KiB would hold.
std::vector<ByteRange> clusters(FileReader& before, FileReader& after) {
    std::vector<ByteRange> held;
    constexpr std::uint64_t cluster = 64U << 10;
    for (std::uint64_t at = 0; at < after.size(); at += cluster) {
        const std::size_t count = static_cast<std::size_t>(std::min(cluster, after.size() - at));
        if (before.read_bytes(at, count) != after.read_bytes(at, count))
            held.push_back({at, at + count});
    }
    return held;
}

std::vector<FileChange> compare(const Volumes& volumes,
                                AreaReport (*how)(const DiskPair&, const ChangeSink&)) {
    FileReader before(volumes.before());
    FileReader after(volumes.after());
    std::vector<FileChange> changes;
    how({before, after, clusters(before, after)},
        [&](FileChange change) { changes.push_back(std::move(change)); });
    std::sort(changes.begin(), changes.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return changes;
}

}  // namespace

std::vector<FileChange> Volumes::touched() const { return compare(*this, compare_touched_areas); }
std::vector<FileChange> Volumes::everything() const { return compare(*this, compare_all_areas); }

std::vector<std::string> brief(const std::vector<FileChange>& changes) {
    std::vector<std::string> lines;
    for (const FileChange& change : changes)
        lines.push_back(to_json(change)["kind"].get<std::string>() + " " + change.path);
    return lines;
}

std::string whole(const std::vector<FileChange>& changes) {
    std::string text;
    for (const FileChange& change : changes) {
        Json json = to_json(change);
        json.erase("note");
        text += to_line(json) + "\n";
    }
    return text;
}

}  // namespace patchlab::disk::testing
