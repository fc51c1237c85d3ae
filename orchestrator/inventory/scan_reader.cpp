// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/inventory/scan.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::size_t max_answer = 4U << 20, max_line = 4096, max_word = 1024;
constexpr std::size_t max_packages = 50'000, max_others = 10'000;
constexpr std::string_view first_line = "patchlab scan 1";

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalid, "the answer of the host " + why);
}

bool made_of(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}

bool printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::uint64_t number(const std::string& text, std::uint64_t most, const std::string& what) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > most)
        refuse("has a wrong number (" + what + ")");
    return value;
}

/// One line: a kind and its words, all of them short, printable text.
class Line {
  public:
    explicit Line(std::string_view text)
        : json_(parse_json(text, "the answer of the host", max_line)) {
        if (!json_.is_object()) refuse("has a line that is no object");
        for (const auto& [key, value] : json_.items()) {
            if (!value.is_string()) refuse("has a value that is no text");
            const std::string& word = value.get_ref<const std::string&>();
            if (word.size() > max_word || !printable(word))
                refuse("has a value that is no short text");
        }
        kind_ = word("kind");
    }
    const std::string& kind() const { return kind_; }
    std::string word(const std::string& key) const {
        const auto it = json_.find(key);
        if (it == json_.end()) refuse("has a line without '" + key + "'");
        return it->get<std::string>();
    }

  private:
    Json json_;
    std::string kind_;
};

class Reader {
  public:
    Scan read(std::string_view answer) {
        if (answer.size() > max_answer) refuse("is larger than 4 MiB");
        if (next_line(answer) != first_line) refuse("does not begin as one");
        std::size_t lines = 0;
        while (!answer.empty()) {
            const std::string_view text = next_line(answer);
            if (text.empty()) continue;
            if (ended_) refuse("goes on after its end");
            take(Line(text), ++lines);
        }
        if (!ended_) refuse("is not whole");
        return finish();
    }

  private:
    static std::string_view next_line(std::string_view& rest) {
        const auto end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }

    void take(const Line& line, std::size_t lines) {
        const std::string& kind = line.kind();
        if (kind == "package") take_package(line);
        else if (kind == "fact") take_fact(line.word("name"), line.word("value"));
        else if (kind == "service") add(scan_.services, line.word("name"));
        else if (kind == "port") take_port(line);
        else if (kind == "address") take_address(line.word("address"));
        else if (kind == "kernel") add(scan_.kernels, line.word("release"));
        else if (kind == "reboot") add(scan_.reboot_packages, line.word("package"));
        else if (kind == "unseen") take_unseen(line.word("what"), line.word("why"));
        else if (kind == "end")
            ended_ = number(line.word("lines"), max_answer, "lines") == lines ||
                     (refuse("has lost lines"), false);
        else refuse("has a line of unknown kind");
    }

    void take_fact(const std::string& name, const std::string& value) {
        static const std::map<std::string, std::function<void(Scan&, const std::string&)>,
                              std::less<>>
            facts{
                {"os", [](Scan& scan, const std::string& text) { scan.os = text; }},
                {"os-version", [](Scan& scan, const std::string& text) { scan.os_version = text; }},
                {"os-name", [](Scan& scan, const std::string& text) { scan.os_name = text; }},
                {"kernel", [](Scan& scan, const std::string& text) { scan.kernel = text; }},
                {"kernel-build",
                 [](Scan& scan, const std::string& text) { scan.kernel_build = text; }},
                {"architecture",
                 [](Scan& scan, const std::string& text) { scan.architecture = text; }},
                {"boot-id", [](Scan& scan, const std::string& text) { scan.boot_id = text; }},
                {"machine-id", [](Scan& scan, const std::string& text) { scan.machine_id = text; }},
                {"image", [](Scan& scan, const std::string& text) { scan.image = text; }},
                {"memory-kib",
                 [](Scan& scan, const std::string& text) {
                     scan.memory_kib = text.empty() ? 0 : number(text, 1ULL << 50, "memory");
                 }},
                {"uptime-seconds",
                 [](Scan& scan, const std::string& text) {
                     scan.uptime_seconds = text.empty() ? 0 : number(text, 1ULL << 40, "uptime");
                 }},
                {"reboot-required",
                 [](Scan& scan, const std::string& text) {
                     scan.reboot_required =
                         text == "yes" || (text != "no" && (refuse("has no yes or no"), false));
                 }},
            };
        const auto known = facts.find(name);
        if (known == facts.end()) refuse("tells an unknown fact");
        if (!told_.insert(name).second) refuse("tells a fact twice");
        known->second(scan_, value);
    }

    void take_package(const Line& line) {
        InstalledPackage package{line.word("name"), line.word("architecture"), line.word("version"),
                                 line.word("format"), line.word("state")};
        if (package.format == "rpm" && package.architecture == "(none)")
            return;  // a key, kept as a package
        const families::PackageFamily* const family = families::find_family(package.format);
        if (!family) refuse("has a package of unknown format");
        if (package.state == "not-installed" || package.state == "config-files") return;
        if (package.state == "installed") package.state.clear();
        const bool good = family->valid_name(package.name) &&
                          family->valid_architecture(package.architecture) &&
                          family->valid_version(package.version);
        if (!good || !made_of(package.state, "-") || package.state.size() > 40)
            refuse("has a package with a wrong name, version or architecture");
        if (scan_.packages.size() >= max_packages) refuse("has more than 50,000 packages");
        scan_.packages.push_back(std::move(package));
    }

    void take_port(const Line& line) {
        ListeningPort port{line.word("protocol"), line.word("address"),
                           static_cast<std::uint16_t>(number(line.word("port"), 65535, "port")),
                           line.word("process")};
        if ((port.protocol != "tcp" && port.protocol != "udp") || port.address.empty() ||
            port.address.size() > 60 || !made_of(port.address, ".:"))
            refuse("has a wrong port");
        if (scan_.ports.size() >= max_others) refuse("has more than 10,000 ports");
        scan_.ports.push_back(std::move(port));
    }

    void take_address(const std::string& address) {
        if (!made_of(address, ".:/%_-")) refuse("has a wrong address");
        add(scan_.addresses, address);
    }

    void take_unseen(const std::string& what, const std::string& why) {
        if (what == "packages")
            throw Error(ErrorCode::invalid, "the packages of the host could not be listed: " + why);
        if (scan_.unseen.size() >= 100) refuse("could not see more than 100 things");
        scan_.unseen.emplace_back(what, why);
    }

    static void add(std::vector<std::string>& list, const std::string& word) {
        if (word.empty()) refuse("has an empty word");
        if (list.size() >= max_others) refuse("is longer than can be");
        list.push_back(word);
    }

    Scan finish() {
        for (const char* fact : {"os", "kernel", "architecture", "boot-id", "reboot-required"})
            if (!told_.contains(fact)) refuse("does not tell its " + std::string(fact));
        if (scan_.packages.empty()) refuse("names no package");
        for (auto* list : {&scan_.services, &scan_.kernels, &scan_.reboot_packages}) {
            std::sort(list->begin(), list->end());
            list->erase(std::unique(list->begin(), list->end()), list->end());
        }
        std::sort(scan_.packages.begin(), scan_.packages.end());
        scan_.packages.erase(std::unique(scan_.packages.begin(), scan_.packages.end()),
                             scan_.packages.end());
        std::sort(scan_.ports.begin(), scan_.ports.end());
        scan_.ports.erase(std::unique(scan_.ports.begin(), scan_.ports.end()), scan_.ports.end());
        return std::move(scan_);
    }

    Scan scan_;
    std::set<std::string> told_;
    bool ended_ = false;
};

}  // namespace

Scan read_scan(std::string_view answer) { return Reader().read(answer); }

}  // namespace patchlab::inventory
