// SPDX-License-Identifier: Apache-2.0
//
// A guest agent that is asked to restart itself may go before it answered, later, or never.
#include <gtest/gtest.h>

#include "orchestrator/pipeline/stages/stages.hpp"

namespace patchlab::pipeline {
namespace {

/// Answers as the process `pid`; what follows the request to restart is played from `after`, one
/// word a call.
class ScriptedAgent final : public guest::GuestChannel {
  public:
    explicit ScriptedAgent(std::vector<std::string> after) : after_(std::move(after)) {}
    int requests = 0;

    void wait_until_ready(Seconds) override {}
    guest::GuestResult run(const guest::GuestCommand& command) override {
        guest::GuestResult result;
        result.exit_code = 0;
        if (std::count(command.argv.begin(), command.argv.end(), "restart") > 0) ++requests;
        const std::string word = requests == 0 || next_ == after_.size() ? last_ : after_[next_++];
        if (word == "lost")
            throw guest::ChannelLost("the guest agent was restarted while a command ran");
        last_ = word;
        result.out = word + "\n";
        return result;
    }
    void freeze() override {}
    void thaw() override {}
    void set_time(TimePoint) override {}

  private:
    std::vector<std::string> after_;
    std::size_t next_ = 0;
    std::string last_ = "100";
};

TEST(RestartAgent,
     an_agent_that_goes_before_it_answers_is_no_loss_when_another_process_answers_later) {
    for (const std::vector<std::string>& after :
         std::vector<std::vector<std::string>>{{"lost", "200"},
                                               {"100", "lost", "200"},
                                               {"100", "100", "0", "lost", "lost", "200"},
                                               {"lost", "100", "100", "200"}}) {
        ScriptedAgent agent(after);
        restart_agent(agent);
        EXPECT_EQ(agent.requests, 1) << "asked once";
        EXPECT_EQ(agent.run({{"/bin/sh"}, "", {}, Seconds(1), 10}).out, "200\n")
            << "it did not wait for the new process";
    }
}

TEST(RestartAgent, an_agent_that_was_silent_before_anything_was_asked_is_lost) {
    class Silent final : public guest::GuestChannel {
        void wait_until_ready(Seconds) override {}
        guest::GuestResult run(const guest::GuestCommand&) override {
            throw guest::ChannelLost("silent");
        }
        void freeze() override {}
        void thaw() override {}
        void set_time(TimePoint) override {}
    } silent;
    EXPECT_THROW(restart_agent(silent), guest::ChannelLost);
}

}  // namespace
}  // namespace patchlab::pipeline
