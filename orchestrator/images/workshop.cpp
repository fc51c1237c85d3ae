// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/workshop.hpp"

#include <chrono>
#include <exception>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/process/cell.hpp"

namespace patchlab::images {

namespace {

constexpr auto prefix = "image";

fs::path lock_of(const fs::path& folder) { return fs::path(folder) += ".lock"; }

/// Workshops whose worker is gone. A young one may be about to take its lock.
void remove_abandoned(const fs::path& tmp) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(tmp, none)) {
        const fs::path& folder = entry.path();
        if (!folder.filename().string().starts_with(std::string(prefix) + "-") ||
            !fs::is_directory(entry.symlink_status()))
            continue;
        if (FileLock::is_held(lock_of(folder))) continue;
        if (std::chrono::file_clock::now() - fs::last_write_time(folder, none) <
            std::chrono::minutes(1))
            continue;
        remove_tree(folder);
        remove_tree(lock_of(folder));
    }
}

fs::path prepared_tmp(const fs::path& state) {
    const fs::path tmp = state / "tmp";
    make_folder(tmp, 0711);
    remove_abandoned(tmp);
    return tmp;
}

void write_failure(const fs::path& file, const Error& error) {
    write_json(file, {{"code", static_cast<int>(error.code())},
                      {"what", error.what()},
                      {"advice", error.advice()}});
}

/// What the cell could not throw across its wall.
[[noreturn]] void throw_failure(const fs::path& file, const process::CellStatus& status) {
    if (!fs::exists(file))
        throw Error(ErrorCode::lab, status.signal != 0 ? "the work was killed by signal " +
                                                             std::to_string(status.signal)
                                                       : "the work ended without an answer");
    const Json document = read_json(file);
    const JsonReader reader(document, file.string());
    throw Error(static_cast<ErrorCode>(reader.integer("code")), reader.string("what"),
                reader.string("advice"));
}

}  // namespace

Workshop::Workshop(const std::filesystem::path& state)
    : temporary_(prepared_tmp(state), prefix),
      lock_(FileLock::acquire(lock_of(temporary_.path()))),
      folder_{temporary_.path()} {
    // QEMU's user and apt's pass through, and cannot list.
    fs::permissions(folder_.root, static_cast<fs::perms>(0711));
}

Workshop::~Workshop() {
    std::error_code ignored;
    fs::remove(lock_of(folder_.root), ignored);
}

void Workshop::run(const std::function<void(const std::filesystem::path&)>& work) {
    const fs::path failure = folder_.root / "failure.json";
    const auto body = [&](bool isolated) {
        try {
            fs::path short_root = "/run/patchlab";
            if (isolated) process::mount_private_folder(short_root);
            else short_root = folder_.root / "s";
            work(short_root);
            return 0;
        } catch (const Error& error) {
            write_failure(failure, error);
        } catch (const std::exception& error) {
            write_failure(failure, Error(ErrorCode::internal, error.what()));
        }
        return 1;
    };
    process::CellOptions options;
    options.private_network =
        false;  // packages come from the network; the machine that is booted has no card
    const auto status = process::run_in_cell(options, body);
    if (status.exit_code != 0) throw_failure(failure, status);
}

Image Workshop::deliver(ImageStore& store, bool replace) {
    Image image = image_from_json(read_json(folder_.manifest()), "the new image");
    std::optional<fs::path> packages;
    if (fs::exists(folder_.packages())) packages = folder_.packages();
    return store.add(std::move(image), folder_.qcow2(),
                     read_file_if_any(folder_.status()).value_or(""), replace, packages);
}

}  // namespace patchlab::images
