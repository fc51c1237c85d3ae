// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/tokens.hpp"

#include "orchestrator/governance/login_limits.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/secret.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view token_prefix = "plt_";
constexpr std::size_t id_digits = 8, secret_bytes = 32, secret_length = 43, checksum_length = 6;
constexpr std::size_t body_length = token_prefix.size() + id_digits + 1 + secret_length;
constexpr std::size_t token_length = body_length + 1 + checksum_length;
constexpr std::size_t longest_name = 100, most_tokens = 1000, most_narrowing = 100;
constexpr std::int64_t use_noted_after = 60;

bool is_expired(const Token& token, const std::string& now) { return token.expires <= now; }

Token token_from(const store::Row& row) {
    const Json narrowing = parse_json(row.text("narrowing"), "the narrowing of a token", 1U << 20);
    return {row.text("id"),
            row.text("user"),
            row.text("name"),
            narrowing_from(JsonReader(narrowing, "the narrowing of a token")),
            row.text("created"),
            row.text("expires"),
            row.text_or_null("last_used").value_or(""),
            row.text_or_null("last_from").value_or(""),
            row.text_or_null("revoked").value_or(""),
            row.text_or_null("revoked_by").value_or("")};
}

void check_words(const TokenWords& words, const User& user) {
    const auto invalid = [](const std::string& why) { throw Error(ErrorCode::invalid, why); };
    if (words.name.empty() || words.name.size() > longest_name)
        invalid("a token needs a name of at most " + std::to_string(longest_name) + " bytes");
    if (words.days < 1 || words.days > longest_token_days)
        invalid("a token lives from 1 to " + std::to_string(longest_token_days) + " days");
    const Narrowing& narrow = words.narrowing;
    if (narrow.labs.size() + narrow.channels.size() + narrow.rings.size() > most_narrowing)
        invalid("a token is narrowed to at most " + std::to_string(most_narrowing) + " things");
    if (!user.active()) invalid("user '" + user.name + "' was removed");
    if (narrow.role && !user.has(*narrow.role))
        throw Error(ErrorCode::not_allowed, "user '" + user.name + "' has no role " +
                                                std::string(name(*narrow.role)) +
                                                " that a token could have");
}

/// Anybody may see at once that it is none, without the store.
bool is_well_formed(std::string_view text) {
    return text.size() == token_length && text.starts_with(token_prefix) &&
           text[token_prefix.size() + id_digits] == '_' && text[body_length] == '_' &&
           text.substr(body_length + 1) == checksum_text(text.substr(0, body_length));
}

[[noreturn]] void refuse_token(const std::string& why, const std::string& advice) {
    throw Error(ErrorCode::not_authenticated, why, advice);
}

}  // namespace

Json to_json(const Token& token, const std::string& now) {
    const char* state = is_expired(token, now) ? "expired" : "active";
    if (!token.revoked.empty()) state = "revoked";
    return {{"id", token.id},
            {"user", token.user},
            {"name", token.name},
            {"state", state},
            {"narrowing", to_json(token.narrowing)},
            {"created", token.created},
            {"expires", token.expires},
            {"last_used", text_or_null(token.last_used)},
            {"last_from", text_or_null(token.last_from)},
            {"revoked", text_or_null(token.revoked)},
            {"revoked_by", text_or_null(token.revoked_by)}};
}

TokenStore::Made TokenStore::make(const Actor& actor, const TokenWords& words) {
    if (actor.by_token())
        throw Error(ErrorCode::not_allowed, "a token may not make a token", "log in");
    const User user = house_.users.get(words.user);
    check_words(words, user);
    Made made;
    Token& token = made.token;
    token = {random_hex(id_digits / 2), user.name, words.name, words.narrowing, house_.now()};
    token.expires = seconds_after(token.created, words.days * 86400);
    made.text = std::string(token_prefix) + token.id + "_" + random_text(secret_bytes);
    made.text += "_" + checksum_text(made.text);
    const Json detail{{"user", token.user},
                      {"name", token.name},
                      {"expires", token.expires},
                      {"narrowing", to_json(token.narrowing)}};
    house_.audit.append({actor, "token.create", token.id, detail}, [&] {
        const auto there = house_.database.query_one(
            "SELECT count(*) AS n FROM governance_tokens WHERE user = ? AND revoked IS NULL AND "
            "expires > ?",
            {token.user, token.created});
        if (there->integer("n") >= static_cast<std::int64_t>(most_tokens))
            throw Error(ErrorCode::conflict, "user '" + token.user + "' has " +
                                                 std::to_string(most_tokens) + " tokens already");
        house_.database.execute(
            "INSERT INTO governance_tokens (id, digest, user, name, narrowing, created, expires) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            {token.id, sha256_hex(made.text), token.user, token.name,
             to_line(to_json(token.narrowing)), token.created, token.expires});
    });
    return made;
}

std::vector<Token> TokenStore::list(const std::string& user) {
    std::vector<Token> tokens;
    for (const store::Row& row : house_.database.query(
             "SELECT * FROM governance_tokens WHERE ? = '' OR user = ? ORDER BY created DESC, id",
             {user, user}))
        tokens.push_back(token_from(row));
    return tokens;
}

Token TokenStore::get(const std::string& id) {
    if (const auto row =
            house_.database.query_one("SELECT * FROM governance_tokens WHERE id = ?", {id}))
        return token_from(*row);
    throw Error(ErrorCode::not_found, "there is no token '" + id.substr(0, 64) + "'",
                "see: patchlab token list");
}

void TokenStore::revoke(const Actor& actor, const std::string& id) {
    const Token token = get(id);
    if (!token.revoked.empty())
        throw Error(ErrorCode::conflict, "token " + id + " was revoked " + token.revoked);
    const Json detail{{"user", token.user}, {"name", token.name}};
    house_.audit.append({actor, "token.revoke", id, detail}, [&] {
        house_.database.execute(
            "UPDATE governance_tokens SET revoked = ?, revoked_by = ? WHERE id = ?",
            {house_.now(), actor.user, id});
    });
}

Actor TokenStore::actor_of(const std::string& text, const std::string& from) {
    if (!is_well_formed(text))
        refuse_token("this is no token: it was mistyped or cut off", "it begins with plt_");
    const std::string id = text.substr(token_prefix.size(), id_digits);
    const auto row =
        house_.database.query_one("SELECT * FROM governance_tokens WHERE id = ?", {id});
    LoginLimits limits(house_);
    if (!row || !same_secret(row->text("digest"), sha256_hex(text))) {
        limits.begin({limited_token_origin(from)});
        house_.audit.append({{"-", "-"}, "token-refused", row ? id : "", {{"from", from}}});
        refuse_token("there is no such token", "make one: patchlab token create NAME");
    }
    const Token token = token_from(*row);
    const std::string now = house_.now();
    std::string why;
    if (!token.revoked.empty()) why = "was revoked " + token.revoked;
    else if (is_expired(token, now)) why = "expired " + token.expires;
    else if (!house_.users.get(token.user).active()) why = "is of a user who was removed";
    Actor actor{token.user, "token:" + id, -1, "token"};
    if (!why.empty()) {
        if (limits.first_within_an_hour("token:" + id))
            house_.audit.append({actor, "token-refused", id, {{"from", from}, {"why", why}}});
        refuse_token("token " + id + " " + why, "make another: patchlab token create NAME");
    }
    actor.credential = id;
    actor.narrowing = token.narrowing;
    if (token.narrowing.role) actor.roles = {*token.narrowing.role};
    if (token.last_used.empty() || seconds_after(token.last_used, use_noted_after) <= now)
        house_.database.execute(
            "UPDATE governance_tokens SET last_used = ?, last_from = ? WHERE id = ?",
            {now, from.substr(0, 200), id});
    return actor;
}

}  // namespace patchlab::governance
