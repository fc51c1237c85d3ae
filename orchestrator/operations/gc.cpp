// SPDX-License-Identifier: Apache-2.0
//
// Retention: what may go, and making it go. What an entry, a decision or the audit trail refers to
// stays; so does what a run that is not over uses. `host.garbage` says what would go, `host.gc`
// removes it.
#include <map>
#include <set>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/pipeline/lab/prepared_lab.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

namespace {

constexpr std::int64_t usual_days = 90;
constexpr std::int64_t usual_runs = 20;  ///< of each lab

struct Garbage {
    std::string kind;  ///< "prepared-lab", "run", "run-work", "patch"
    std::string subject;
    std::string why;
    std::uint64_t bytes = 0;
};

std::uint64_t bytes_below(const fs::path& path) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
         at.increment(error))
        if (at->is_regular_file(error) && !at->is_symlink(error)) bytes += at->file_size(error);
    return bytes;
}

/// What must stay, and why.
class References {
  public:
    explicit References(Call& call) {
        catalog::EntryStore entries(call.session.state(), call.session.database());
        for (const catalog::Entry& entry : entries.list()) {
            runs_.insert(entry.run);
            for (const catalog::EntryPatch& patch : entry.patches) patches_.insert(patch.id);
        }
        for (const governance::AuditRow& row : call.session.governance().audit.list())
            if (row.event.action != "run-started" && row.event.action != "host.gc")
                trail_ += row.event.subject + " " + to_line(row.event.detail) + "\n";
    }

    /// Of a run: an entry, or a row of the trail besides that it was started: an approval, a
    /// rejection, a waiver, a refusal.
    bool keep_run(const std::string& id) const {
        return runs_.contains(id) || trail_.find(id) != std::string::npos;
    }
    bool keep_patch(const std::string& id) const { return patches_.contains(id); }

  private:
    std::set<std::string> runs_, patches_;
    std::string trail_;
};

class Collector {
  public:
    Collector(Call& call, const JsonReader& request)
        : call_(call),
          runs_(call.session.state(), call.session.database()),
          references_(call),
          keep_(static_cast<std::size_t>(request.integer_or("keep", usual_runs))),
          days_(request.integer_or("keep_days", usual_days)) {
        look_at_labs();
        look_at_runs();
        look_at_patches();
    }

    const std::vector<Garbage>& found() const { return found_; }

    void remove() {
        images::ImageStore images(call_.session.state(), call_.session.database());
        for (const pipeline::PreparedSnapshot& snapshot :
             pipeline::prune_snapshots(call_.session.state(), call_.session.database()))
            images.remove_reference("prepared lab " + snapshot.digest.substr(0, 12));
        for (const Garbage& one : found_) {
            if (one.kind == "run") remove_run(one.subject);
            if (one.kind == "run-work") remove_work(runs_.folder(one.subject));
            if (one.kind == "patch") patch_store().remove(one.subject);
        }
        images.collect();
    }

    Json document(const char* schema) const {
        Json items = Json::array();
        std::uint64_t bytes = 0;
        for (const Garbage& one : found_) {
            items.push_back({{"kind", one.kind},
                             {"subject", one.subject},
                             {"why", one.why},
                             {"bytes", one.bytes}});
            bytes += one.bytes;
        }
        return {{"schema", schema},
                {"keep_days", days_},
                {"keep", keep_},
                {"items", items},
                {"bytes", bytes}};
    }

  private:
    intake::PatchStore patch_store() { return {call_.session.state(), call_.session.database()}; }

    bool is_old(const std::string& time) const {
        if (time.empty()) return false;
        return call_.session.clock().now() - from_rfc3339(time) > std::chrono::hours(24) * days_;
    }
    std::string age_text() const { return "older than " + std::to_string(days_) + " days"; }

    void look_at_labs() {
        for (const pipeline::PreparedSnapshot& snapshot :
             pipeline::list_snapshots(call_.session.state(), call_.session.database()))
            if (!snapshot.current && !snapshot.in_use)
                found_.push_back({"prepared-lab", snapshot.digest,
                                  "no lab of today would use it (" + snapshot.lab + ")",
                                  snapshot.bytes});
    }

    /// Newest first, so the first ones of a lab are those that stay.
    void look_at_runs() {
        std::map<std::string, std::size_t> of_lab;
        for (const pipeline::RunRow& run : runs_.list()) {
            const bool over = run.progress == "finished" || run.progress == "cancelled";
            const bool among_newest = over && ++of_lab[run.lab] <= keep_;
            const fs::path folder = runs_.folder(run.id).root();
            if (over && !among_newest && is_old(run.finished) && !references_.keep_run(run.id)) {
                found_.push_back({"run", run.id,
                                  age_text() + "; no entry, decision or other row of the audit "
                                               "trail refers to it",
                                  bytes_below(folder)});
                continue;
            }
            used_patches_.insert(run.patches.begin(), run.patches.end());
            if (over) look_at_work(run.id);
        }
    }

    void look_at_work(const std::string& id) {
        const pipeline::RunFolder run = runs_.folder(id);
        if (fs::exists(run.work()) || fs::exists(fs::path(run.evidence()) += ".part"))
            found_.push_back({"run-work", id, "the run is over", bytes_below(run.work())});
    }

    void look_at_patches() {
        intake::PatchStore store = patch_store();
        for (const intake::Patch& patch : store.list()) {
            if (used_patches_.contains(patch.id) || references_.keep_patch(patch.id) ||
                !store.users(patch.id).empty() || !is_old(patch.added))
                continue;
            found_.push_back({"patch", patch.id, age_text() + "; no run or entry uses it",
                              bytes_below(patch.folder)});
        }
    }

    void remove_work(const pipeline::RunFolder& run) {
        remove_tree(run.work());
        remove_tree(fs::path(run.evidence()) += ".part");
    }

    void remove_run(const std::string& id) {
        runs_.remove(id);
        remove_tree(runs_.folder(id).root());
    }

    Call& call_;
    pipeline::RunStore runs_;
    References references_;
    std::size_t keep_;
    std::int64_t days_;
    std::set<std::string> used_patches_;
    std::vector<Garbage> found_;
};

Outcome find_garbage(Call& call, const JsonReader& request) {
    return {Collector(call, request).document("patchlab/garbage/v1")};
}

Outcome collect_garbage(Call& call, const JsonReader& request) {
    Collector collector(call, request);
    const Json document = collector.document("patchlab/garbage-collected/v1");
    collector.remove();
    Json subjects = Json::array();
    for (const Garbage& one : collector.found()) subjects.push_back(one.kind + " " + one.subject);
    return {document, 0,
            Audit{"",
                  {{"keep_days", document.at("keep_days")},
                   {"keep", document.at("keep")},
                   {"removed", subjects},
                   {"bytes", document.at("bytes")}}}};
}

}  // namespace

std::vector<Operation> gc_operations() {
    return {
        {"host.garbage", "Say what host.gc would remove, and why", Kind::long_read, anyone(),
         find_garbage},
        {"host.gc", "Remove old runs, checkpoints and patches that nothing refers to", Kind::write,
         administrators("remove what is old"), collect_garbage},
    };
}

}  // namespace patchlab::operations
