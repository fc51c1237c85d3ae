// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/publisher.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>

#include "orchestrator/catalog/composition.hpp"
#include "orchestrator/catalog/object_store.hpp"
#include "orchestrator/families/package_family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/log.hpp"

namespace patchlab::catalog {

namespace {

constexpr const char* current_link = "current";
constexpr const char* next_link = ".next";
/// Hosts that are reading an index while the channel is switched find its parts for this many more
/// publishes.
constexpr std::size_t snapshots_carried = 3;

/// What a file of a channel's folder is to its repository.
families::RepositoryPart part_of(std::string_view path) {
    const families::RepositoryWriter* own = nullptr;  // that of the channel's own folder
    for (const families::PackageFamily* family : families::all_families()) {
        const families::RepositoryWriter& writer = family->repository();
        const std::string_view folder = writer.folder();
        if (folder.empty()) own = &writer;
        else if (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'))
            return writer.part(path.substr(folder.size() + 1));
    }
    return own ? own->part(path) : families::RepositoryPart::other;
}

std::string link_target(const fs::path& link) {
    std::error_code error;
    const fs::path target = fs::read_symlink(link, error);
    return error ? "" : target.string();
}

/// As the family names files; the epoch has no place in it, so two versions may want one name.
std::string repository_name(const ChannelPackage& package, std::set<std::string>& taken) {
    const families::PackageFamily& family = families::family(package.format);
    std::string stem = family.file_name(package.name, package.file.version, package.architecture);
    const std::string ending(family.file_ending());
    if (stem.ends_with(ending)) stem.resize(stem.size() - ending.size());
    if (!taken.insert(stem).second) {
        stem += "." + package.file.sha256.substr(0, 8);
        taken.insert(stem);
    }
    return stem + ending;
}

}  // namespace

KeyRing catalog_keys(const fs::path& state) { return KeyRing(state / "keys" / "catalog"); }

Publisher::Publisher(const fs::path& state, store::Database& database,
                     process::CommandRunner& runner, const Clock& clock, Record record,
                     BeginToAsk later)
    : state_(state),
      work_(state / "catalog" / "work"),
      public_(state / "catalog" / "public"),
      runner_(runner),
      clock_(clock),
      record_(std::move(record)),
      later_(std::move(later)),
      entries_(state, database),
      snapshots_(database),
      keys_(catalog_keys(state)) {}

OpenPgpKey Publisher::key() const { return {state_ / "keys" / "openpgp", runner_}; }

void Publisher::build(const Snapshot& snapshot, const Content& content, const fs::path& work,
                      const fs::path& out) {
    OpenPgpKey signer = key();
    std::vector<families::SignedFile> signatures;
    for (const families::PackageFamily* family : families::all_families()) {
        const auto architectures = content.architectures.find(family->name());
        if (architectures == content.architectures.end()) continue;
        const std::string_view folder = family->repository().folder();
        families::RepositoryRequest request{
            snapshot.channel,
            snapshot.id,
            from_rfc3339(snapshot.valid_until),
            {architectures->second.begin(), architectures->second.end()},
            {},
            work / std::string(family->name()),
            folder.empty() ? out : out / folder};
        make_folder(request.work);
        std::set<std::string> taken;
        for (const ChannelPackage& package : snapshot.packages)
            if (package.format == family->name())
                request.packages.push_back(
                    {package.name, package.architecture, package.file.version, package.file.sha256,
                     package.file.bytes, content.files.at(package.file.sha256),
                     repository_name(package, taken), package.leads_back});
        for (families::SignedFile& file : build_repository(*family, request, signer, runner_))
            signatures.push_back(std::move(file));
    }
    // As a host will see it, with nothing but the public key.
    write_file_atomic(work / "key.gpg", signer.public_key(false));
    for (const auto& [file, signature] : signatures)
        if (const std::string problem = openpgp_problem(file, signature, work / "key.gpg", runner_);
            !problem.empty())
            throw Error(ErrorCode::lab,
                        file.filename().string() + " " + problem + ", although it was just signed");
    const std::string armoured = signer.public_key(true);
    if (read_file_if_any(public_ / public_key_file) != armoured)
        write_file_atomic(public_ / public_key_file, armoured);
}

/// A host reads the signed index first and then what that names. When the channel is switched in
/// between, the named parts must still be there: indexes by their hash, and packages, except those
/// that were taken back.
std::vector<std::string> Publisher::carry_over(const Content& content, const std::string& channel,
                                               const fs::path& out) {
    std::vector<std::string> carried;
    for (const SnapshotRow& row : snapshots_.published(channel, snapshots_carried)) {
        const fs::path folder = home(channel) / row.id;
        Snapshot old;
        try {
            old = snapshot_from_json(read_json(folder / "snapshot.json"));
        } catch (const Error& error) {
            log_warning("nothing is carried over from snapshot " + row.id + ": " + error.what());
            continue;
        }
        for (const SnapshotFile& file : old.files) {
            const families::RepositoryPart part = part_of(file.path);
            const bool index = part == families::RepositoryPart::index_by_digest;
            const bool package = part == families::RepositoryPart::package;
            if (file.carried || !(index || (package && content.files.contains(file.sha256))) ||
                fs::exists(out / file.path))
                continue;
            if (!file_problem(folder / file.path, file.sha256, file.bytes).empty()) continue;
            make_folder((out / file.path).parent_path());
            place_file(folder / file.path, out / file.path);
            carried.push_back(file.path);
        }
    }
    return carried;
}

std::string Publisher::free_id(const std::string& channel) {
    std::string id = to_rfc3339(clock_.now());
    std::erase_if(id, [](char c) { return c == '-' || c == ':'; });
    std::string free = id;
    for (int n = 2; snapshots_.known(channel, free); ++n) free = id + "-" + std::to_string(n);
    return free;
}

void Publisher::offer(const std::string& channel, const std::string& id) {
    const fs::path next = home(channel) / next_link;
    std::error_code error;
    fs::remove(next, error);
    fs::create_directory_symlink(id, next, error);
    if (error)
        throw Error(ErrorCode::lab,
                    "cannot make the link of channel '" + channel + "': " + error.message());
    fail_point("publish-linked");
    // rename(2) replaces the old link atomically: whoever opens "current" gets the one or the other
    if (::rename(next.c_str(), (home(channel) / current_link).c_str()) != 0)
        throw Error(ErrorCode::lab,
                    "cannot switch channel '" + channel + "': " + std::strerror(errno));
    sync_folder(home(channel));
}

std::optional<Snapshot> Publisher::current(const std::string& channel) {
    try {
        return snapshot_from_json(read_json(home(channel) / current_link / "snapshot.json"));
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::vector<std::string> Publisher::recover() {
    std::vector<std::string> done;
    for (const SnapshotRow& row : snapshots_.building()) {
        const fs::path folder = home(row.channel);
        if (link_target(folder / current_link) ==
            row.id) {  // hosts saw it: it was only not recorded any more
            const auto snapshot = current(row.channel);
            record_({row.channel,
                     row.id,
                     row.digest,
                     true,
                     snapshot ? snapshot->packages.size() : 0,
                     {"recorded after an interruption"}},
                    [&] { snapshots_.end(row.channel, row.id, SnapshotState::published); });
            done.push_back("recorded snapshot " + row.id + " of channel '" + row.channel + "'");
            continue;
        }
        std::error_code error;
        fs::remove(folder / next_link, error);
        remove_tree(folder / row.id);
        snapshots_.end(row.channel, row.id, SnapshotState::abandoned);
        done.push_back("unfinished snapshot " + row.id + " of channel '" + row.channel + "'");
    }
    std::error_code error;
    for (const auto& item : fs::directory_iterator(work_, error)) {
        try {
            remove_tree(item.path());
        } catch (const Error& failure) {  // a tool that is just dying may still write there; the
                                          // next publish finds it
            log_warning(failure.what());
        }
    }
    return done;
}

std::vector<std::string> Publisher::reap() {
    if (!fs::exists(work_)) return {};
    const auto lock = FileLock::try_acquire(state_ / "catalog" / "publish.lock");
    return lock ? recover() : std::vector<std::string>{};
}

/// What is offered is the same, whole, and valid for long enough.
bool Publisher::offers_still(const Snapshot& offered, const Snapshot& next) {
    return same_content(offered, next) && !is_ageing(offered, clock_.now()) &&
           verify(next.channel).empty();
}

Published Publisher::publish(const std::string& channel, const PublishOptions& options) {
    return during("publishing channel '" + channel + "'", [&] {
        check_channel_name(channel);
        make_folder(work_, 0700);
        make_folder(public_);
        const FileLock lock = FileLock::acquire(state_ / "catalog" / "publish.lock");
        fail_point("publish-locked");
        recover();
        Published published{channel, "", "", true, 0, {}};
        const Content content = content_of(channel, options.taking_away, published.notes);
        const std::optional<Snapshot> before = current(channel);
        if (entries_.in_channel(channel).empty() && !before && !options.may_be_empty)
            throw Error(ErrorCode::not_found, "there is no channel '" + channel + "'",
                        "promote an entry into it, or offer it without packages: --empty");

        Snapshot snapshot{channel,
                          free_id(channel),
                          to_rfc3339(clock_.now()),
                          to_rfc3339(clock_.now() + std::chrono::duration_cast<TimePoint::duration>(
                                                        snapshot_validity)),
                          before ? before->id : "",
                          content.entries,
                          content.composition.packages,
                          {}};
        published.packages = snapshot.packages.size();
        if (before && !options.renew && offers_still(*before, snapshot)) {
            published.snapshot = before->id;
            published.digest = sha256_file(home(channel) / current_link / "snapshot.json");
            published.changed = false;
            return published;
        }
        published.snapshot = snapshot.id;
        snapshots_.begin(channel, snapshot.id, snapshot.created);
        fail_point("publish-begun");

        TempFolder work(work_, channel);
        const fs::path out = work.path() / "out";
        make_folder(out);
        make_folder(home(channel));
        build(snapshot, content, work.path(), out);
        fail_point("publish-built");
        const std::vector<std::string> carried = carry_over(content, channel, out);
        published.digest = seal_snapshot(snapshot, out, carried, keys_.current(clock_));
        snapshots_.set_digest(channel, snapshot.id, published.digest);
        fail_point("publish-sealed");

        std::error_code error;
        fs::rename(out, home(channel) / snapshot.id, error);
        if (error)
            throw Error(ErrorCode::lab,
                        "cannot move the snapshot into the channel: " + error.message());
        sync_folder(home(channel));
        fail_point("publish-moved");
        offer(channel, snapshot.id);
        fail_point("publish-switched");
        record_(published, [&] { snapshots_.end(channel, snapshot.id, SnapshotState::published); });
        fail_point("publish-recorded");
        return published;
    });
}

ChannelAccess Publisher::access(const std::string& channel) {
    check_channel_name(channel);
    ChannelAccess access;
    access.name = channel;
    access.folder = home(channel) / current_link;
    access.public_key = public_ / public_key_file;
    if (const auto snapshot = current(channel)) {
        access.snapshot = snapshot->id;
        access.created = snapshot->created;
        access.valid_until = snapshot->valid_until;
        access.digest = sha256_file(access.folder / "snapshot.json");
        access.packages = snapshot->packages.size();
        access.rpm = fs::is_directory(access.folder / "rpm");
    }
    return access;
}

std::string Publisher::offered_version(const std::string& channel, const EntryPackage& wanted) {
    std::string newest;
    if (const auto snapshot = current(channel))
        for (const ChannelPackage& package : snapshot->packages)  // by version, oldest first
            if (package.name == wanted.name && package.architecture == wanted.architecture &&
                package.format == wanted.format)
                newest = package.file.version;
    return newest;
}

std::vector<std::string> Publisher::channels() {
    std::set<std::string> names;
    for (const std::string& channel : entries_.channels()) names.insert(channel);
    for (const SnapshotRow& row : snapshots_.list())
        if (row.state == SnapshotState::published) names.insert(row.channel);
    return {names.begin(), names.end()};
}

std::vector<Refusal> Publisher::verify(const std::string& channel) {
    const std::string id = link_target(home(channel) / current_link);
    if (id.empty()) return {{"channel '" + channel + "'", "was never published"}};
    std::vector<Refusal> refusals =
        verify_snapshot(home(channel) / current_link, trust_of(state_), channel);
    const auto last = snapshots_.published(channel, 1);
    if (last.empty() || last.front().id != id)
        refusals.push_back(
            {current_link, "names snapshot '" + id + "', which is not the one published last"});
    else if (refusals.empty() &&
             last.front().digest != sha256_file(home(channel) / current_link / "snapshot.json"))
        refusals.push_back({"snapshot.json", "is not the one that was published"});
    return refusals;
}

}  // namespace patchlab::catalog
