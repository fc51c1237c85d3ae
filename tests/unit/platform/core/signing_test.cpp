// SPDX-License-Identifier: Apache-2.0
#include "platform/core/signing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/key_ring.hpp"

namespace patchlab {
namespace {

using testing::HasSubstr;
using testing::Not;

ErrorCode code_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

// The key pair of RFC 8410, section 10.3 and 10.1: what other tools write.
constexpr std::string_view foreign_secret =
    "-----BEGIN PRIVATE "
    "KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE "
    "KEY-----\n";
constexpr std::string_view foreign_public =
    "-----BEGIN PUBLIC "
    "KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC "
    "KEY-----\n";

TEST(Signing, reads_and_writes_keys_as_other_tools_do) {
    const SecretKey secret = SecretKey::from_pem(foreign_secret, "rfc");
    EXPECT_EQ(secret.public_key().pem(), foreign_public);
    EXPECT_EQ(secret.pem(), foreign_secret);
    EXPECT_EQ(PublicKey::from_pem(foreign_public, "rfc"), secret.public_key());
}

TEST(Signing, verifies_what_was_signed_and_nothing_else) {
    const SecretKey key = SecretKey::generate(), other = SecretKey::generate();
    const std::string signature = key.sign("the words");
    EXPECT_TRUE(key.public_key().verifies("the words", signature));
    EXPECT_FALSE(key.public_key().verifies("the wordz", signature));
    EXPECT_FALSE(other.public_key().verifies("the words", signature));
    EXPECT_FALSE(key.public_key().verifies("the words", signature.substr(1)));
    EXPECT_NE(key.public_key().id(), other.public_key().id());
}

TEST(Signing, refuses_a_text_that_is_no_key_and_never_repeats_a_secret) {
    EXPECT_EQ(code_of([] { PublicKey::from_pem("nothing", "x"); }), ErrorCode::invalid);
    EXPECT_EQ(code_of([] {
                  PublicKey::from_pem(std::string(foreign_public) + std::string(foreign_public),
                                      "x");
              }),
              ErrorCode::invalid);
    EXPECT_EQ(code_of([] {
                  PublicKey::from_pem(
                      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "x");
              }),
              ErrorCode::invalid);
    try {
        SecretKey::from_pem("-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END PRIVATE KEY-----\n",
                            "x");
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr("U0VDUkVU")));
    }
}

TEST(Signing, a_secret_key_is_read_only_from_a_file_of_its_owner_alone) {
    const TempFolder folder(fs::temp_directory_path(), "keys");
    const fs::path file = folder.path() / "key";
    write_secret_key(file, SecretKey::generate());
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(code_of([&] { write_secret_key(file, SecretKey::generate()); }), ErrorCode::conflict);
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    EXPECT_EQ(code_of([&] { read_secret_key(file); }), ErrorCode::lab);
}

class Ring : public testing::Test {
  protected:
    TempFolder folder_{fs::temp_directory_path(), "ring"};
    KeyRing ring_{folder_.path() / "state" / "ring"};
    SystemClock clock_;
};

TEST_F(Ring, makes_its_first_key_when_it_is_first_used_and_keeps_it) {
    EXPECT_TRUE(ring_.list().empty());
    const PublicKey first = ring_.current(clock_).public_key();
    EXPECT_EQ(ring_.current(clock_).public_key(), first);
    EXPECT_EQ(KeyRing(folder_.path() / "state" / "ring").current(clock_).public_key(), first);
    for (const auto& entry : fs::directory_iterator(folder_.path() / "state" / "ring"))
        if (entry.path().extension() == ".key") {
            EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
        }
    EXPECT_EQ(fs::status(folder_.path() / "state" / "ring").permissions(), fs::perms::owner_all);
}

TEST_F(Ring, what_was_signed_before_a_rotation_stays_verifiable_and_the_old_secret_is_gone) {
    const SecretKey old = ring_.current(clock_);
    const std::string signature = old.sign("words");
    const RingKey fresh = ring_.rotate(clock_);
    EXPECT_NE(fresh.key, old.public_key());
    EXPECT_EQ(ring_.current(clock_).public_key(), fresh.key);
    ASSERT_EQ(ring_.list().size(), 2U);
    EXPECT_FALSE(ring_.list()[0].retired.empty());
    EXPECT_TRUE(ring_.public_keys()[0].verifies("words", signature));
    EXPECT_FALSE(fs::exists(folder_.path() / "state" / "ring" / (old.public_key().id() + ".key")));
}

class SignedText : public Ring {
  protected:
    static std::string signed_by(const SecretKey& key, const std::string& what) {
        return sign_statement({{{what, sha256_hex(what)}}, "urn:test", {{"what", what}}}, key);
    }
    ErrorCode opening(const std::string& text, const std::vector<PublicKey>& keys) {
        return code_of([&] { open_statement(text, "it", keys); });
    }
};

TEST_F(SignedText, by_a_retired_key_counts_only_when_it_is_known_from_before) {
    const SecretKey old = ring_.current(clock_);
    const std::string before = signed_by(old, "before");
    ring_.rotate(clock_, [&] { return std::set<std::string>{sha256_hex(before)}; });
    const std::string later = signed_by(old, "later");
    open_statement(before, "it", ring_.public_keys());
    EXPECT_EQ(opening(later, ring_.public_keys()), ErrorCode::refused);
    open_statement(later, "it", ring_.public_keys_of_all_times());
    open_statement(signed_by(ring_.current(clock_), "now"), "it", ring_.public_keys());

    std::string text;
    for (const PublicKey& key : ring_.public_keys()) text += "# a key\n" + pem_with_documents(key);
    const std::vector<PublicKey> read = public_keys_from_pem(text, "it");
    EXPECT_EQ(read, ring_.public_keys());
    open_statement(before, "it", read);
    EXPECT_EQ(opening(later, read), ErrorCode::refused) << "the exported file holds to it, too";
}

TEST_F(SignedText, by_a_revoked_key_counts_only_as_far_as_somebody_vouches_for_it) {
    const SecretKey stolen = ring_.current(clock_);
    const std::string known = signed_by(stolen, "known"), other = signed_by(stolen, "other");
    const auto nothing = [] { return std::set<std::string>{}; };
    EXPECT_EQ(code_of([&] { ring_.revoke("ab", clock_, nothing); }), ErrorCode::not_found);
    const RingKey fresh = ring_.revoke(stolen.public_key().id(), clock_,
                                       [&] { return std::set<std::string>{sha256_hex(known)}; });
    EXPECT_NE(fresh.key, stolen.public_key()) << "it was in use";
    EXPECT_FALSE(ring_.list()[0].revoked.empty());
    open_statement(known, "it", ring_.public_keys());
    EXPECT_EQ(opening(other, ring_.public_keys()), ErrorCode::refused);
    ring_.revoke(stolen.public_key().id(), clock_, nothing);
    EXPECT_EQ(opening(known, ring_.public_keys()), ErrorCode::refused);
    EXPECT_EQ(ring_.list().size(), 2U);
}

TEST_F(SignedText, is_not_believed_when_the_list_of_a_retired_key_was_altered) {
    const SecretKey old = ring_.current(clock_);
    ring_.rotate(clock_, [] { return std::set<std::string>{}; });
    write_file_atomic(folder_.path() / "state" / "ring" / (old.public_key().id() + ".documents"),
                      sha256_hex(signed_by(old, "later")) + "\n");
    EXPECT_EQ(code_of([&] { ring_.public_keys(); }), ErrorCode::invalid);
}

TEST_F(Ring, destroys_an_old_secret_that_a_crash_left) {
    const SecretKey old = ring_.current(clock_);
    ring_.rotate(clock_);
    const fs::path file = folder_.path() / "state" / "ring" / (old.public_key().id() + ".key");
    write_secret_key(file, old);
    ring_.current(clock_);
    EXPECT_FALSE(fs::exists(file));
}

TEST_F(Ring, refuses_a_secret_that_is_gone_or_another_than_it_names) {
    const PublicKey first = ring_.current(clock_).public_key();
    const fs::path file = folder_.path() / "state" / "ring" / (first.id() + ".key");
    fs::remove(file);
    EXPECT_EQ(code_of([&] { ring_.current(clock_); }), ErrorCode::lab);
    write_secret_key(file, SecretKey::generate());
    EXPECT_EQ(code_of([&] { ring_.current(clock_); }), ErrorCode::lab);
}

}  // namespace
}  // namespace patchlab
