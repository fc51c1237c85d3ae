// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/fake_channel.hpp"

#include <algorithm>
#include <thread>

#include "platform/core/json.hpp"

namespace patchlab::guest {

namespace {

class FakeChannel final : public GuestChannel {
  public:
    FakeChannel(std::filesystem::path socket, std::shared_ptr<FakeGuest> guest)
        : socket_(std::move(socket)), guest_(std::move(guest)) {}

    void wait_until_ready(Seconds time) override {
        const Deadline deadline(time);
        while (!there()) {
            if (deadline.passed()) throw ChannelLost("the fake guest did not answer in time");
            std::this_thread::sleep_for(std::min(std::chrono::milliseconds(5), deadline.left()));
        }
    }

    GuestResult run(const GuestCommand& command) override {
        if (command.argv.empty() || command.argv.front().substr(0, 1) != "/")
            throw Error(ErrorCode::internal,
                        "a command for a guest must start with an absolute path");
        require_there();
        if (guest_->frozen) throw ChannelLost("the fake guest's filesystems are frozen");
        ++guest_->commands;
        GuestResult result{0, 0, false, false, "", ""};
        if (guest_->mood == FakeMood::hangs) result = hang(command);
        else if (guest_->mood == FakeMood::disk_full)
            result = {1, 0, false, false, "", "No space left on device\n"};
        else if (guest_->handler) result = guest_->handler(command);
        require_there();  // the command may have ended the machine
        for (std::string* stream : {&result.out, &result.err})
            if (stream->size() > command.max_output) {
                stream->resize(command.max_output);
                result.truncated = true;
            }
        return result;
    }

    void freeze() override {
        require_there();
        guest_->frozen = true;
    }
    void thaw() override {
        require_there();
        guest_->frozen = false;
    }
    void set_time(TimePoint now) override {
        require_there();
        guest_->clock =
            std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
    }

  private:
    bool there() const {
        if (guest_->mood == FakeMood::silent) return false;
        if (socket_.empty()) return true;
        const auto machine = look_at_fake_machine(socket_);
        return machine && machine->state == "running";
    }
    void require_there() const {
        if (!there()) throw ChannelLost("the fake guest is silent");
    }
    static GuestResult hang(const GuestCommand& command) {
        std::this_thread::sleep_for(command.deadline);
        GuestResult result;
        result.timed_out = true;
        return result;
    }

    std::filesystem::path socket_;
    std::shared_ptr<FakeGuest> guest_;
};

}  // namespace

std::optional<FakeMachineView> look_at_fake_machine(const std::filesystem::path& socket) {
    try {
        const Json document = read_json(socket, 65536);
        const JsonReader reader(document, socket.string());
        reader.expect_schema("patchlab/fake-machine/v1");
        return FakeMachineView{reader.string("machine"), reader.string("boot"),
                               reader.string("state"), reader.string("disk")};
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::unique_ptr<GuestChannel> open_fake(const std::filesystem::path& socket,
                                        std::shared_ptr<FakeGuest> guest) {
    return std::make_unique<FakeChannel>(socket, std::move(guest));
}

}  // namespace patchlab::guest
