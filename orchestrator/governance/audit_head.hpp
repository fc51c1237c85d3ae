// SPDX-License-Identifier: Apache-2.0
//
// The signed head of the audit trail, and the places outside of the database that hold it. A head
// names the newest row and the head before it. The database holds the newest one; a file beside the
// database holds it, too, and never goes back; what is published goes where web servers and other
// hosts find it. So rows that were taken off the end of the trail, an older head put back, or a
// trail emptied with everything else in the database stay visible. Thread safety: values;
// HeadKeeper: one a thread, several processes may share a state folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/signing.hpp"

namespace patchlab::governance {

/// The hash that stands before the first row, and before the first head.
inline const std::string before_the_first(64, '0');

struct AuditHead {
    std::int64_t seq = 0;  ///< of the newest row; 0: the trail has none yet
    std::string hash;      ///< of that row
    std::string time;      ///< RFC 3339
    /// sha256 of the document of the head before this one; empty: an earlier version wrote it,
    /// which kept heads in the database alone.
    std::string previous;
    std::string envelope;  ///< the signed document (DSSE)
    std::string signer;    ///< id of the key that signed it

    std::string digest() const;
};

/// Signs it; gives it with its document.
AuditHead sign_head(AuditHead head, const SecretKey& installation);
/// Error(refused): none of the keys signed it; Error(invalid): it is no head.
AuditHead open_head(std::string_view text, const std::vector<PublicKey>& trusted);
/// One head, or the lines of a file of published heads; a line that a crash cut off is passed over.
/// Error as open_head().
std::vector<AuditHead> open_heads(std::string_view text, const std::vector<PublicKey>& trusted);

/// The places outside of the database.
///   <state>/audit/head.dsse.json                the newest head; its number only grows
///   <state>/catalog/public/audit-head.dsse.json the head at the last publish or step of a rollout
///   <state>/catalog/public/audit-heads.jsonl    all that were published, one a line
class HeadKeeper {
  public:
    explicit HeadKeeper(const std::filesystem::path& state)
        : folder_(state / "audit"), public_(state / "catalog" / "public") {}

    /// The head in the file; nullopt when there is no file. Error as open_head().
    std::optional<AuditHead> kept(const std::vector<PublicKey>& trusted) const;
    /// Puts the head into the file, unless the file holds a newer one already.
    void keep(const AuditHead& head, const std::vector<PublicKey>& trusted) const;
    /// What was published from here; a line that a crash cut off is passed over. Error as
    /// open_head().
    std::vector<AuditHead> published(const std::vector<PublicKey>& trusted) const;
    /// Puts it where others find it.
    void publish(const AuditHead& head) const;

  private:
    std::filesystem::path file() const { return folder_ / "head.dsse.json"; }
    std::filesystem::path published_file() const { return public_ / "audit-heads.jsonl"; }

    std::filesystem::path folder_;
    std::filesystem::path public_;
};

}  // namespace patchlab::governance
