// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/audit_head.hpp"

#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view head_predicate = "urn:patchlab:audit-head:v1";
constexpr const char* head_subject = "audit-trail";
constexpr std::string_view head_words = "the head of the audit trail";
constexpr std::uint64_t max_head_bytes = 1U << 20, max_published_bytes = 1U << 30;

}  // namespace

std::string AuditHead::digest() const { return sha256_hex(envelope); }

AuditHead sign_head(AuditHead head, const SecretKey& installation) {
    const Statement statement{
        {{head_subject, head.hash}},
        std::string(head_predicate),
        {{"seq", head.seq}, {"time", head.time}, {"previous", head.previous}}};
    head.envelope = sign_statement(statement, installation);
    head.signer = installation.public_key().id();
    return head;
}

AuditHead open_head(std::string_view text, const std::vector<PublicKey>& trusted) {
    const OpenedStatement opened = open_statement(text, head_words, trusted);
    const Statement& statement = opened.statement;
    if (statement.predicate_type != head_predicate)
        throw Error(ErrorCode::invalid, "it is not the head of an audit trail");
    const JsonReader predicate(statement.predicate, std::string(head_words));
    return {predicate.integer("seq"), statement.digest_of(head_subject),
            predicate.string("time"), predicate.string_or("previous", ""),
            std::string(text),        opened.signers.front()};
}

namespace {

/// The document in a line of published heads; nullopt when it is no whole line.
std::optional<std::string> published_in(std::string_view line) {
    try {
        const Json document = parse_json(line, head_words, max_head_bytes);
        return JsonReader(document, std::string(head_words)).string("head");
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid) throw;
        return std::nullopt;
    }
}

}  // namespace

std::vector<AuditHead> open_heads(std::string_view text, const std::vector<PublicKey>& trusted) {
    if (!text.starts_with(R"({"seq":)")) return {open_head(text, trusted)};
    std::vector<AuditHead> heads;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (const auto head = published_in(text.substr(at, end - at)))
            heads.push_back(open_head(*head, trusted));
        at = end + 1;
    }
    return heads;
}

std::optional<AuditHead> HeadKeeper::kept(const std::vector<PublicKey>& trusted) const {
    const auto text = read_file_if_any(file(), max_head_bytes);
    if (!text) return std::nullopt;
    return open_head(*text, trusted);
}

void HeadKeeper::keep(const AuditHead& head, const std::vector<PublicKey>& trusted) const {
    make_folder(folder_, 0700);
    const FileLock held = FileLock::acquire(folder_ / "lock");
    const std::optional<AuditHead> there = kept(trusted);
    if (!there || there->seq < head.seq) write_file_atomic(file(), head.envelope, 0600);
}

std::vector<AuditHead> HeadKeeper::published(const std::vector<PublicKey>& trusted) const {
    const auto text = read_file_if_any(published_file(), max_published_bytes);
    if (!text || text->empty()) return {};
    return open_heads(*text, trusted);
}

void HeadKeeper::publish(const AuditHead& head) const {
    make_folder(public_);
    const FileLock held = FileLock::acquire(folder_ / "lock");
    append_line_durable(
        published_file(),
        to_line(Json{{"seq", head.seq}, {"time", head.time}, {"head", head.envelope}}));
    write_file_atomic(public_ / "audit-head.dsse.json", head.envelope);
}

}  // namespace patchlab::governance
