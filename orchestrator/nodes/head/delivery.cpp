// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/head/delivery.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "orchestrator/pipeline/run/request.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/json.hpp"
#include "reports/evidence.hpp"
#include "reports/evidence_tree.hpp"
#include "reports/run_document.hpp"
#include "reports/sealed_file.hpp"
#include "reports/signature.hpp"

namespace patchlab::nodes {

namespace {

constexpr std::string_view evidence_prefix = "evidence/", final_name = "final.json";

fs::path partial_folder(const pipeline::RunFolder& run, int attempt) {
    return fs::path(run.root()) += ".attempt-" + std::to_string(attempt) + ".partial";
}

fs::path made_partial(const pipeline::RunFolder& run, int attempt) {
    const fs::path folder = partial_folder(run, attempt);
    make_folder(folder, 0700);
    return folder;
}

FileLock lock_of_partial(const fs::path& folder) {
    if (auto lock = FileLock::try_acquire(folder / "lock")) return std::move(*lock);
    throw Error(ErrorCode::conflict, "this attempt is being handed in by another link");
}

void expect_name(const std::string& path) {
    const bool of_evidence = path.starts_with(evidence_prefix) &&
                             reports::is_evidence_path(path.substr(evidence_prefix.size()));
    if (!of_evidence && path != final_name)
        throw Error(ErrorCode::invalid, "no file of that name is handed in");
}

void set_mode_of(const fs::path& path, mode_t mode) {
    if (::chmod(path.c_str(), mode) != 0)
        throw Error(ErrorCode::lab,
                    "cannot set the mode of " + path.string() + ": " + std::strerror(errno));
}

void sync_path(const fs::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
        throw Error(ErrorCode::lab, "cannot sync " + path.string() + ": " + std::strerror(errno));
}

/// As sealed evidence is on the host that worked the run, and durable. The folder itself follows
/// when it has its place: nobody but root could move it then.
void make_read_only(const fs::path& evidence) {
    for (const auto& entry : fs::recursive_directory_iterator(evidence)) {
        set_mode_of(entry.path(), entry.is_directory() ? 0550 : 0440);
        sync_path(entry.path());
    }
    set_mode_of(evidence, 0750);
    sync_path(evidence);
}

[[noreturn]] void refuse_delivery(const std::string& why) {
    throw Error(ErrorCode::refused, "what was handed in is refused: " + why);
}

}  // namespace

Delivery::Delivery(const pipeline::RunFolder& run, int attempt)
    : run_(run), folder_(made_partial(run, attempt)), lock_(lock_of_partial(folder_)) {
    for (const auto& [path, bytes] : there()) total_ += bytes;
}

bool Delivery::is_of(const pipeline::RunFolder& run, int attempt) const {
    return folder_ == partial_folder(run, attempt);
}

std::map<std::string, std::uint64_t> Delivery::there() const {
    std::map<std::string, std::uint64_t> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
        const std::string path = fs::relative(entry.path(), folder_).string();
        if (entry.is_regular_file() && path != "lock") files[path] = entry.file_size();
    }
    return files;
}

void Delivery::put(const std::string& path, std::uint64_t offset, std::string_view bytes) {
    expect_name(path);
    const fs::path file = folder_ / path;
    make_folder_if_missing(file.parent_path(), 0700);
    const UniqueFd fd(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) throw Error(ErrorCode::lab, "cannot write " + path + ": " + std::strerror(errno));
    if (static_cast<std::uint64_t>(::lseek(fd.get(), 0, SEEK_END)) != offset)
        throw Error(ErrorCode::invalid, path + " does not go on there");
    total_ += bytes.size();
    if (total_ > reports::max_evidence_bytes)
        throw Error(ErrorCode::invalid, "more is handed in than evidence may have");
    if (!write_whole(fd.get(), bytes))
        throw Error(ErrorCode::lab, "cannot write " + path + ": " + std::strerror(errno));
}

void Delivery::drop(const std::string& path) {
    expect_name(path);
    std::error_code none;
    const auto bytes = fs::file_size(folder_ / path, none);
    if (!none && fs::remove(folder_ / path, none)) total_ -= bytes;
}

pipeline::RunState Delivery::final_state() const {
    // RunFolder reads a state under its usual name; the partial folder has none of that name, so
    // that nothing takes it for a run
    const TempFolder nowhere(folder_, "state");
    fs::copy_file(folder_ / final_name, nowhere.path() / "state.json");
    return pipeline::RunFolder(nowhere.path()).load();
}

void Delivery::check_evidence(const KnownNode& node, const SecretKey& head,
                              AcceptedDelivery& accepted) {
    const fs::path evidence = folder_ / "evidence";
    const reports::EvidenceVerification verified = reports::verify(evidence);
    if (!verified.ok())
        refuse_delivery(verified.problems.front().file + " is " + verified.problems.front().what);
    const auto signature = reports::check_signature(evidence, {node.key});
    if (signature.state != reports::SignatureState::good)
        refuse_delivery("the evidence is not signed by node " + node.name +
                        (signature.problem.empty() ? "" : ": " + signature.problem));
    const reports::SealedFolder sealed(evidence);
    if (sealed.read("request.json") != read_file(run_.request()))
        refuse_delivery("it is evidence of another request");
    const auto document =
        reports::parse_run_document(parse_json(sealed.read("run.json"), "run.json"));
    const std::string verdict(document.verdict ? reports::name(*document.verdict) : "");
    if (document.id != run_.id()) refuse_delivery("it is evidence of run " + document.id);
    if (verdict != accepted.verdict) refuse_delivery("its state names another verdict");
    accepted.evidence = verified.digest;
    reports::countersign(evidence, head);
    make_read_only(evidence);
}

AcceptedDelivery Delivery::check_and_sign(const KnownNode& node, const SecretKey& head) {
    try {
        if (!fs::exists(folder_ / final_name)) refuse_delivery("the state of the run is missing");
        const pipeline::RunState state = final_state();
        if (state.id != run_.id()) refuse_delivery("it is the state of run " + state.id);
        if (state.progress != pipeline::RunProgress::finished)
            refuse_delivery("the run is not finished");
        AcceptedDelivery accepted{"", state.verdict};
        if (fs::exists(folder_ / "evidence")) check_evidence(node, head, accepted);
        else if (pipeline::read_request(run_.request()).kind != "prepare")
            refuse_delivery("the evidence is missing");
        return accepted;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::lab) throw;  // this host's own trouble
        remove_tree(folder_);
        if (error.code() == ErrorCode::refused) throw;
        refuse_delivery(error.message());
    }
}

void Delivery::publish() {
    pipeline::RunState state = final_state();
    fail_point("delivery-checked");
    if (fs::exists(folder_ / "evidence")) {
        remove_tree(run_.evidence());
        fs::rename(folder_ / "evidence", run_.evidence());
        set_mode_of(run_.evidence(), 0550);
        sync_folder(run_.root());
    }
    fail_point("delivery-in-place");
    run_.save(state);
    fail_point("delivery-finished");
    remove_tree(folder_);
}

void remove_older_partials(const pipeline::RunFolder& run, int attempt) {
    for (int older = 1; older < attempt; ++older)
        if (const fs::path folder = partial_folder(run, older); fs::exists(folder))
            remove_tree(folder);
}

}  // namespace patchlab::nodes
