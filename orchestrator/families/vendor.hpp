// SPDX-License-Identifier: Apache-2.0
//
// What a vendor offers for machines of one family and architecture: its verified indexes, what is
// pending for an image, the files. Every byte that a Vendor hands out was verified against the
// vendor's signature.
//
// Thread safety: one object a thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"

namespace patchlab::families {

/// One version of a package that a verified index offers.
struct AvailablePackage {
    std::string name;
    std::string version;
    std::string architecture;
    std::string source;
    std::string source_version;
    std::string sha256;
    std::uint64_t bytes = 0;
    std::string origin;  ///< "Vendor:suite"
    bool automatic =
        true;  ///< false: of a suite marked NotAutomatic (backports): never taken by itself
    bool verified = true;  ///< false: its repository asks for no signature
};

/// One package that a candidate would install on one image.
struct PlannedPackage {
    AvailablePackage to;
    std::string from;  ///< empty: new on the image
    std::string from_source_version;
    bool prerequisite = false;  ///< of another source, needed by the candidate
};

/// One candidate: a source package in its new version.
struct Plan {
    std::string source;
    std::string version;
    std::vector<PlannedPackage>
        packages;  ///< of all images; one (name, architecture, to, from) once
    // what the vendor's index says of it, beside what its packages say (VendorNotes)
    std::vector<std::string> advisories;  ///< CVE numbers
    std::string urgency = "unknown";
    std::string reboot_why;  ///< empty: it says nothing
};

/// What is installed on an image, in the form in which its family records it.
struct InstalledSystem {
    std::string name;      ///< of the image, for messages
    std::string database;  ///< the package database, as ImageStore keeps it; only the family reads
                           ///< it. It may be binary
};

struct InstalledPackage {
    std::string name;
    std::string version;
    std::string architecture;
    std::string source_version;
    bool held = false;  ///< its administrator keeps it at this version
};

/// Reads a file of a system that is not running; nullopt when it has none. Error when it is larger
/// than `most_bytes`.
using ReadSystemFile =
    std::function<std::optional<std::string>(const std::string& path, std::size_t most_bytes)>;

/// Where packages come from, in the form that the family's own tools read.
struct VendorSources {
    std::string sources;   ///< repositories
    std::string settings;  ///< of this host, about fetching: proxies, certificates, time limits
};

struct VendorRequest {
    std::filesystem::path state;
    VendorSources from;
    std::string architecture;  ///< PackageFamily::architecture_of() of the images
};

using Notice = std::function<void(const std::string&)>;

/// One suite of a repository, by the file that changes whenever it does.
struct Suite {
    std::string name;     ///< "bookworm-security"
    std::string address;  ///< of that file
};

/// What to remember of a suite's file, to ask next time whether it is still the same.
struct SuiteSeen {
    std::string tag;       ///< as its server names the version; may be empty
    std::string modified;  ///< as its server writes the time; may be empty
    std::string digest;    ///< sha256 of the file; empty: never seen
};

/// What one cheap question about a suite gave. Nothing of it is verified: it says whether an
/// update() is worth while, and no more.
struct SuiteLook {
    ///   unknown  cannot be asked cheaply: only an update() tells
    enum class Answer { unchanged, changed, unreachable, unknown };
    Answer answer = Answer::unreachable;
    SuiteSeen seen;
    std::optional<TimePoint> dated;    ///< when the vendor says that the suite was made
    std::optional<TimePoint> expires;  ///< until when it is good
    std::string detail;                ///< why it is unreachable, one line
};

/// A package that a vendor offered once.
struct OfferedBefore {
    std::string name, version, architecture;
    std::string origin;  ///< as AvailablePackage::origin
};

class Vendor {
  public:
    virtual ~Vendor() = default;
    /// Reads the indexes anew. Error(refused) when a signature, a digest or the age of a repository
    /// is wrong, Error(lab) when one cannot be reached.
    virtual void update() = 0;
    /// Adds what is pending on one image to `plans`, each with its prerequisites solved. `only`:
    /// names of source or binary packages, empty for all; the names that were met are added to
    /// `met`. What is pending but cannot be a candidate is given to `notice` with the reason.
    virtual void add_pending(const InstalledSystem& image, const std::vector<std::string>& only,
                             std::vector<std::string>& met, std::map<std::string, Plan>& plans,
                             const Notice& notice) = 0;
    /// The index's entry for exactly this package, or nullptr.
    virtual const AvailablePackage* find(const std::string& name, const std::string& version,
                                         const std::string& architecture) = 0;
    /// Why the vendor does not stand by a package any more: the indexes of its origin were read,
    /// and offer neither this version nor a newer one. nullopt: it is offered or superseded, or
    /// nobody can tell.
    virtual std::optional<std::string> taken_back(const OfferedBefore&) { return std::nullopt; }
    /// Downloads the packages (each name once) into `folder`, named by PackageFamily::file_name();
    /// their sha256 is checked again. `on_file` hears how many are done.
    virtual void download(const std::vector<AvailablePackage>& packages,
                          const std::filesystem::path& folder,
                          const std::function<void(std::size_t done)>& on_file) = 0;
};

}  // namespace patchlab::families
