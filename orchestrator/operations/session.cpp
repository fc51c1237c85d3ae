// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/session.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "orchestrator/campaign/store.hpp"
#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/catalog/standing.hpp"
#include "orchestrator/feeds/feed_store.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/nodes/head/registry.hpp"
#include "orchestrator/operations/audit_witness.hpp"
#include "orchestrator/operations/backends.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "orchestrator/operations/patch_urgency.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

namespace {

constexpr const char* store_name = "patchlab.db";

/// A folder that was mistyped must not look like an installation in which nothing happened yet.
void require_state(const fs::path& folder, bool there) {
    // what cannot even be entered is another mistake, which prepare_state() names
    if (there || (::access(folder.c_str(), X_OK) != 0 && errno == EACCES)) return;
    std::error_code error;
    throw Error(ErrorCode::usage,
                "there is no patchlab state in " + folder.string() +
                    (fs::exists(folder, error) ? "" : ", which does not exist"),
                "name the folder with --state-dir DIR or PATCHLAB_STATE; `patchlab init`, or "
                "whatever is added first, makes one");
}

/// Created traversable but not listable: QEMU runs as another user and must reach its disks. A
/// folder that exists is left as it is.
void prepare_state(const fs::path& folder) {
    static const std::string advice = "give another folder with --state-dir DIR or PATCHLAB_STATE";
    std::error_code error;
    const fs::file_status status = fs::status(folder, error);
    if (fs::is_directory(status)) {
        if (::access(folder.c_str(), W_OK | X_OK) != 0)
            throw Error(ErrorCode::lab,
                        "the state folder " + folder.string() +
                            " cannot be written: " + std::strerror(errno),
                        advice);
        return;
    }
    if (fs::exists(status))
        throw Error(ErrorCode::lab, "the state folder " + folder.string() + " is not a folder",
                    advice);
    fs::create_directories(folder, error);
    if (error || ::chmod(folder.c_str(), 0711) != 0)
        throw Error(ErrorCode::lab,
                    "cannot create the state folder " + folder.string() + ": " +
                        (error ? error.message() : std::strerror(errno)),
                    advice);
}

}  // namespace

Session::Session(SessionOptions options, process::CommandRunner& commands, const Clock& clock)
    : options_(std::move(options)), commands_(commands), clock_(clock) {}

Session::~Session() = default;

const fs::path& Session::state_place() {
    if (options_.state.empty())
        throw Error(ErrorCode::usage,
                    "there is no state folder: neither PATCHLAB_STATE nor HOME is set",
                    "give one with --state-dir DIR");
    options_.state = fs::absolute(options_.state).lexically_normal();
    return options_.state;
}

bool Session::has_state() {
    std::error_code error;
    return fs::exists(state_place() / store_name, error);
}

const fs::path& Session::state() {
    if (state_prepared_) return options_.state;
    if (!new_state_permitted_) require_state(state_place(), has_state());
    prepare_state(state_place());
    state_prepared_ = true;
    return options_.state;
}

store::Database& Session::database() {
    if (!database_) {
        std::vector<store::Migration> all;
        for (const auto& module :
             {images::migrations(), intake::migrations(), feeds::migrations(),
              pipeline::migrations(), governance::migrations(), catalog::migrations(),
              inventory::migrations(), rollout::migrations(), campaign::migrations(),
              nodes::migrations()})
            all.insert(all.end(), module.begin(), module.end());
        database_ = std::make_unique<store::Database>(state() / store_name, all);
    }
    return *database_;
}

governance::Governance& Session::governance() {
    if (!governance_) {
        governance_ = std::make_unique<governance::Governance>(state(), database(), clock_);
        governance_->audit.on_publish(
            [this](const governance::AuditHead& head) { tell_witness(state(), commands_, head); });
        governance_->due = ask_due(state(), database(), clock_);
        governance_->taken_back = catalog::ask_taken_back(state(), database());
    }
    return *governance_;
}

governance::Actor Session::actor() {
    if (!caller_) return governance::enter(governance(), options_.user);
    if (!caller_->authenticated)
        return governance::enter(governance(), caller_->account, caller_->as);
    const governance::Actor& actor = *caller_->authenticated;
    if (!caller_->as.empty() && caller_->as != actor.user)
        throw Error(ErrorCode::not_allowed,
                    "the login of '" + actor.user + "' may not act as '" + caller_->as + "'",
                    "leave out --as and PATCHLAB_USER");
    return actor;
}

void Session::work_for(Caller caller, std::vector<LentFile> lent) {
    caller_ = std::move(caller);
    lent_ = std::move(lent);
}

bool Session::has_guest() {
    return caller_ &&
           (caller_->authenticated || !governance::owns_state(state_place(), caller_->account.uid));
}

governance::Account Session::account() const {
    return caller_ ? caller_->account : governance::os_account();
}

std::string Session::as_called(std::string text) const {
    for (const LentFile& file : lent_)
        for (std::size_t at = 0; (at = text.find(file.path, at)) != std::string::npos;
             at += file.name.size())
            text.replace(at, file.path.size(), file.name);
    return text;
}

Json Session::document_as_called(const Json& value) const {
    if (lent_.empty()) return value;
    if (value.is_string()) return as_called(value.get<std::string>());
    Json copy = value;
    if (value.is_structured())
        for (Json& member : copy) member = document_as_called(member);
    return copy;
}

const catalog::HostLookup& Session::hosts() {
    if (!hosts_) hosts_ = std::make_unique<InventoryLookup>(database(), clock_);
    return *hosts_;
}

pipeline::QueueChoice& Session::queue() {
    if (!queue_) queue_ = make_queues(options_.queue, state(), commands_, clock_);
    return *queue_;
}

pipeline::Backend Session::backend() {
    return options_.backends.make(backend_name(), state(), commands_, clock_);
}

}  // namespace patchlab::operations
