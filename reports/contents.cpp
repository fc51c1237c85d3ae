// SPDX-License-Identifier: Apache-2.0
#include "reports/contents.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "platform/core/json.hpp"

namespace patchlab::reports {

namespace {

constexpr std::uint64_t longest_document = 64U << 20;

std::optional<std::string> side(const JsonReader& file, std::string_view key,
                                std::size_t& redacted) {
    if (!file.has(key)) return std::nullopt;
    const JsonReader text = file.object(key);
    redacted += static_cast<std::size_t>(std::max<std::int64_t>(text.integer_or("redacted", 0), 0));
    return text.string("text");
}

}  // namespace

Contents Contents::read(const SealedFolder& evidence, const RunDocument& run) {
    Contents contents;
    std::set<std::pair<std::string, std::string>> known;  // machine and path
    for (const RunMachine& machine : run.machines)
        for (const char* when : {"after", "after-reboot"}) {
            const std::string name = "captures/" + machine.name + "-" + when + "-contents.json";
            if (!evidence.has(name)) continue;
            const Json json = parse_json(evidence.read(name, longest_document), name);
            const JsonReader document(json, name);
            document.expect_schema("patchlab/contents/v1");
            contents.kept_ = contents.kept_ || document.boolean("kept");
            for (const JsonReader& file : document.objects("files")) {
                FileContents found;
                found.machine = machine.name;
                found.path = file.string("path");
                found.before = side(file, "before", found.redacted);
                found.after = side(file, "after", found.redacted);
                found.not_kept = file.string_or("not_kept", "");
                if (known.emplace(found.machine, found.path).second)
                    contents.files_.push_back(std::move(found));
            }
        }
    return contents;
}

std::vector<const FileContents*> Contents::of(const std::string& machine,
                                              const std::vector<std::string>& files) const {
    std::vector<const FileContents*> found;
    for (const FileContents& file : files_)
        if (file.machine == machine &&
            std::find(files.begin(), files.end(), file.path) != files.end())
            found.push_back(&file);
    return found;
}

std::vector<const FileContents*> Contents::at(const std::string& path) const {
    std::vector<const FileContents*> found;
    for (const FileContents& file : files_)
        if (file.path == path) found.push_back(&file);
    return found;
}

}  // namespace patchlab::reports
