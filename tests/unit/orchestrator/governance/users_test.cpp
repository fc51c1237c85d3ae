// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/users.hpp"

#include <gmock/gmock.h>

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
