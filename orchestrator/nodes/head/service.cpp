// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/head/service.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "orchestrator/nodes/file_piece.hpp"
#include "orchestrator/nodes/head/contents.hpp"
#include "orchestrator/nodes/head/fence.hpp"
#include "orchestrator/nodes/head/node_events.hpp"
#include "orchestrator/pipeline/run/lease.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/key_ring.hpp"
#include "platform/core/log.hpp"

namespace patchlab::nodes {

namespace {

constexpr Seconds longest_silence{900};
constexpr Seconds patience_to_answer{60};

/// A run's id, as it is a folder's name.
void expect_run_id(const JsonReader& in, const std::string& id) {
    if (!id.starts_with("r-") || id.size() > 32 ||
        id.find_first_not_of("0123456789r-") != std::string::npos)
        in.fail("run", "is not the id of a run");
}

void expect_not_cancelled(const pipeline::RunFolder& run) {
    if (fs::exists(run.cancel_mark())) throw Superseded("run " + run.id() + " was cancelled");
}

bool is_among(const std::vector<Material>& materials, const std::string& path) {
    return std::any_of(materials.begin(), materials.end(), [&](const Material& material) {
        return std::any_of(material.files.begin(), material.files.end(),
                           [&](const MaterialFile& file) { return file.path == path; });
    });
}

}  // namespace

void HeadService::serve() {
    node_ = greet_node(link_, installation_keys(parts_.state).current(*parts_.clock), parts_.find);
    parts_.seen(*node_);
    for (;;) {
        const Message request = link_.receive(longest_silence);
        Message response;
        try {
            response = answer(request);
        } catch (const ContactLost&) {
            throw;
        } catch (const Error& error) {
            response.json = error_answer(error);
            if (dynamic_cast<const Superseded*>(&error)) response.json["superseded"] = true;
        } catch (const std::exception& error) {
            response.json = error_answer(Error(ErrorCode::internal, error.what()));
        }
        link_.send(response, patience_to_answer);
    }
}

Message HeadService::answer(const Message& request) {
    const JsonReader in(request.json, "request");
    const std::string what = in.string("ask");
    expect_not_revoked();
    if (what == "begin") return begin(in);
    if (what == "beat") return beat(in, request.bytes);
    if (what == "materials") return list_materials(in);
    if (what == "contents") return take_contents(in, request.json);
    if (what == "read") return read_material(in);
    if (what == "deliver") return begin_delivery(in);
    if (what == "put") return put(in, request.bytes);
    if (what == "finish") return end_delivery(in);
    throw Error(ErrorCode::invalid, "a node cannot ask for that");
}

/// A node that was revoked while its link was open learns it with its next request.
void HeadService::expect_not_revoked() const {
    const auto now = parts_.find(node_->name);
    if (now && now->revoked.empty() && now->key == node_->key) return;
    throw Error(ErrorCode::not_allowed, "node '" + node_->name + "' was revoked");
}

HeadService::Asked HeadService::asked(const JsonReader& in) const {
    const std::string id = in.string("run");
    expect_run_id(in, id);
    const pipeline::RunFolder run(parts_.state / "runs" / id);
    if (!fs::exists(run.request()))
        throw Error(ErrorCode::not_found, "there is no run '" + id + "'");
    const int attempt = static_cast<int>(in.integer("attempt"));
    expect_newest(run, attempt);
    return {run, attempt};
}

HeadService::Asked HeadService::asked_by_holder(const JsonReader& in) const {
    Asked what = asked(in);
    const auto lease = pipeline::read_lease(what.run);
    if (!lease || lease->attempt != what.attempt || lease->holder.host != node_->name)
        throw Superseded("attempt " + std::to_string(what.attempt) + " of run " + what.run.id() +
                         " was not begun by node " + node_->name);
    return what;
}

/// Nothing of an earlier attempt is used: its findings are on another host.
void HeadService::begin_anew(const Asked& what) {
    pipeline::RunState state;
    state.id = what.run.id();
    state.progress = pipeline::RunProgress::running;
    state.started = to_rfc3339(parts_.clock->now());
    pipeline::grant_lease(what.run, what.attempt, node_->name, *parts_.clock);
    what.run.save(state);
    pipeline::EventLog(what.run.events(), *parts_.clock)
        .add(name(state.stage),
             "attempt " + std::to_string(what.attempt) + " begins on node " + node_->name);
    remove_older_partials(what.run, what.attempt);
}

Message HeadService::begin(const JsonReader& in) {
    const Asked what = asked(in);
    const FileLock lock = pipeline::lock_attempts(what.run);
    expect_newest(what.run, what.attempt);
    expect_not_cancelled(what.run);
    const auto lease = pipeline::read_lease(what.run);
    const bool goes_on = lease && lease->attempt == what.attempt;
    if (goes_on && lease->holder.host != node_->name)
        throw Superseded("attempt " + std::to_string(what.attempt) + " of run " + what.run.id() +
                         " is worked on node " + lease->holder.host);
    if (!goes_on && pipeline::has_worker(what.run, parts_.clock->now()) &&
        lease->holder.boot != pipeline::boot_of_lab_hosts)
        throw Superseded("run " + what.run.id() + " has a worker on the head");
    if (!goes_on) begin_anew(what);
    return {{{"run", what.run.id()}}, read_file(what.run.request(), max_message_bytes)};
}

Message HeadService::beat(const JsonReader& in, const std::string& events) {
    const Asked what = asked_by_holder(in);
    const FileLock lock = pipeline::lock_attempts(what.run);
    expect_newest(what.run, what.attempt);
    renew_sometimes(what);
    append_events(what.run, events);
    pipeline::RunState state = what.run.load();
    const auto stage = pipeline::stage_from(in.string("stage"));
    if (!stage) in.fail("stage", "is not a stage");
    if (*stage != state.stage && state.progress == pipeline::RunProgress::running) {
        state.stage = *stage;
        what.run.save(state);
    }
    return {{{"cancelled", fs::exists(what.run.cancel_mark())}}, {}};
}

bool HeadService::is_renewal_due() const {
    return Seconds(renewed_.seconds()) >= pipeline::heartbeat_interval;
}

void HeadService::renew_sometimes(const Asked& what) {
    if (!is_renewal_due()) return;
    renewed_ = Stopwatch();
    pipeline::renew_granted(what.run, what.attempt, *parts_.clock);
}

/// Under the lock: else it could write over the lease of an attempt that begins meanwhile.
void HeadService::renew_in_transfer(const Asked& what) {
    if (!is_renewal_due()) return;
    const FileLock lock = pipeline::lock_attempts(what.run);
    expect_newest(what.run, what.attempt);
    renew_sometimes(what);
}

const std::vector<Material>& HeadService::materials(const pipeline::RunFolder& run) {
    const auto known = materials_.find(run.id());
    if (known != materials_.end()) return known->second;
    return materials_[run.id()] = materials_of(pipeline::read_request(run.request()), parts_.state);
}

Message HeadService::list_materials(const JsonReader& in) {
    return {{{"materials", to_json(materials(asked_by_holder(in).run))}}, {}};
}

Message HeadService::take_contents(const JsonReader& in, const Json& said) {
    asked_by_holder(in);
    note_contents(parts_.state, contents_from_json(node_->name, said));
    return {};
}

Message HeadService::read_material(const JsonReader& in) {
    const Asked what = asked_by_holder(in);
    renew_in_transfer(what);
    const std::string path = in.string("path");
    const std::int64_t offset = in.integer("offset");
    if (offset < 0) in.fail("offset", "is negative");
    if (!is_among(materials(what.run), path))
        throw Error(ErrorCode::not_allowed, "the run does not need " + path.substr(0, 200));
    auto bytes =
        read_piece(parts_.state / path, static_cast<std::uint64_t>(offset), max_message_bytes);
    if (!bytes) throw Error(ErrorCode::lab, "cannot read " + path + ": " + std::strerror(errno));
    return {Json::object(), *std::move(bytes)};
}

DeliveredRun HeadService::delivered(const Asked& what, const std::string& evidence) const {
    return {what.run.id(),   what.attempt, node_->name,
            node_->key.id(), evidence,     to_rfc3339(parts_.clock->now())};
}

/// The answer to a node that did not hear that its delivery had been accepted. What a head that
/// died at that moment had not recorded yet is recorded now.
std::optional<Message> HeadService::accepted_before(const JsonReader& in) const {
    const std::string id = in.string("run");
    expect_run_id(in, id);
    const Asked what{pipeline::RunFolder(parts_.state / "runs" / id),
                     static_cast<int>(in.integer("attempt"))};
    if (!fs::exists(what.run.request())) return std::nullopt;
    const FileLock lock = pipeline::lock_attempts(what.run);
    const pipeline::RunState state = what.run.load();
    const auto lease = pipeline::read_lease(what.run);
    if (state.progress != pipeline::RunProgress::finished || !lease ||
        lease->attempt != what.attempt || lease->holder.host != node_->name)
        return std::nullopt;
    const auto manifest = read_file_if_any(what.run.evidence() / "manifest.json");
    const std::string evidence = manifest ? sha256_hex(*manifest) : "";
    if (evidence != in.string("evidence")) return std::nullopt;
    remove_older_partials(what.run, what.attempt + 1);
    if (parts_.record(delivered(what, evidence), [] {})) parts_.finished(what.run);
    return Message{{{"accepted", true}, {"verdict", state.verdict}}, {}};
}

Message HeadService::begin_delivery(const JsonReader& in) {
    if (auto before = accepted_before(in)) return *before;
    const Asked what = asked_by_holder(in);
    expect_not_cancelled(what.run);
    delivery_.reset();
    delivery_.emplace(what.run, what.attempt);
    Json files = Json::array();
    for (const auto& [path, bytes] : delivery_->there())
        files.push_back({{"path", path}, {"bytes", bytes}});
    return {{{"accepted", false}, {"files", files}}, {}};
}

/// A link hands in one run at a time, and no other than it began to.
Delivery& HeadService::delivery_of(const Asked& what) {
    if (!delivery_ || !delivery_->is_of(what.run, what.attempt))
        throw Error(ErrorCode::invalid, "nothing is being handed in");
    return *delivery_;
}

Message HeadService::put(const JsonReader& in, const std::string& bytes) {
    const Asked what = asked_by_holder(in);
    renew_in_transfer(what);
    Delivery& delivery = delivery_of(what);
    const std::int64_t offset = in.integer("offset");
    if (offset < 0) in.fail("offset", "is negative");
    if (in.boolean_or("anew", false)) delivery.drop(in.string("path"));
    delivery.put(in.string("path"), static_cast<std::uint64_t>(offset), bytes);
    return {};
}

Message HeadService::end_delivery(const JsonReader& in) {
    const Asked what = asked_by_holder(in);
    Delivery& delivery = delivery_of(what);
    fail_point("delivery-arrived");
    const SecretKey key = installation_keys(parts_.state).current(*parts_.clock);
    const AcceptedDelivery accepted = delivery.check_and_sign(*node_, key);
    {
        const FileLock lock = pipeline::lock_attempts(what.run);
        expect_newest(what.run, what.attempt);
        expect_not_revoked();
        expect_not_cancelled(what.run);
        parts_.record(delivered(what, accepted.evidence), [&] { delivery.publish(); });
        pipeline::renew_granted(what.run, what.attempt, *parts_.clock, true);
    }
    delivery_.reset();
    parts_.finished(what.run);
    return {{{"accepted", true}, {"verdict", accepted.verdict}}, {}};
}

}  // namespace patchlab::nodes
