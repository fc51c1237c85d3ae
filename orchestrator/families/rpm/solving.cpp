// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/solving.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cstdio>
#include <map>

extern "C" {
#define LIBSOLV_SOLVABLE_PREPEND_DEP  // "requires" is a word of C++
#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/pool_parserpmrichdep.h>
#include <solv/poolarch.h>
#include <solv/repo.h>
#include <solv/repo_rpmmd.h>
#include <solv/solv_xfopen.h>
#include <solv/solvable.h>
#include <solv/solver.h>
#include <solv/solverdebug.h>
#include <solv/transaction.h>
}

#include "orchestrator/families/rpm/family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::rpm {

namespace {

/// What packages provide of which several versions may be installed.
constexpr const char* several_marks[] = {"installonlypkg(kernel)", "installonlypkg(kernel-module)",
                                         "installonlypkg(vm)", "multiversion(kernel)"};

struct IdQueue {
    IdQueue() { queue_init(&queue); }
    ~IdQueue() { queue_free(&queue); }
    IdQueue(const IdQueue&) = delete;
    IdQueue& operator=(const IdQueue&) = delete;
    void add(Id one, Id two) { queue_push2(&queue, one, two); }
    Queue queue{};
};

std::string text_or_empty(const char* text) { return text ? text : ""; }

std::string without_epoch_zero(std::string version) {
    if (version.starts_with("0:")) version.erase(0, 2);
    return version;
}

/// The comparison of a dependency as libsolv has it; 0 for none.
int relation_flags(const Dependency& one) {
    return (one.less() ? REL_LT : 0) | (one.greater() ? REL_GT : 0) | (one.equal() ? REL_EQ : 0);
}

}  // namespace

std::string key_of(const std::string& name, const std::string& version,
                   const std::string& architecture) {
    return name + " " + version + " " + architecture;
}

std::string key_of(const AvailablePackage& package) {
    return key_of(package.name, package.version, package.architecture);
}

struct Solving::Impl {
    explicit Impl(const std::string& architecture) : pool(pool_create()) {
        pool_setdisttype(pool, DISTTYPE_RPM);
        pool_setarch(pool, architecture.c_str());
    }
    ~Impl() { pool_free(pool); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    const char* text(Id id) const { return pool_id2str(pool, id); }
    Id id_of(std::string_view word) const {
        return pool_strn2id(pool, word.data(), static_cast<unsigned>(word.size()), 1);
    }
    std::string key(Solvable* package) const;
    std::string source_of(Solvable* package, std::string& version) const;
    Offer offer_of(Id id) const;
    Id dependency_id(const Dependency& one) const;
    Offset relations_of(const Header& header, Offset known, std::uint32_t names,
                        std::uint32_t flags, std::uint32_t versions) const;
    void add_header(const Header& header, Repodata* files) const;
    Id newest_for(Solvable* installed) const;
    RpmSolution solution_of(::Solver* solver) const;

    Pool* pool;
    Repo* installed = nullptr;
    std::vector<Repo*> repositories;
    std::set<std::string> left_out;
    std::map<std::string, Id> by_key;
};

Solving::Solving(const std::string& architecture) : impl_(std::make_unique<Impl>(architecture)) {}
Solving::~Solving() = default;

void Solving::add_repository(const std::string& name, const std::filesystem::path& primary,
                             const std::vector<std::string>& excluded) {
    Repo* repo = repo_create(impl_->pool, name.c_str());
    FILE* file = solv_xfopen(primary.c_str(), "r");
    const int failed = file ? repo_add_rpmmd(repo, file, nullptr, 0) : 1;
    if (file) std::fclose(file);
    if (failed)
        throw Error(ErrorCode::invalid, "the index of repository " + name + " cannot be read");
    repo_internalize(repo);
    impl_->repositories.push_back(repo);
    Id p = 0;
    Solvable* package = nullptr;
    FOR_REPO_SOLVABLES(repo, p, package)
    if (std::any_of(excluded.begin(), excluded.end(), [&](const std::string& pattern) {
            return ::fnmatch(pattern.c_str(), impl_->text(package->name), 0) == 0;
        }))
        impl_->left_out.insert(impl_->key(package));
}

std::string Solving::Impl::key(Solvable* package) const {
    return key_of(text(package->name), without_epoch_zero(text(package->evr)), text(package->arch));
}

/// "nginx-1.22.1-9.el9.src.rpm", as the index says it, cut like that of a package file.
std::string Solving::Impl::source_of(Solvable* package, std::string& version) const {
    HeaderSource source = source_named(text_or_empty(solvable_lookup_sourcepkg(package)),
                                       text(package->name), without_epoch_zero(text(package->evr)));
    version = source.version;
    return source.name;
}

Offer Solving::Impl::offer_of(Id id) const {
    Solvable* package = pool_id2solvable(pool, id);
    Offer offer;
    offer.package.name = text(package->name);
    offer.package.version = without_epoch_zero(text(package->evr));
    offer.package.architecture = text(package->arch);
    offer.package.source = source_of(package, offer.package.source_version);
    Id type = 0;
    const std::string sum =
        text_or_empty(solvable_lookup_checksum(package, SOLVABLE_CHECKSUM, &type));
    if (type == REPOKEY_TYPE_SHA256) offer.package.sha256 = sum;
    offer.package.bytes = solvable_lookup_num(package, SOLVABLE_DOWNLOADSIZE, 0);
    offer.location = text_or_empty(solvable_lookup_location(package, nullptr));
    offer.package.origin = text_or_empty(package->repo->name);
    const auto at = std::find(repositories.begin(), repositories.end(), package->repo);
    offer.repository = static_cast<std::size_t>(at - repositories.begin());
    return offer;
}

std::vector<Offer> Solving::offers() const {
    std::vector<Offer> all;
    for (Repo* repo : impl_->repositories) {
        Id p = 0;
        Solvable* package = nullptr;
        FOR_REPO_SOLVABLES(repo, p, package)
        if (pool_installable(impl_->pool, package)) all.push_back(impl_->offer_of(p));
    }
    return all;
}

Id Solving::Impl::dependency_id(const Dependency& one) const {
    if (one.rich()) return pool_parserpmrichdep(pool, std::string(one.name).c_str());
    const Id name = id_of(one.name);
    const int flags = relation_flags(one);
    if (one.version.empty() || flags == 0) return name;
    return pool_rel2id(pool, name, id_of(one.version), flags, 1);
}

Offset Solving::Impl::relations_of(const Header& header, Offset known, std::uint32_t names,
                                   std::uint32_t flags, std::uint32_t versions) const {
    for (const Dependency& one :
         dependencies(header, names, flags, versions, "an installed package"))
        if (!one.of_rpm())
            if (const Id id = dependency_id(one)) known = repo_addid_dep(installed, known, id, 0);
    return known;
}

void Solving::Impl::add_header(const Header& header, Repodata* files) const {
    const Id p = repo_add_solvable(installed);
    Solvable* package = pool_id2solvable(pool, p);
    package->name = id_of(header.text(tag::name));
    package->evr = id_of(version_of(header));
    package->arch = id_of(header.text(tag::arch));
    package->vendor = id_of(header.text(tag::vendor));
    package->dep_requires =
        relations_of(header, 0, tag::require_name, tag::require_flags, tag::require_version);
    package->dep_provides =
        relations_of(header, 0, tag::provide_name, tag::provide_flags, tag::provide_version);
    package->dep_provides =
        repo_addid_dep(installed, package->dep_provides,
                       pool_rel2id(pool, package->name, package->evr, REL_EQ, 1), 0);
    package->dep_conflicts =
        relations_of(header, 0, tag::conflict_name, tag::conflict_flags, tag::conflict_version);
    package->dep_obsoletes =
        relations_of(header, 0, tag::obsolete_name, tag::obsolete_flags, tag::obsolete_version);
    for (const HeaderFile& file : files_of(header, "an installed package")) {
        const auto slash = file.path.rfind('/');
        const std::string folder = slash == 0 ? "/" : file.path.substr(0, slash);
        repodata_add_dirstr(files, p, SOLVABLE_FILELIST, repodata_str2dir(files, folder.c_str(), 1),
                            file.path.c_str() + slash + 1);
    }
    if (const auto source = header.text(tag::source_rpm); !source.empty())
        repodata_set_sourcepkg(files, p, std::string(source).c_str());
}

void Solving::add_installed(const std::vector<Header>& headers) {
    impl_->installed = repo_create(impl_->pool, "installed");
    Repodata* files = repo_add_repodata(impl_->installed, 0);
    for (const Header& header : headers) impl_->add_header(header, files);
    repo_internalize(impl_->installed);
    pool_set_installed(impl_->pool, impl_->installed);
}

void Solving::leave_out(const std::set<std::string>& packages) {
    impl_->left_out.insert(packages.begin(), packages.end());
}

void Solving::prepare() {
    for (Repo* repo : impl_->repositories) {
        std::vector<Id> gone;
        Id p = 0;
        Solvable* package = nullptr;
        FOR_REPO_SOLVABLES(repo, p, package) {
            const std::string key = impl_->key(package);
            if (impl_->left_out.contains(key)) gone.push_back(p);
            else impl_->by_key.emplace(key, p);
        }
        for (const Id id : gone) repo_free_solvable(repo, id, 0);
    }
    pool_addfileprovides(impl_->pool);
    pool_createwhatprovides(impl_->pool);
}

Id Solving::Impl::newest_for(Solvable* there) const {
    Id best = 0, p = 0, places = 0;
    FOR_PROVIDES(p, places, there->name) {
        Solvable* one = pool_id2solvable(pool, p);
        if (one->repo == installed || one->name != there->name || !pool_installable(pool, one) ||
            !rpm_family().same_architecture(text(one->arch), text(there->arch)))
            continue;
        const Id than = best ? pool_id2solvable(pool, best)->evr : there->evr;
        if (pool_evrcmp(pool, one->evr, than, EVRCMP_COMPARE) > 0) best = p;
    }
    return best;
}

std::vector<Pending> Solving::pending() const {
    std::map<std::string, Solvable*> newest;
    Id p = 0;
    Solvable* package = nullptr;
    FOR_REPO_SOLVABLES(impl_->installed, p, package) {
        Solvable*& known =
            newest[std::string(impl_->text(package->name)) + "." + impl_->text(package->arch)];
        if (!known || pool_evrcmp(impl_->pool, package->evr, known->evr, EVRCMP_COMPARE) > 0)
            known = package;
    }
    std::vector<Pending> all;
    for (const auto& [name, there] : newest) {
        const Id best = impl_->newest_for(there);
        if (best == 0) continue;
        Pending one;
        one.offer = impl_->offer_of(best);
        one.from = without_epoch_zero(impl_->text(there->evr));
        impl_->source_of(there, one.from_source_version);
        all.push_back(std::move(one));
    }
    return all;
}

RpmSolution Solving::Impl::solution_of(::Solver* solver) const {
    RpmSolution solution;
    Transaction* transaction = solver_create_transaction(solver);
    const int mode = SOLVER_TRANSACTION_SHOW_ACTIVE | SOLVER_TRANSACTION_SHOW_ALL |
                     SOLVER_TRANSACTION_SHOW_MULTIINSTALL | SOLVER_TRANSACTION_SHOW_OBSOLETES;
    std::string gone, older;
    for (int i = 0; i < transaction->steps.count; ++i) {
        const Id step = transaction->steps.elements[i];
        const Id type = transaction_type(transaction, step, mode);
        const std::string name = text_or_empty(pool_solvid2str(pool, step));
        if (type == SOLVER_TRANSACTION_ERASE) gone += " " + name;
        else if (type == SOLVER_TRANSACTION_DOWNGRADE) older += " " + name;
        else if (pool_id2solvable(pool, step)->repo != installed &&
                 type != SOLVER_TRANSACTION_IGNORE)
            solution.packages.push_back(offer_of(step));
    }
    transaction_free(transaction);
    solution.possible = gone.empty() && older.empty();
    if (!gone.empty()) solution.why_not = "it would take away" + gone;
    else if (!older.empty()) solution.why_not = "it would put back older versions:" + older;
    return solution;
}

RpmSolution Solving::solve(const std::vector<Offer>& wanted) {
    IdQueue job;
    for (const char* mark : several_marks)
        job.add(SOLVER_MULTIVERSION | SOLVER_SOLVABLE_PROVIDES, impl_->id_of(mark));
    for (const Offer& offer : wanted) {
        const auto known = impl_->by_key.find(key_of(offer.package));
        if (known == impl_->by_key.end())
            return {false, key_of(offer.package) + " is left out", {}};
        job.add(SOLVER_INSTALL | SOLVER_SOLVABLE, known->second);
    }
    const std::unique_ptr<::Solver, void (*)(::Solver*)> solver(solver_create(impl_->pool),
                                                                solver_free);
    solver_set_flag(solver.get(), SOLVER_FLAG_ALLOW_VENDORCHANGE, 1);
    solver_set_flag(solver.get(), SOLVER_FLAG_IGNORE_RECOMMENDED, 1);
    solver_set_flag(solver.get(), SOLVER_FLAG_YUM_OBSOLETES, 1);
    if (solver_solve(solver.get(), &job.queue) == 0) return impl_->solution_of(solver.get());
    const Id problem = solver_next_problem(solver.get(), 0);
    return {false,
            one_line(text_or_empty(solver_problem2str(solver.get(), problem)).substr(0, 400)),
            {}};
}

}  // namespace patchlab::families::rpm
