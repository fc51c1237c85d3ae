// SPDX-License-Identifier: Apache-2.0
//
// Tells people: writes a delivery for each target that wants the notice, then tries them. What a
// target does not take at once is tried again a few times with a pause, then stays queued and is
// tried again with later notices and by `notify retry`. Nothing that goes wrong with a target, or
// with the outbox itself, ever reaches the caller of send(). Thread safety: one a thread; several
// processes may send at once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/notify/message.hpp"
#include "orchestrator/notify/outbox.hpp"

namespace patchlab::notify {

using Wait = std::function<void(Seconds)>;
/// Sleeps.
Wait real_wait();

class Notifier final : public NoticeSink {
  public:
    Notifier(std::filesystem::path state, std::vector<NotifyTarget> targets,
             process::CommandRunner& runner, const Clock& clock, Wait wait = real_wait());

    /// Writes down one delivery a target, then carries those and older ones that are due.
    void send(const Notice& notice) override;
    /// Carries these, whether they are due or not; none named: all that are not delivered. Gives
    /// them as they are afterwards.
    std::vector<Delivery> retry(const std::vector<std::string>& ids = {});
    /// One attempt with pauses for each target, written down nowhere.
    std::vector<Attempt> test(const Notice& notice);

  private:
    std::string next_id();
    Attempt insist(const Message& message, const NotifyTarget& target,
                   const std::function<void(const Attempt&)>& after_each);
    void carry_what_is_due();
    Delivery carry(const std::string& id, bool even_if_failed);

    std::vector<NotifyTarget> targets_;
    const Clock& clock_;
    Wait wait_;
    Outbox outbox_;
    Carrier carrier_;
};

/// The targets of this installation, from the file that `notify add` keeps; none when there is no
/// such file.
std::vector<NotifyTarget> installed_targets(const std::filesystem::path& state);
/// Keeps them. They must hold absolute names of files.
void install_targets(const std::filesystem::path& state, const std::vector<NotifyTarget>& targets);
/// Those of the installation that are told of everything. One with a name is told of the rollouts
/// that name it, and of nothing else.
std::vector<NotifyTarget> general_targets(const std::filesystem::path& state);
/// Error(not_found) when one of these names a target that the installation does not have.
void require_known_targets(const std::filesystem::path& state,
                           const std::vector<NotifyTarget>& of_rollout);
/// Those of a rollout and, besides, the general ones of the installation, each once. A command of
/// the rollout's own, from before definitions could not have any, is left out.
std::vector<NotifyTarget> all_targets(const std::filesystem::path& state,
                                      const std::vector<NotifyTarget>& of_rollout);

}  // namespace patchlab::notify
