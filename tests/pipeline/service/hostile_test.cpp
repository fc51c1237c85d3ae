// SPDX-License-Identifier: Apache-2.0
//
// Callers who say what they should not, or not at all.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "orchestrator/service/back/front_child.hpp"
#include "orchestrator/service/wire/connection.hpp"
#include "orchestrator/service/wire/message.hpp"
#include "tests/support/service.hpp"

namespace patchlab::tests {
namespace {

using service::Ask;
using service::Connection;

class Hostile : public testing::Test {
  protected:
    Hostile() { service_.emplace(lab_); }
    Connection connect() { return service_->connect(); }
    static void write(Connection& connection, const std::string& bytes) {
        ASSERT_EQ(::send(connection.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    /// What the service answers; null when it hangs up without a word.
    static Json answer(Connection& connection, Seconds patience = Seconds(10)) {
        try {
            auto received = connection.receive(patience);
            return received ? received->message : Json(nullptr);
        } catch (const Error&) {
            return nullptr;
        }
    }
    static std::string refusal(Connection& connection) {
        const Json said = answer(connection);
        return said.is_object() && said.contains("error")
                   ? said.at("error").at("message").get<std::string>()
                   : "";
    }
    static UniqueFd open(const fs::path& path, int flags = O_RDONLY) {
        return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC));
    }
    void still_answers() {
        Connection other = connect();
        other.send(to_json(Ask{"run.list", Json::object(), "", {}, {}}));
        EXPECT_TRUE(answer(other).contains("response"));
    }

    PlayedLab lab_;
    std::optional<RunningService> service_;
};

TEST_F(Hostile, what_is_no_message_is_refused_and_the_line_is_cut) {
    const std::string none(4, '\0');
    for (const std::string& bytes :
         {none, std::string("\xff\xff\xff\xff", 4), std::string("\x01\x00\x00\x01", 4),
          std::string("\0\0\0\x02[]", 6), std::string("\0\0\0\x03{x}", 7),
          std::string("\0\0\0\x02\xff\xfe", 6)}) {
        Connection caller = connect();
        write(caller, bytes);
        EXPECT_NE(refusal(caller), "") << testing::PrintToString(bytes);
        EXPECT_TRUE(answer(caller).is_null());
    }
    still_answers();
}

TEST_F(Hostile, a_message_has_the_members_and_types_that_it_has) {
    for (const Json& message : std::vector<Json>{
             {{"call", 1}},
             {{"call", "run.list"}, {"request", "x"}},
             {{"call", "run.list"}, {"more", 1}},
             {{"call", ""}},
             {{"interrupt", 1}},
             {{"call", "run.list"}, {"credential", "x"}},
             {{"call", "run.list"}, {"credential", {{"token", "a"}, {"session", "b"}}}},
             Json::object()}) {
        Connection caller = connect();
        caller.send(message);
        EXPECT_NE(refusal(caller), "") << message;
    }
    still_answers();
}

TEST_F(Hostile, a_credential_that_is_none_opens_nothing) {
    Connection caller = connect();
    caller.send({{"call", "run.list"}, {"credential", {{"token", "plt_x"}}}});
    EXPECT_NE(refusal(caller).find("this is no token"), std::string::npos);
    caller.send({{"call", "run.list"}, {"credential", {{"proxy", {{"user", "root"}}}}}});
    EXPECT_NE(refusal(caller).find("only the front"), std::string::npos);
}

TEST_F(Hostile, no_path_of_the_host_is_opened_for_a_caller) {
    Connection caller = connect();
    caller.send(to_json(Ask{"patch.add", {{"files", {"/etc/shadow"}}}, "", {}, {}}));
    EXPECT_NE(refusal(caller).find("takes no path of its host"), std::string::npos);
    caller.send(
        to_json(Ask{"evidence.verify", {{"run", "r-1"}, {"key", "/etc/shadow"}}, "", {}, {}}));
    EXPECT_NE(refusal(caller).find("takes no path of its host"), std::string::npos);
}

TEST_F(Hostile, descriptors_are_what_the_request_says_or_nothing) {
    const fs::path file = lab_.state() / "patchlab.db";
    const auto ask = [&](const Json& lent, const std::vector<int>& files) {
        Connection caller = connect();
        caller.send(to_json(Ask{"patch.add", {{"files", Json::array({lent})}}, "", {}, {}}), files);
        return refusal(caller);
    };
    const UniqueFd good = open(file), folder = open(lab_.state(), O_RDONLY | O_DIRECTORY),
                   null = open("/dev/zero"), path = open(file, O_PATH),
                   writable = open(file, O_WRONLY);
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd read_end(ends[0]), write_end(ends[1]);
    const Json first{{"file", "x.deb"}, {"fd", 0}};
    EXPECT_NE(ask(first, {}).find("no file came"), std::string::npos);
    EXPECT_NE(ask({{"file", "x.deb"}, {"fd", 7}}, {good.get()}).find("no file came"),
              std::string::npos);
    EXPECT_NE(ask({{"file", "x.deb"}, {"fd", -1}}, {good.get()}).find("described badly"),
              std::string::npos);
    EXPECT_NE(ask({{"file", "x.deb"}, {"is", "missing"}}, {good.get()}).find("described badly"),
              std::string::npos);
    EXPECT_NE(ask(first, {good.get(), good.get()}).find("described badly"), std::string::npos);
    EXPECT_NE(ask(first, {folder.get()}).find("described badly"), std::string::npos);
    EXPECT_NE(ask(first, {null.get()}).find("described badly"), std::string::npos);
    EXPECT_NE(ask(first, {path.get()}).find("cannot be read"), std::string::npos);
    EXPECT_NE(ask(first, {writable.get()}).find("cannot be read"), std::string::npos);
    EXPECT_NE(ask(first, {read_end.get()}).find("described badly"), std::string::npos);
    EXPECT_NE(ask({{"file", 1}, {"fd", 0}}, {good.get()}).find("described badly"),
              std::string::npos);
    EXPECT_NE(ask({{"file", "../../x"}, {"fd", 0}}, {good.get()}), "") << "it is no package";
    still_answers();
    for (const fs::directory_entry& left : fs::directory_iterator(lab_.state() / "tmp"))
        ADD_FAILURE() << "left behind: " << left.path();
}

TEST_F(Hostile, slow_writers_keep_nobody_else_waiting) {
    std::vector<Connection> slow;
    for (int i = 0; i < 40; ++i) {
        slow.push_back(connect());
        write(slow.back(), std::string("\0\0", 2));
    }
    const Stopwatch watch;
    if (::geteuid() != 0) GTEST_SKIP() << "only root has another account to ask from";
    const auto other = service_->ask({"run", "list"}, {}, 61009);
    EXPECT_EQ(other.exit_code, 4) << "answered, with a refusal: " << other.err;
    EXPECT_LT(watch.seconds(), 5);
    EXPECT_NE(answer(slow.front(), Seconds(20)), Json(nullptr)) << "told that it took too long";
}

TEST_F(Hostile, a_second_call_in_the_middle_of_one_is_not_obeyed) {
    lab_.play({{"packages", {{"hello", "1.0"}}}, {"install_seconds", 2}});
    Connection caller = connect();
    caller.send(to_json(Ask{
        "run.start", {{"lab", "shop"}, {"patches", {"hello_2.0"}}, {"drill", false}}, "", {}, {}}));
    caller.send(to_json(Ask{"user.add", {{"name", "x"}, {"roles", {"admin"}}}, "", {}, {}}));
    std::this_thread::sleep_for(std::chrono::seconds(4));
    EXPECT_EQ(lab_.run({"user", "show", "x"}).exit_code, 2);
}

}  // namespace
}  // namespace patchlab::tests
