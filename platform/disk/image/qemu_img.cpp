// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/qemu_img.hpp"

#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::disk {

namespace {

using process::CommandResult;
using process::CommandSpec;

/// Absolute, so that no name is taken for a protocol ("nbd:…", "json:…") or an option.
std::string name_of(const fs::path& image) {
    return fs::absolute(image).lexically_normal().string();
}

CommandSpec qemu_img(std::vector<std::string> arguments, std::string purpose,
                     Seconds deadline = Seconds(120)) {
    CommandSpec spec;
    spec.program = "qemu-img";
    spec.args = std::move(arguments);
    spec.purpose = std::move(purpose);
    spec.deadline = deadline;
    return spec;
}

std::string last_line(const std::string& text) {
    const auto end = text.find_last_not_of('\n');
    if (end == std::string::npos) return "no message";
    const auto start = text.rfind('\n', end);
    return text.substr(start == std::string::npos ? 0 : start + 1,
                       end - (start == std::string::npos ? 0 : start + 1) + 1);
}

std::uint64_t size_of(const JsonReader& reader, std::string_view key) {
    const auto value = reader.integer_or(key, 0);
    if (value < 0) reader.fail(key, "must not be negative");
    return static_cast<std::uint64_t>(value);
}

ImageInfo read_info(const JsonReader& reader) {
    ImageInfo info;
    info.format = reader.string("format");
    info.virtual_bytes = size_of(reader, "virtual-size");
    info.file_bytes = size_of(reader, "actual-size");
    if (reader.has("backing-filename")) info.backing_file = reader.string("backing-filename");
    if (reader.has("backing-filename-format"))
        info.backing_format = reader.string("backing-filename-format");
    info.encrypted = reader.boolean_or("encrypted", false);
    info.internal_snapshots = reader.has("snapshots") ? reader.objects("snapshots").size() : 0;
    if (!reader.has("format-specific")) return info;
    const auto specific = reader.object("format-specific");
    if (!specific.has("data") || !specific.raw("data").is_object()) return info;
    const auto data = specific.object("data");
    if (data.has("data-file")) info.data_file = data.string("data-file");
    info.corrupt = data.boolean_or("corrupt", false);
    return info;
}

/// A name that qemu cannot take for a protocol ("nbd:…") or an option.
fs::path plain_name(const fs::path& file) {
    if (!file.is_absolute())
        throw Error(ErrorCode::internal, "the disk " + file.string() + " is not an absolute path");
    return file.lexically_normal();
}

}  // namespace

std::vector<std::string> create_overlay_arguments(const fs::path& backing,
                                                  const std::string& backing_format,
                                                  const fs::path& overlay,
                                                  std::optional<std::uint64_t> virtual_bytes) {
    std::vector<std::string> arguments{"create", "-q",           "-f",
                                       "qcow2",  "-b",           plain_name(backing).string(),
                                       "-F",     backing_format, plain_name(overlay).string()};
    if (virtual_bytes) arguments.push_back(std::to_string(*virtual_bytes));
    return arguments;
}

ImageInfo parse_image_info(std::string_view json, std::string_view where) {
    const Json document = parse_json(json, where, 4U << 20);
    return read_info(JsonReader(document, std::string(where)));
}

ImageInfo ImageTool::info(const fs::path& image, const std::string& format) {
    if (!fs::exists(image))
        throw Error(ErrorCode::not_found, "there is no image " + image.string());
    const auto result = commands_.run(qemu_img(
        {"info", "--output=json", "-f", format, name_of(image)}, "reading the image's header"));
    if (!result.ok())
        throw Error(ErrorCode::invalid,
                    image.string() + " cannot be read as " + format + ": " + last_line(result.err));
    return parse_image_info(result.out, "qemu-img info " + image.string());
}

void ImageTool::create_overlay(const fs::path& base, const std::string& base_format,
                               const fs::path& overlay,
                               std::optional<std::uint64_t> virtual_bytes) {
    if (fs::exists(overlay))
        throw Error(ErrorCode::conflict, "the overlay " + overlay.string() + " exists already");
    try {
        commands_.require(qemu_img(create_overlay_arguments(fs::absolute(base), base_format,
                                                            fs::absolute(overlay), virtual_bytes),
                                   "creating the overlay " + overlay.string()));
    } catch (...) {
        std::error_code ignored;
        fs::remove(overlay, ignored);
        throw;
    }
}

void ImageTool::convert(const fs::path& source, const fs::path& target,
                        const Conversion& conversion) {
    if (fs::exists(target)) throw Error(ErrorCode::conflict, target.string() + " exists already");
    // a copy of production is nobody else's to read; qemu-img keeps the mode of a file that is
    // there
    write_file_atomic(target, "", 0600);
    std::vector<std::string> arguments{
        "convert", "-q", "-f", conversion.source_format, "-O", conversion.target_format};
    if (conversion.compress) arguments.emplace_back("-c");
    // Order on the disk does not matter in a fresh file; out of order uses both cores.
    arguments.insert(arguments.end(), {"-W", "-m", "4", name_of(source), name_of(target)});
    const auto result = commands_.run(
        qemu_img(std::move(arguments), "converting " + source.string(), conversion.deadline));
    if (result.ok()) return;
    std::error_code ignored;
    fs::remove(target, ignored);
    if (result.timed_out)
        throw Error(ErrorCode::timeout, "converting " + source.string() + " took too long");
    const std::string why = last_line(result.err);
    const bool full = why.find("No space left") != std::string::npos;
    throw Error(
        full ? ErrorCode::lab : ErrorCode::invalid,
        "cannot convert " + source.string() + ": " + why,
        full ? "free some space on the filesystem that holds " + target.parent_path().string()
             : "");
}

CheckReport ImageTool::check(const fs::path& image, const std::string& format) {
    const auto result =
        commands_.run(qemu_img({"check", "--output=json", "-f", format, name_of(image)},
                               "checking the image " + image.string(), Seconds(1800)));
    // qemu-img(1): 0 consistent, 1 the check was not completed, 2 corrupted, 3 leaked clusters
    // only, 63 not supported.
    CheckReport report;
    if (result.exit_code == 63) {
        report.state = CheckState::unsupported;
        return report;
    }
    if (result.timed_out)
        throw Error(ErrorCode::timeout, "checking " + image.string() + " took too long");
    if (result.exit_code != 0 && result.exit_code != 2 && result.exit_code != 3)
        throw Error(ErrorCode::lab, "the image " + image.string() +
                                        " could not be checked: " + last_line(result.err));
    const Json document = parse_json(result.out, "qemu-img check " + image.string(), 4U << 20);
    const JsonReader reader(document, "qemu-img check " + image.string());
    report.corruptions = size_of(reader, "corruptions");
    report.leaks = size_of(reader, "leaks");
    if (size_of(reader, "check-errors") > 0 || result.exit_code == 2 || report.corruptions > 0)
        report.state = CheckState::corrupt;
    else if (result.exit_code == 3 || report.leaks > 0) report.state = CheckState::leaks;
    return report;
}

std::vector<fs::path> ImageTool::backing_chain(const fs::path& image, const std::string& format) {
    constexpr std::size_t deepest = 32;
    std::vector<fs::path> chain;
    std::string current_format = format;
    for (fs::path at = fs::absolute(image).lexically_normal();;) {
        if (std::find(chain.begin(), chain.end(), at) != chain.end() || chain.size() == deepest)
            throw Error(ErrorCode::invalid, "the backing files of " + image.string() +
                                                " form a circle or are too many");
        chain.push_back(at);
        const auto header = info(at, current_format);
        if (!header.backing_file) return chain;
        if (!header.backing_format)
            throw Error(ErrorCode::invalid,
                        at.string() + " does not say the format of its backing file");
        // An absolute name replaces the folder.
        at = (at.parent_path() / *header.backing_file).lexically_normal();
        current_format = *header.backing_format;
    }
}

}  // namespace patchlab::disk
