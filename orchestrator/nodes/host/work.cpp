// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/host/work.hpp"

#include <optional>
#include <thread>

#include "orchestrator/nodes/file_piece.hpp"
#include "orchestrator/nodes/host/contact.hpp"
#include "orchestrator/nodes/host/hand_in.hpp"
#include "orchestrator/nodes/host/web_files.hpp"
#include "orchestrator/nodes/host/worker_child.hpp"
#include "orchestrator/pipeline/run/reaper.hpp"
#include "orchestrator/pipeline/run/request.hpp"
#include "orchestrator/pipeline/worker.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/key_ring.hpp"
#include "platform/core/text.hpp"

namespace patchlab::nodes {

namespace {

constexpr Seconds look_every{0.25}, beat_every{5}, beat_while_waiting{2};
constexpr std::size_t most_events_at_once = 512U << 10;

/// The events that the head has not got yet.
class NewEvents {
  public:
    explicit NewEvents(const pipeline::RunFolder& run) : file_(run.events()) {}

    /// Whole lines; empty when there is nothing new.
    std::string next() const {
        std::string lines = read_piece(file_, at_, most_events_at_once).value_or("");
        const auto end = lines.rfind('\n');
        lines.resize(end == std::string::npos ? 0 : end + 1);
        return lines;
    }
    void reported(const std::string& lines) { at_ += lines.size(); }

  private:
    fs::path file_;
    std::uint64_t at_ = 0;
};

class Attempt {
  public:
    Attempt(const WorkParts& parts, std::string run, int attempt)
        : parts_(parts),
          number_(attempt),
          folder_(parts.state / "runs" / run),
          key_(installation_keys(parts.state).current(*parts.clock)),
          contact_(identity(parts), key_, run, attempt, parts.configuration.lost_after),
          cache_(parts.state, {parts.configuration.cache_bytes, parts.configuration.keep_free}),
          events_(folder_) {}

    int work();

  private:
    static NodeIdentity identity(const WorkParts& parts);
    void tidy() const;
    fs::path lock_of(const std::string& run) const;
    void receive_run(const std::string& request);
    bool has_mark_of_this_attempt() const;
    void provide_materials();
    void tell_contents();
    std::optional<int> follow(WorkerChild& worker);
    void beat();
    void beat_sometimes(Seconds every);
    int deliver();
    bool was_accepted();
    int leave_delivered() const;
    std::string stage_now() const;
    fs::path mark() const { return folder_.root() / "attempt"; }

    const WorkParts& parts_;
    int number_;
    pipeline::RunFolder folder_;
    SecretKey key_;
    Contact contact_;
    Cache cache_;
    NewEvents events_;
    Uses uses_;
    std::optional<FileLock> working_;  ///< no other process of this host has this run
    Stopwatch beaten_;
    bool cancelled_ = false;
};

NodeIdentity Attempt::identity(const WorkParts& parts) {
    const std::string& pem = parts.configuration.head_keys;
    return {parts.configuration.name, parts.head,
            pem.empty() ? std::vector<PublicKey>{} : public_keys_from_pem(pem, "node.json")};
}

/// Left by this very attempt, whose process ended before it had delivered.
bool Attempt::has_mark_of_this_attempt() const {
    return read_file_if_any(mark()) == std::to_string(number_) + "\n";
}

fs::path Attempt::lock_of(const std::string& run) const {
    make_folder_if_missing(parts_.state / "cache" / "attempts", 0700);
    return parts_.state / "cache" / "attempts" / run;
}

/// What attempts left whose process is no more. Their runs are worked elsewhere by now.
void Attempt::tidy() const {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(parts_.state / "runs", none)) {
        const std::string run = entry.path().stem().string();
        if (run == folder_.id()) continue;
        const auto lock = FileLock::try_acquire(lock_of(run));
        if (lock && !FileLock::is_held(entry.path() / "lock")) remove_tree(entry.path());
    }
    try {
        pipeline::reap(parts_.state, [](const std::string&) { return true; });
    } catch (const Error& error) {
        parts_.report(error.what());
    }
}

void Attempt::receive_run(const std::string& request) {
    // an older attempt on this host ends as soon as it hears of this one
    while (!working_) {
        working_ = FileLock::try_acquire(lock_of(folder_.id()));
        if (working_) break;
        beat_sometimes(beat_while_waiting);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    if (has_mark_of_this_attempt() && read_file_if_any(folder_.request()) == request) return;
    remove_tree(folder_.root());
    const pipeline::RunFolder part(fs::path(folder_.root()) += ".part");
    remove_tree(part.root());
    make_folder(part.root() / "input", 0700);
    make_folder(part.root(), 0710);
    write_file_atomic(part.request(), request, 0600);
    pipeline::RunState state;
    state.id = folder_.id();
    part.save(state);
    write_file_atomic(part.root() / "attempt", std::to_string(number_) + "\n");
    const pipeline::RunRequest asked = pipeline::read_request(part.request());
    if (asked.id != folder_.id())
        throw Error(ErrorCode::invalid, "the head gave the request of run " + asked.id);
    fs::rename(part.root(), folder_.root());
}

void Attempt::provide_materials() {
    const pipeline::RunRequest request = pipeline::read_request(folder_.request());
    pipeline::require_backend_of(request, parts_.backend);
    cache_.use_prepared(pipeline::prepared_digest(request, parts_.emulator()), folder_.id(), uses_);
    const CacheReports reports{parts_.report, [this] { beat_sometimes(beat_while_waiting); }};
    WebFiles web(parts_.configuration.files, *parts_.commands);
    const auto fetch = [&](const std::string& path, std::uint64_t offset) {
        beat_sometimes(beat_every);
        if (cancelled_) throw LostToAnother("run " + folder_.id() + " was cancelled");
        const bool asked = web.trouble().empty();
        if (auto bytes = web.read(path, offset)) return *std::move(bytes);
        if (asked && !web.trouble().empty()) parts_.report(web.trouble());
        return contact_.keep_trying([&](HeadClient& head) { return head.read(path, offset); });
    };
    const auto wanted = contact_.keep_trying([](HeadClient& head) { return head.materials(); });
    for (const Material& material : wanted)
        cache_.provide(material, folder_.id(), fetch, reports, uses_);
    cache_.make_room(0);  // what the run itself writes has room
    tell_contents();
}

/// So that runs which need the same come here rather than elsewhere. No attempt fails for it.
void Attempt::tell_contents() {
    constexpr std::size_t most = 4096;
    std::vector<std::string> keys;
    for (const CachedContent& content : cache_.list())
        if (keys.size() < most) keys.push_back(content.key);
    contact_.try_once([&](HeadClient& head) { head.tell_contents(keys, parts_.emulator()); });
}

std::string Attempt::stage_now() const {
    try {
        return std::string(pipeline::name(folder_.load().stage));
    } catch (const Error&) {
        return std::string(pipeline::name(pipeline::Stage::clone));
    }
}

void Attempt::beat() {
    beaten_ = Stopwatch();
    const std::string lines = events_.next();
    const bool told = contact_.try_once(
        [&](HeadClient& head) { cancelled_ = head.beat(stage_now(), lines) || cancelled_; });
    if (told) events_.reported(lines);
}

void Attempt::beat_sometimes(Seconds every) {
    if (Seconds(beaten_.seconds()) >= every) beat();
}

/// Until the worker has ended; nullopt: the run was cancelled, and the worker is no more.
std::optional<int> Attempt::follow(WorkerChild& worker) {
    for (;;) {
        const auto ended = worker.wait(look_every);
        if (ended) return ended;
        if (!events_.next().empty()) beat();
        else beat_sometimes(beat_every);
        if (cancelled_) {
            worker.kill();
            return std::nullopt;
        }
    }
}

int Attempt::deliver() {
    const pipeline::RunState state = folder_.load();
    if (state.progress != pipeline::RunProgress::finished) {
        beat();  // the head shows how far it came
        parts_.report("the worker was lost in stage " + std::string(name(state.stage)));
        return exit_elsewhere;
    }
    if (!state.faults.empty())
        if (const auto problems = parts_.problems(); !problems.empty())
            throw Error(ErrorCode::lab, "the host failed under the run: " + joined(problems));
    while (!events_.next().empty() && !cancelled_) {
        contact_.keep_trying([](HeadClient&) { return true; });
        beat();
    }
    fail_point("run-worked");
    tell_contents();  // the lab may have been prepared
    hand_in(contact_, folder_);
    return leave_delivered();
}

/// The head has it all, but this host never heard so: a process died in between.
bool Attempt::was_accepted() {
    if (!working_) working_ = FileLock::try_acquire(lock_of(folder_.id()));
    return working_ && has_mark_of_this_attempt() &&
           folder_.load().progress == pipeline::RunProgress::finished &&
           was_handed_in(contact_, folder_);
}

/// Gives what the worker of such a run exits with.
int Attempt::leave_delivered() const {
    const int exit =
        pipeline::exit_code_of_run(folder_.load(), pipeline::read_request(folder_.request()).kind);
    fail_point("run-delivered");
    remove_tree(folder_.root());
    return exit;
}

int Attempt::work() {
    tidy();
    try {
        receive_run(contact_.keep_trying([](HeadClient& head) { return head.begin(); }));
    } catch (const LostToAnother&) {
        if (was_accepted()) return leave_delivered();
        throw;
    }
    fail_point("run-received");
    if (!is_over(folder_.load().progress)) {
        provide_materials();
        fail_point("materials-provided");
        WorkerChild worker([this] { return parts_.work(folder_); });
        if (!follow(worker)) return 3;
    }
    return deliver();
}

}  // namespace

int work_attempt(const WorkParts& parts, const std::string& run, int attempt) {
    const auto out_of_service = [&](const std::string& reason) {
        parts.report(reason);
        parts.drain(reason);
        return exit_elsewhere;
    };
    if (const auto problems = parts.problems(); !problems.empty())
        return out_of_service(joined(problems));
    try {
        return Attempt(parts, run, attempt).work();
    } catch (const LostToAnother& lost) {
        parts.report(lost.message());
        return exit_elsewhere;
    } catch (const ContactLost& lost) {
        parts.report("the head cannot be reached: " + lost.message());
        return exit_elsewhere;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found || error.code() == ErrorCode::usage) throw;
        return out_of_service(error.message());
    }
}

}  // namespace patchlab::nodes
