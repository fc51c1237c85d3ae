// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/login_limits.hpp"

#include <algorithm>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::governance {

namespace {

constexpr std::int64_t day_seconds = 86400, hour_seconds = 3600;
constexpr std::int64_t most_subjects = 20'000;

std::int64_t epoch_of(const Clock& clock) {
    return std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count();
}

/// 1, 2, 4, … seconds behind the free ones.
std::int64_t delay_after(const LimitedSubject& subject, std::int64_t failures) {
    if (failures <= subject.free) return 0;
    const std::int64_t doubled = std::min<std::int64_t>(failures - subject.free - 1, 20);
    return std::min(subject.longest, std::int64_t{1} << doubled);
}

}  // namespace

LimitedSubject limited_user(const std::string& name) {
    return {"user:" + sha256_hex(in_small_letters(name)).substr(0, 32), 4, 60};
}

LimitedSubject limited_origin(const std::string& from) { return {"from:" + from, 20, 900}; }

LimitedSubject limited_token_origin(const std::string& from) {
    return {"token-from:" + from, 20, 300};
}

void LoginLimits::begin(const std::vector<LimitedSubject>& subjects) {
    const std::int64_t now = epoch_of(house_.clock);
    std::int64_t wait = 0;
    house_.database.transaction([&] {
        house_.database.execute("DELETE FROM governance_login_failures WHERE last < ?",
                                {now - day_seconds});
        for (const LimitedSubject& subject : subjects)
            if (const auto row = house_.database.query_one(
                    "SELECT not_until FROM governance_login_failures WHERE subject = ?",
                    {subject.key}))
                wait = std::max(wait, row->integer("not_until") - now);
        if (wait > 0) {
            for (const LimitedSubject& subject : subjects)
                house_.database.execute(
                    "UPDATE governance_login_failures SET refused = refused + "
                    "1 WHERE subject = ?",
                    {subject.key});
            return;
        }
        const auto there =
            house_.database.query_one("SELECT count(*) AS n FROM governance_login_failures");
        if (there->integer("n") > most_subjects)
            house_.database.execute(
                "DELETE FROM governance_login_failures WHERE subject IN (SELECT subject FROM "
                "governance_login_failures ORDER BY failures, last LIMIT ?)",
                {most_subjects / 10});
        for (const LimitedSubject& subject : subjects) {
            house_.database.execute(
                "INSERT INTO governance_login_failures (subject, failures, last, not_until, "
                "refused) VALUES (?, 1, ?, 0, 0) ON CONFLICT (subject) DO UPDATE SET failures = "
                "failures + 1, last = excluded.last",
                {subject.key, now});
            const std::int64_t failures =
                house_.database
                    .query_one("SELECT failures FROM governance_login_failures WHERE subject = ?",
                               {subject.key})
                    ->integer("failures");
            house_.database.execute(
                "UPDATE governance_login_failures SET not_until = ? WHERE subject = ?",
                {now + delay_after(subject, failures), subject.key});
        }
    });
    if (wait > 0)
        throw Error(ErrorCode::not_authenticated, "too many logins failed",
                    "try again in " + std::to_string(wait) + " seconds");
}

std::int64_t LoginLimits::refused(const LimitedSubject& subject) {
    const auto row = house_.database.query_one(
        "SELECT refused FROM governance_login_failures WHERE subject = ?", {subject.key});
    if (!row) return 0;
    house_.database.execute("UPDATE governance_login_failures SET refused = 0 WHERE subject = ?",
                            {subject.key});
    return row->integer("refused");
}

void LoginLimits::forgive(const LimitedSubject& subject) {
    house_.database.execute("DELETE FROM governance_login_failures WHERE subject = ?",
                            {subject.key});
}

void LoginLimits::take_back(const LimitedSubject& subject) {
    house_.database.execute(
        "UPDATE governance_login_failures SET failures = max(0, failures - 1), "
        "not_until = 0 WHERE subject = ?",
        {subject.key});
}

bool LoginLimits::first_within_an_hour(const std::string& key) {
    const std::int64_t now = epoch_of(house_.clock);
    bool first = false;
    house_.database.transaction([&] {
        const auto row = house_.database.query_one(
            "SELECT last FROM governance_login_failures WHERE subject = ?", {key});
        first = !row || row->integer("last") + hour_seconds <= now;
        if (first)
            house_.database.execute(
                "INSERT INTO governance_login_failures (subject, failures, last, not_until, "
                "refused) VALUES (?, 0, ?, 0, 0) ON CONFLICT (subject) DO UPDATE SET last = "
                "excluded.last",
                {key, now});
    });
    return first;
}

}  // namespace patchlab::governance
