// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/users.hpp"

#include <gmock/gmock.h>

#include "platform/core/key_change.hpp"
#include "tests/unit/orchestrator/governance/house_fixture.hpp"

namespace patchlab::governance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Users = House;

TEST_F(Users, whoever_first_acts_on_a_new_state_is_its_administrator_and_on_record) {
    const Actor actor = enter(house, "");
    EXPECT_EQ(actor.user, os_user_name());
    EXPECT_THAT(house.users.get(actor.user).roles, ElementsAre(Role::admin));
    EXPECT_EQ(house.audit.list().at(0).event.action, "user-added");
    EXPECT_EQ(code_of([&] { enter(house, "mallory"); }), ErrorCode::not_allowed);
}

TEST_F(Users, no_role_holds_another_one) {
    add_user("ada", {Role::admin});
    EXPECT_EQ(code_of([&] {
                  require_role(house, {"ada", "ada"}, {Role::release_manager, Role::system_owner},
                               "approve a run");
              }),
              ErrorCode::not_allowed);
    EXPECT_EQ(
        require_role(house, {"ada", "ada"}, {Role::tester, Role::admin}, "ask for a run").name,
        "ada");
}

TEST_F(Users, a_removed_user_may_do_nothing_and_their_name_is_never_anothers) {
    add_user("ada", {Role::admin});
    add_user("bob", {Role::release_manager});
    const fs::path secret =
        folder.path() / "keys" / "users" / (house.users.get("bob").key()->key.id() + ".key");
    EXPECT_TRUE(fs::exists(secret));
    house.users.remove("bob", house.now());
    EXPECT_FALSE(fs::exists(secret));
    EXPECT_EQ(house.users.get("bob").key(), nullptr);
    EXPECT_EQ(house.users.get("bob").keys.size(), 1U);
    EXPECT_EQ(code_of([&] { enter(house, "bob"); }), ErrorCode::not_allowed);
    EXPECT_EQ(code_of([&] { house.users.add("BOB", {Role::tester}, "ada", house.now()); }),
              ErrorCode::conflict);
}

TEST_F(Users, a_removed_users_name_is_given_back_only_to_the_same_person_and_with_their_own_key) {
    add_user("ada", {Role::admin});
    add_user("bob", {Role::release_manager});
    const SecretKey kept = SecretKey::generate();
    house.users.register_key("bob", kept.public_key(), house.now());
    house.users.remove("bob", house.now());
    std::string words;
    EXPECT_EQ(code_of([&] { house.users.add("bob", {Role::tester}, "ada", house.now()); }, &words),
              ErrorCode::conflict);
    EXPECT_THAT(words, HasSubstr("not given to another person"));
    house.users.take_back("bob", {Role::tester});
    ASSERT_NE(house.users.get("bob").key(), nullptr);
    EXPECT_EQ(house.users.get("bob").key()->key, kept.public_key());
}

class Accounts : public House {
  protected:
    Accounts() {
        enter(house, "");  // the account of this process becomes the administrator
        add_user("tess", {Role::tester});
        add_user("rhea", {Role::release_manager});
    }
    const std::string me = os_user_name();
};

TEST_F(Accounts, the_owner_of_the_state_acts_for_others_until_somebody_is_bound_and_it_is_said) {
    const Actor self = enter(house, me), other = enter(house, "rhea");
    EXPECT_EQ(self.login, "os-account");
    EXPECT_EQ(other.user, "rhea");
    EXPECT_EQ(other.login, "on-behalf");
    EXPECT_EQ(other.os_user, me);
    EXPECT_EQ(other.uid, os_account().uid);
}

TEST_F(Accounts, once_somebody_is_bound_only_who_was_given_the_right_acts_for_others) {
    house.users.bind("rhea", "rhea-at-work");
    std::string words;
    EXPECT_EQ(code_of([&] { enter(house, "tess"); }, &words), ErrorCode::not_allowed);
    EXPECT_THAT(words, HasSubstr("may not act as 'tess'"));
    EXPECT_EQ(house.audit.list().back().event.action, "refused");
    EXPECT_EQ(enter(house, "").user, me) << "they are themselves as before";
    house.users.let_act_for_others(me, true);
    EXPECT_EQ(enter(house, "tess").login, "on-behalf");
    house.users.let_act_for_others(me, false);
    house.users.remove("rhea", house.now());
    EXPECT_EQ(enter(house, "tess").login, "on-behalf") << "nobody is bound any more";
}

TEST_F(Accounts, are_of_one_user_each_and_name_that_user_by_themselves) {
    house.users.bind("rhea", me);
    EXPECT_EQ(enter(house, "").user, "rhea");
    EXPECT_EQ(enter(house, "rhea").login, "os-account");
    EXPECT_EQ(code_of([&] { house.users.bind("tess", me); }), ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { enter(house, "tess"); }), ErrorCode::not_allowed);
    house.users.bind("rhea", "");
    house.users.bind("tess", me);
    EXPECT_EQ(enter(house, "").user, "tess");
}

TEST_F(Accounts, of_the_same_name_are_a_users_own_unless_they_are_bound_to_another) {
    EXPECT_EQ(house.users.of_account("tess")->name, "tess");
    house.users.bind("tess", "elsewhere");
    EXPECT_FALSE(house.users.of_account("tess"));
    EXPECT_EQ(house.users.of_account("elsewhere")->name, "tess");
}

TEST_F(Users, who_keep_their_own_key_must_agree_to_another_one) {
    add_user("ada", {Role::admin});
    add_user("rhea", {Role::release_manager});
    const SecretKey old_key = SecretKey::generate(), new_key = SecretKey::generate();
    const std::string to = new_key.public_key().id();
    expect_key_change(house.users.get("rhea"), to, "");  // patchlab keeps the key in use
    house.users.register_key("rhea", old_key.public_key(), house.now());
    const User rhea = house.users.get("rhea");
    EXPECT_EQ(code_of([&] { expect_key_change(rhea, to, ""); }), ErrorCode::not_allowed);
    expect_key_change(rhea, to, agree_to_key("rhea", to, old_key));
    for (const std::string& other :
         {agree_to_key("rhea", to, new_key), agree_to_key("ada", to, old_key),
          agree_to_key("rhea", "state", old_key)})
        EXPECT_EQ(code_of([&] { expect_key_change(rhea, to, other); }), ErrorCode::refused);
}

TEST(Possession, is_shown_by_the_key_itself_for_one_user_and_no_other) {
    const SecretKey key = SecretKey::generate(), other = SecretKey::generate();
    const PublicKey shown = key.public_key();
    expect_possession(prove_possession("rhea", key), "rhea", shown);
    for (const std::string& wrong : {prove_possession("ada", key), prove_possession("rhea", other),
                                     agree_to_key("rhea", shown.id(), key)})
        EXPECT_EQ(code_of([&] { expect_possession(wrong, "rhea", shown); }), ErrorCode::refused);
}

TEST_F(Users, the_last_administrator_stays) {
    add_user("ada", {Role::admin});
    EXPECT_EQ(code_of([&] { house.users.remove("ada", house.now()); }), ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { house.users.set_roles("ada", {Role::tester}); }), ErrorCode::conflict);
    add_user("eve", {Role::admin});
    house.users.remove("ada", house.now());
    EXPECT_FALSE(house.users.get("ada").active());
}

TEST_F(Users, a_key_that_the_user_keeps_is_not_here) {
    add_user("ada", {Role::admin});
    add_user("bob", {Role::release_manager});
    const SecretKey own = SecretKey::generate();
    house.users.register_key("bob", own.public_key(), house.now());
    const User bob = house.users.get("bob");
    ASSERT_EQ(bob.keys.size(), 2U);
    EXPECT_FALSE(bob.keys[0].retired.empty());
    EXPECT_EQ(bob.key()->key, own.public_key());
    EXPECT_EQ(code_of([&] { house.users.kept_key(bob); }), ErrorCode::not_allowed);
    std::string words;
    EXPECT_EQ(
        code_of([&] { house.users.register_key("ada", own.public_key(), house.now()); }, &words),
        ErrorCode::conflict);
    EXPECT_THAT(words, HasSubstr("of user 'bob'"));
}

TEST_F(Users, names_are_plain) {
    for (const char* name : {"", "-rf", ".", "a b", "a/b", "a\nb", "\xc3\xa4", "@x"})
        EXPECT_EQ(code_of([&] { check_user_name(name); }), ErrorCode::invalid) << name;
    EXPECT_NO_THROW(check_user_name("ada.lovelace@example.org"));
}

}  // namespace
}  // namespace patchlab::governance
