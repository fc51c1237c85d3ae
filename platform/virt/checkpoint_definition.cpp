// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/checkpoint_definition.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"

#include "platform/core/json.hpp"

namespace patchlab::virt {

namespace {

constexpr const char* checkpoint_schema = "patchlab/checkpoint/v1";

Json cards_to_json(const std::vector<NicSpec>& nics) {
    Json cards = Json::array();
    for (const NicSpec& nic : nics) cards.push_back({{"network", nic.network}, {"mac", nic.mac}});
    return cards;
}

bool same_cards(const std::vector<NicSpec>& left, const std::vector<NicSpec>& right) {
    return cards_to_json(left) == cards_to_json(right);
}

}  // namespace

void write_definition(const std::filesystem::path& file, const CheckpointDefinition& definition) {
    const MachineSpec& spec = definition.spec;
    write_json(file,
               {{"schema", checkpoint_schema},
                {"kind", name(definition.kind)},
                {"machine", spec.name},
                {"uuid", definition.uuid},
                {"vcpus", spec.vcpus},
                {"memory_mib", spec.memory_mib},
                {"uefi", spec.uefi},
                {"acceleration", name(spec.acceleration)},
                {"cards", cards_to_json(spec.nics)},
                {"emulator", definition.emulator},
                {"memory_mark", definition.memory_mark}},
               0444);
}

CheckpointDefinition read_definition(const std::filesystem::path& file) {
    const Json document = read_json(file, 1U << 20);
    const JsonReader reader(document, file.string());
    reader.expect_schema(checkpoint_schema);
    CheckpointDefinition definition;
    const std::string kind = reader.string("kind");
    if (kind != "mapped" && kind != "saved") reader.fail("kind", "must be 'mapped' or 'saved'");
    definition.kind = kind == "mapped" ? CheckpointKind::mapped : CheckpointKind::saved;
    definition.uuid = reader.string("uuid");
    MachineSpec& spec = definition.spec;
    spec.name = reader.string("machine");
    spec.vcpus = static_cast<unsigned>(reader.integer("vcpus"));
    spec.memory_mib = static_cast<unsigned>(reader.integer("memory_mib"));
    spec.uefi = reader.boolean("uefi");
    spec.acceleration =
        reader.string("acceleration") == "kvm" ? Acceleration::kvm : Acceleration::tcg;
    for (const JsonReader& card : reader.objects("cards"))
        spec.nics.push_back({card.string("network"), card.string("mac")});
    definition.emulator = static_cast<std::uint64_t>(reader.integer("emulator"));
    definition.memory_mark = reader.string("memory_mark");
    return definition;
}

std::string mark_of(const std::filesystem::path& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0)
        throw Error(ErrorCode::lab,
                    "cannot look at " + file.string() + ": " + std::strerror(errno));
    const std::int64_t changed =
        std::int64_t{info.st_ctim.tv_sec} * 1'000'000'000 + info.st_ctim.tv_nsec;
    return std::to_string(changed) + ":" + std::to_string(info.st_size) + ":" +
           std::to_string(info.st_ino);
}

std::string mark_if_there(const std::filesystem::path& file) {
    return std::filesystem::exists(file) ? mark_of(file) : std::string();
}

void require_match(const CheckpointDefinition& definition, const MachineSpec& spec,
                   const CheckpointFiles& files, CheckpointKind kind) {
    const MachineSpec& then = definition.spec;
    if (definition.kind != kind)
        throw Error(ErrorCode::invalid,
                    "the checkpoint was kept as " + std::string(name(definition.kind)));
    if (then.name != spec.name || then.vcpus != spec.vcpus || then.memory_mib != spec.memory_mib ||
        then.uefi != spec.uefi || then.acceleration != spec.acceleration ||
        !same_cards(then.nics, spec.nics))
        throw Error(ErrorCode::invalid,
                    "machine '" + spec.name + "' is not the one the checkpoint was made of",
                    "prepare the lab again");
    if (kind == CheckpointKind::saved &&
        !spec.clone.empty())  // libvirt restores no machine under another name
        throw Error(ErrorCode::invalid,
                    "machine '" + spec.name + "': a saved checkpoint has one clone at a time");
    if (files.memory && mark_of(*files.memory) != definition.memory_mark)
        throw Error(ErrorCode::lab,
                    "the memory of the checkpoint, " + files.memory->string() +
                        ", was changed after it was made",
                    "prepare the lab again");
}

}  // namespace patchlab::virt
