// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/host/hand_in.hpp"

#include <cerrno>
#include <cstring>

#include "orchestrator/nodes/file_piece.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/fail_point.hpp"
#include "reports/evidence_tree.hpp"
#include "reports/manifest.hpp"

namespace patchlab::nodes {

namespace {

constexpr std::size_t piece = 1U << 20;

struct Outgoing {
    std::string path;  ///< as the head calls it
    fs::path file;
    std::uint64_t bytes = 0;
};

std::vector<Outgoing> outgoing_of(const pipeline::RunFolder& run) {
    std::vector<Outgoing> files;
    if (fs::exists(run.evidence()))
        for (const reports::TreeFile& file : reports::EvidenceTree(run.evidence()).list().files)
            files.push_back({"evidence/" + file.path, run.evidence() / file.path, file.size});
    files.push_back({"final.json", run.state_file(), fs::file_size(run.state_file())});
    return files;
}

std::string piece_at(const Outgoing& file, std::uint64_t offset) {
    if (auto bytes = read_piece(file.file, offset, piece)) return *std::move(bytes);
    throw Error(ErrorCode::lab, "cannot read " + file.file.string() + ": " + std::strerror(errno));
}

void send_file(HeadClient& head, const Outgoing& file,
               const std::map<std::string, std::uint64_t>& there) {
    const auto known = there.find(file.path);
    const bool anew = known != there.end() && known->second > file.bytes;
    std::uint64_t offset = known == there.end() || anew ? 0 : known->second;
    if (known != there.end() && !anew && offset == file.bytes) return;
    bool first = anew;
    do {
        const std::string bytes = piece_at(file, offset);
        head.put(file.path, offset, bytes, first);
        first = false;
        offset += bytes.size();
        if (bytes.empty()) break;
    } while (offset < file.bytes);
    fail_point("file-handed-in");
}

void hand_in_once(HeadClient& head, const pipeline::RunFolder& run, const std::string& digest) {
    const HeadClient::DeliveryStart start = head.deliver(digest);
    if (start.accepted) return;
    for (const Outgoing& file : outgoing_of(run)) send_file(head, file, start.there);
    fail_point("all-handed-in");
    head.finish();
}

/// Of the evidence; empty: there is none.
std::string digest_to_hand_in(const pipeline::RunFolder& run) {
    const auto manifest = read_file_if_any(run.evidence() / reports::manifest_file);
    return manifest ? sha256_hex(*manifest) : "";
}

}  // namespace

void hand_in(Contact& contact, const pipeline::RunFolder& run) {
    const std::string digest = digest_to_hand_in(run);
    contact.keep_trying([&](HeadClient& head) {
        hand_in_once(head, run, digest);
        return true;
    });
}

bool was_handed_in(Contact& contact, const pipeline::RunFolder& run) {
    const std::string digest = digest_to_hand_in(run);
    try {
        return contact.keep_trying([&](HeadClient& head) { return head.deliver(digest).accepted; });
    } catch (const LostToAnother&) {
        return false;
    }
}

}  // namespace patchlab::nodes
