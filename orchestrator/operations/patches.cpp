// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/adder.hpp"
#include "orchestrator/intake/fetcher.hpp"
#include "orchestrator/operations/listing.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/patch_history.hpp"
#include "orchestrator/operations/patch_urgency.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::operations {

namespace {

using intake::Patch;

intake::PatchStore patch_store(Call& call) {
    return {call.session.state(), call.session.database()};
}

/// Runs that have ended since somebody looked have let go of their patches.
intake::PatchStore with_users_of_today(Call& call) {
    pipeline::RunStore(call.session.state(), call.session.database()).sync();
    return patch_store(call);
}

Json patches_json(const std::vector<Patch>& patches) {
    Json items = Json::array();
    for (const Patch& patch : patches) {
        items.push_back(intake::to_json(patch));
        items.back().erase("changelog");
    }
    return {{"schema", "patchlab/patches/v1"}, {"patches", items}};
}

/// What came in, for the audit trail.
Audit taken_in(const std::vector<Patch>& patches) {
    Audit audit;
    audit.detail["patches"] = Json::array();
    for (const Patch& patch : patches) {
        audit.subject += (audit.subject.empty() ? "" : ", ") + patch.id;
        audit.detail["patches"].push_back({{"id", patch.id}, {"digest", patch.digest}});
    }
    return audit;
}

/// The images that are named, or that the lab's machines stand on; each once.
std::vector<images::Image> images_to_fetch_for(Call& call, const JsonReader& request) {
    images::ImageStore store(call.session.state(), call.session.database());
    std::vector<images::Image> found;
    const auto add = [&](const std::string& name) {
        images::Image image = store.get(name);
        const bool known = std::any_of(found.begin(), found.end(), [&](const images::Image& other) {
            return other.digest == image.digest;
        });
        if (!known) found.push_back(std::move(image));
    };
    if (const std::string lab = request.string_or("lab", ""); !lab.empty())
        for (const labdefs::Machine& machine :
             pipeline::LabStore(call.session.database()).get(lab).lab.machines)
            during("machine '" + machine.name + "' of lab '" + lab + "'",
                   [&] { add(machine.image); });
    for (const std::string& name : request.strings_or_empty("images")) add(name);
    if (found.empty())
        throw Error(ErrorCode::usage, "name a lab or an image", "patchlab patch fetch --lab NAME");
    return found;
}

/// Where the updates of images of one family and release come from: their own sources, and those of
/// this host for images that have none.
families::VendorSources sources_of(const families::PackageFamily& family,
                                   const std::set<std::string>& own, const std::string& release,
                                   Call& call) {
    families::VendorSources from = family.host_sources(release, call.session.commands());
    if (!own.contains("")) from.sources.clear();
    for (const std::string& sources : own)
        if (!sources.empty())
            from.sources +=
                (from.sources.empty() ? "" : "\n") + family.sources_for(sources, release);
    return from;
}

std::vector<Patch> look_for_patches(Call& call, const JsonReader& request, bool list_only) {
    return during("fetching patches", [&] {
        intake::FetchRequest wanted = fetch_request(call, request);
        wanted.list_only = list_only;
        wanted.progress = [&call](const std::string& text) {
            call.events.progress("fetching patches: " + text);
        };
        std::vector<std::string> notices;
        wanted.notice = [&notices](const std::string& text) { notices.push_back(text); };
        intake::PatchStore store = patch_store(call);
        std::vector<Patch> patches =
            intake::fetch_patches(wanted, store, call.session.commands(), call.session.clock());
        for (const std::string& notice : notices) call.events.note(notice);
        return patches;
    });
}

Outcome fetch_patches(Call& call, const JsonReader& request) {
    const std::vector<Patch> patches = look_for_patches(call, request, false);
    return {patches_json(patches), 0, taken_in(patches)};
}

Outcome pending_patches(Call& call, const JsonReader& request) {
    return {patches_json(look_for_patches(call, request, true))};
}

intake::AddRequest add_request(Call& call, const JsonReader& request) {
    intake::AddRequest wanted;
    wanted.state = call.session.state();
    for (const std::string& file : request.strings("files")) wanted.files.emplace_back(file);
    wanted.require_signature = request.boolean_or("require_signature", false);
    if (request.has("keyring")) wanted.keyring = request.string("keyring");
    auto& known = wanted.architectures;
    for (const images::Image& image :
         images::ImageStore(call.session.state(), call.session.database()).list()) {
        wanted.images.push_back({{}, images::package_pool(image), {}});
        intake::HoldingImage& holding = wanted.images.back();
        if (!image.os.architecture.empty())
            holding.architecture = families::family(images::family_of(image))
                                       .architecture_of_machine(image.os.architecture);
        if (!holding.architecture.empty()) known.push_back(holding.architecture);
        for (const disk::InstalledPackage& package : image.os.packages)
            holding.packages[package.name] = package.version;
    }
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    return wanted;
}

Outcome add_patches(Call& call, const JsonReader& request) {
    return during("adding a patch", [&]() -> Outcome {
        intake::PatchStore store = patch_store(call);
        const std::vector<Patch> patches = intake::add_files(
            add_request(call, request), store, call.session.commands(), call.session.clock());
        return {patches_json(patches), 0, taken_in(patches)};
    });
}

/// What was never rehearsed is found by {"where": {"last_run": ["null"]}}.
constexpr std::array patch_columns{
    ListColumn{"id", "id"},
    ListColumn{"source", "source"},
    ListColumn{"version", "version"},
    ListColumn{"added", "added"},
    ListColumn{"created_at", "added"},
    ListColumn{"last_run", "", false,
               "SELECT 'null' AS value WHERE NOT EXISTS (SELECT 1 FROM run_patches WHERE patch = "
               "patches.id)"}};

Outcome list_patches(Call& call, const JsonReader& request) {
    Json document = patches_json(patch_store(call).list(wanted_rows(
        request, "patch.list", patch_columns, "added DESC, id", call.session.clock().now())));
    const auto runs =
        pipeline::RunStore(call.session.state(), call.session.database()).newest_of_patches();
    for (Json& patch : document["patches"]) {
        const auto run = runs.find(patch["id"].get<std::string>());
        patch["last_run"] = run == runs.end() ? Json(nullptr)
                                              : Json{{"id", run->second.id},
                                                     {"state", run->second.progress},
                                                     {"verdict", text_or_null(run->second.verdict)},
                                                     {"requested_at", run->second.requested}};
    }
    return {std::move(document)};
}

Outcome show_patch(Call& call, const JsonReader& request) {
    intake::PatchStore store = with_users_of_today(call);
    const Patch patch = store.get(request.string("patch"));
    Json document = intake::to_json(patch);
    document["users"] = store.users(patch.id);
    document["folder"] = patch.folder.string();
    const TimePoint now = call.session.clock().now();
    PatchUrgency urgency(call.session.database(), now);
    document["ranking"] = feeds::to_json(urgency.rank(patch, ranking_table(call.session)), now);
    document["history"] = history_of(call.session, patch.source);
    return {document};
}

Outcome remove_patch(Call& call, const JsonReader& request) {
    const std::string id = request.string("patch");
    with_users_of_today(call).remove(id);
    return {{{"schema", "patchlab/removed/v1"}, {"patch", id}}};
}

}  // namespace

intake::FetchRequest fetch_request(Call& call, const JsonReader& request) {
    images::ImageStore store(call.session.state(), call.session.database());
    intake::FetchRequest wanted;
    wanted.state = call.session.state();
    std::map<std::string, std::string> releases;  // by family
    std::map<std::string, std::set<std::string>> own_sources;
    for (const images::Image& image : images_to_fetch_for(call, request)) {
        const std::string family = images::family_of(image);
        const std::string release = families::family(family).release_of(
            {image.os.distro, image.os.version, image.os.codename, image.suite});
        const auto known = releases.emplace(family, release).first;
        if (!known->second.empty() && release != known->second)
            throw Error(
                ErrorCode::invalid,
                "the images are of different releases (" + known->second + ", " + release + ")",
                "fetch for one image at a time: --image NAME");
        known->second = release;
        own_sources[family].insert(image.sources);
        intake::FetchImage one{image.name, store.package_database(image), {}, family};
        if (const fs::path pool = images::package_pool(image); fs::is_directory(pool))
            one.package_pool = pool;
        wanted.images.push_back(std::move(one));
    }
    for (const auto& [family, own] : own_sources)
        wanted.sources[family] = sources_of(families::family(family), own, releases[family], call);
    wanted.only = request.strings_or_empty("sources");
    return wanted;
}

std::vector<Operation> patch_operations() {
    return {
        {"patch.fetch", "Take in what the vendor released for images, as candidate patches",
         Kind::long_write, lab_staff("fetch patches"), fetch_patches, "lab"},
        {"patch.pending", "List what the vendor released for images; download nothing",
         Kind::long_read, anyone(), pending_patches, "lab"},
        {"patch.add", "Take local packages in as candidate patches, one for each source package",
         Kind::write, lab_staff("add a patch"), add_patches},
        {"patch.list", "List the patches, newest first", Kind::read, anyone(), list_patches},
        {"patch.show", "Show everything about a patch, its changelog included", Kind::read,
         anyone(), show_patch, "patch"},
        {"patch.remove", "Remove a patch that no unfinished run uses", Kind::write,
         lab_staff("remove a patch"), remove_patch, "patch"},
    };
}

}  // namespace patchlab::operations
