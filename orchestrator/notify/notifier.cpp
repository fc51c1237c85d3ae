// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/notify/notifier.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <thread>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::notify {

namespace {

constexpr std::size_t attempts_at_once = 3;  ///< attempts, one after the other
constexpr std::size_t delivered_kept = 1000;
constexpr std::size_t tries_until_failed = 30;  ///< about a day of them
constexpr const char* targets_schema = "patchlab/notify/v1";

fs::path targets_file(const fs::path& state) { return state / "notify" / "targets.json"; }

Seconds pause_after(std::size_t attempt) { return Seconds(attempt == 1 ? 1 : 4); }

/// When one that was busy is due again: a minute later, then two, four, … an hour at most.
TimePoint due_after(std::size_t tried, TimePoint now) {
    const double minutes = std::min(
        60.0,
        std::pow(2.0, static_cast<double>(std::min<std::size_t>(tried / attempts_at_once, 6)) - 1));
    return now +
           std::chrono::duration_cast<TimePoint::duration>(Seconds(std::max(1.0, minutes) * 60));
}

}  // namespace

Wait real_wait() {
    return [](Seconds seconds) { std::this_thread::sleep_for(seconds); };
}

Notifier::Notifier(std::filesystem::path state, std::vector<NotifyTarget> targets,
                   process::CommandRunner& runner, const Clock& clock, Wait wait)
    : targets_(std::move(targets)),
      clock_(clock),
      wait_(std::move(wait)),
      outbox_(state),
      carrier_(runner, clock, state / "notify" / "scratch") {}

std::string Notifier::next_id() {
    std::string time = to_rfc3339(clock_.now());
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    return "n-" + time + "-" + random_hex(4);
}

Attempt Notifier::insist(const Message& message, const NotifyTarget& target,
                         const std::function<void(const Attempt&)>& after_each) {
    for (std::size_t attempt = 1;; ++attempt) {
        const Attempt made = carrier_.carry(message, target);
        after_each(made);
        if (made.taking != Taking::busy || attempt == attempts_at_once) return made;
        wait_(pause_after(attempt));
    }
}

Delivery Notifier::carry(const std::string& id, bool even_if_failed) {
    const std::optional<FileLock> lock = outbox_.lock(id);
    Delivery delivery = outbox_.get(id);
    const bool open = delivery.state == DeliveryState::queued ||
                      (even_if_failed && delivery.state == DeliveryState::failed);
    if (!lock || !open) return delivery;  // another process is at it, or was
    insist(delivery.message, delivery.target, [&](const Attempt& attempt) {
        ++delivery.tried;
        delivery.tries.push_back({to_rfc3339(clock_.now()), attempt});
        const bool give_up =
            attempt.taking == Taking::refused || delivery.tried >= tries_until_failed;
        delivery.state = DeliveryState::queued;
        if (attempt.taking == Taking::taken) delivery.state = DeliveryState::delivered;
        else if (give_up) delivery.state = DeliveryState::failed;
        delivery.due = to_rfc3339(due_after(delivery.tried, clock_.now()));
        outbox_.put(delivery);
    });
    if (delivery.state != DeliveryState::delivered)
        log_warning("notice " + id + " for " + label(delivery.target) +
                    " is not delivered: " + delivery.tries.back().attempt.detail);
    return delivery;
}

void Notifier::carry_what_is_due() {
    std::set<std::string> silent;  // one that does not answer is not asked again for each of its
                                   // deliveries: rollouts wait for this
    for (const Delivery& delivery : outbox_.list()) {
        const std::string target = to_line(to_json(delivery.target));
        if (delivery.state != DeliveryState::queued || from_rfc3339(delivery.due) > clock_.now() ||
            silent.contains(target))
            continue;
        if (carry(delivery.message.id, false).state == DeliveryState::queued) silent.insert(target);
    }
}

void Notifier::send(const Notice& notice) {
    try {
        const std::string now = to_rfc3339(clock_.now());
        for (const NotifyTarget& target : targets_) {
            if (!wants(target, notice.kind)) continue;
            Delivery delivery;
            delivery.message = {next_id(), now, notice};
            delivery.target = target;
            delivery.due = now;
            outbox_.put(delivery);
        }
        carry_what_is_due();
        outbox_.prune(delivered_kept);
    } catch (const std::exception& error) {
        log_error(std::string("a notice could not be sent: ") + error.what());
    }
}

std::vector<Delivery> Notifier::retry(const std::vector<std::string>& ids) {
    std::vector<std::string> wanted = ids;
    for (const std::string& id : ids)
        outbox_.get(id);  // a word that names none is told before anything is sent
    if (ids.empty())
        for (const Delivery& delivery : outbox_.list())
            if (delivery.state != DeliveryState::delivered) wanted.push_back(delivery.message.id);
    std::vector<Delivery> all;
    for (const std::string& id : wanted) all.push_back(carry(id, true));
    return all;
}

std::vector<Attempt> Notifier::test(const Notice& notice) {
    std::vector<Attempt> attempts;
    for (const NotifyTarget& target : targets_)
        attempts.push_back(
            insist({next_id(), to_rfc3339(clock_.now()), notice}, target, [](const Attempt&) {}));
    return attempts;
}

std::vector<NotifyTarget> installed_targets(const fs::path& state) {
    const fs::path file = targets_file(state);
    if (!fs::exists(file)) return {};
    const Json document = read_json(file, 1U << 20);
    const JsonReader json(document, file.string());
    json.expect_schema(targets_schema);
    return notify_targets(
        json.raw("targets"), "/targets", [&](const std::string& path, const std::string& message) {
            throw Error(ErrorCode::invalid, file.string() + ": " + path + ": " + message);
        });
}

void install_targets(const fs::path& state, const std::vector<NotifyTarget>& targets) {
    Json list = Json::array();
    for (const NotifyTarget& target : targets) list.push_back(to_json(target));
    make_folder(state / "notify", 0700);
    write_json(targets_file(state), {{"schema", targets_schema}, {"targets", list}}, 0600);
}

std::vector<NotifyTarget> general_targets(const fs::path& state) {
    std::vector<NotifyTarget> targets = installed_targets(state);
    std::erase_if(targets, [](const NotifyTarget& target) { return !target.name.empty(); });
    return targets;
}

namespace {

/// The target itself, or the one of the installation that it names, for the events that it wants;
/// nullopt when there is none, and for a command, which only an administrator may write down.
std::optional<NotifyTarget> meant_by(const NotifyTarget& wanted,
                                     const std::vector<NotifyTarget>& installed) {
    if (!wanted.command.empty()) return std::nullopt;
    if (wanted.target.empty()) return wanted;
    const auto found =
        std::find_if(installed.begin(), installed.end(),
                     [&](const NotifyTarget& one) { return one.name == wanted.target; });
    if (found == installed.end()) return std::nullopt;
    NotifyTarget meant = *found;
    if (!wanted.on.empty()) meant.on = wanted.on;
    return meant;
}

}  // namespace

void require_known_targets(const fs::path& state, const std::vector<NotifyTarget>& of_rollout) {
    std::vector<NotifyTarget> installed;
    for (const NotifyTarget& target : of_rollout) {
        if (target.target.empty()) continue;
        if (installed.empty()) installed = installed_targets(state);
        if (!meant_by(target, installed))
            throw Error(ErrorCode::not_found,
                        "this installation has no notify target '" + target.target + "'",
                        "an administrator gives it one, with name: " + target.target +
                            ", by: patchlab notify add FILE");
    }
}

std::vector<NotifyTarget> all_targets(const fs::path& state,
                                      const std::vector<NotifyTarget>& of_rollout) {
    std::vector<NotifyTarget> installed;
    try {
        installed = installed_targets(state);
    } catch (const Error& error) {
        log_error(std::string("the targets of this installation cannot be read: ") + error.what());
    }
    std::vector<NotifyTarget> all;
    for (const NotifyTarget& target : of_rollout) {
        if (const auto meant = meant_by(target, installed)) all.push_back(*meant);
        else
            log_warning("nobody is told through " + label(target) +
                        ": it is no target of this installation");
    }
    for (NotifyTarget& target : installed) {
        if (!target.name.empty()) continue;
        const Json text = to_json(target);
        if (std::none_of(all.begin(), all.end(),
                         [&](const NotifyTarget& other) { return to_json(other) == text; }))
            all.push_back(std::move(target));
    }
    return all;
}

}  // namespace patchlab::notify
