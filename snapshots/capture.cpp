// SPDX-License-Identifier: Apache-2.0
#include "snapshots/capture.hpp"

#include <array>
#include <cmath>

#include "capture_script.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/json.hpp"
#include "snapshots/capture_parse.hpp"

namespace patchlab::snapshots {
namespace {

struct ClassName {
    ChangeClass cls;
    std::string_view text;
    bool live;  ///< answered by the capture script
};

constexpr std::array class_names = {
    ClassName{ChangeClass::package, "package", true},
    ClassName{ChangeClass::file, "file", false},
    ClassName{ChangeClass::unit, "unit", true},
    ClassName{ChangeClass::process, "process", true},
    ClassName{ChangeClass::port, "port", true},
    ClassName{ChangeClass::user, "user", true},
    ClassName{ChangeClass::group, "group", true},
    ClassName{ChangeClass::sudo, "sudo", true},
    ClassName{ChangeClass::ssh_key, "ssh-key", true},
    ClassName{ChangeClass::setuid, "setuid", false},
    ClassName{ChangeClass::capability, "capability", false},
    ClassName{ChangeClass::sysctl, "sysctl", true},
    ClassName{ChangeClass::module, "module", true},
    ClassName{ChangeClass::mount, "mount", true},
    ClassName{ChangeClass::timer, "timer", true},
    ClassName{ChangeClass::cron, "cron", true},
    ClassName{ChangeClass::certificate, "certificate", true},
    ClassName{ChangeClass::firewall, "firewall", true},
    ClassName{ChangeClass::kernel, "kernel", true},
    ClassName{ChangeClass::boot, "boot", true},
    ClassName{ChangeClass::apt_source, "apt-source", true},
    ClassName{ChangeClass::pam, "pam", true},
    ClassName{ChangeClass::preload, "preload", true},
    ClassName{ChangeClass::library, "library", true},
    ClassName{ChangeClass::alternative, "alternative", true},
    ClassName{ChangeClass::network, "network", true},
    ClassName{ChangeClass::device, "device", true},
    ClassName{ChangeClass::log, "log", true},
};

std::string capture_script(const std::vector<SearchPath>& search_paths) {
    std::string script = "$main::search_paths = '" + search_paths_for_script(search_paths) + "';\n";
    for (const char* part :
         {"records.pl", "running.pl", "processes.pl", "sockets.pl", "network.pl", "firewall.pl",
          "devices.pl", "kernel.pl", "logs.pl", "search_paths.pl", "configuration.pl", "boot.pl",
          "registries.pl", "unit_files.pl", "startup.pl", "units.pl", "health.pl"})
        script += embedded::capture_script::file(part);
    return script;
}

Json health_to_json(const Health& health) {
    return {{"failed_units", health.failed_units},
            {"core_dumps", health.core_dumps},
            {"kernel_errors", health.kernel_errors},
            {"journal_errors", health.journal_errors},
            {"unreadable", health.unreadable}};
}

std::map<std::string, std::string> texts(const JsonReader& object) {
    std::map<std::string, std::string> out;
    for (const auto& item : object.raw().items()) out[item.key()] = object.string(item.key());
    return out;
}

Health health_from_json(const JsonReader& reader) {
    return {reader.strings("failed_units"), reader.strings("core_dumps"),
            reader.strings("kernel_errors"), reader.strings("journal_errors"),
            texts(reader.object("unreadable"))};
}

}  // namespace

std::string_view name(ChangeClass c) {
    for (const auto& entry : class_names) {
        if (entry.cls == c) return entry.text;
    }
    throw Error(ErrorCode::internal, "a change class has no name");
}

ChangeClass change_class_from(std::string_view text) {
    for (const auto& entry : class_names) {
        if (entry.text == text) return entry.cls;
    }
    throw Error(ErrorCode::invalid, "'" + std::string(text) + "' is no class of change");
}

const std::vector<ChangeClass>& live_classes() {
    static const std::vector<ChangeClass> classes = [] {
        std::vector<ChangeClass> out;
        for (const auto& entry : class_names) {
            if (entry.live) out.push_back(entry.cls);
        }
        return out;
    }();
    return classes;
}

Json to_json(const Capture& capture) {
    Json facts = Json::object();
    for (const auto& [c, subjects] : capture.facts) {
        Json& values = facts[std::string(name(c))] = Json::object();
        for (const auto& [subject, value] : subjects) values[subject] = value;
    }
    Json unreadable = Json::object();
    for (const auto& [c, why] : capture.unreadable) unreadable[std::string(name(c))] = why;
    Json json{{"schema", "patchlab/capture/v1"},
              {"boot_id", capture.boot_id},
              {"kernel", capture.kernel},
              {"seconds", capture.seconds},
              {"facts", std::move(facts)},
              {"unreadable", std::move(unreadable)},
              {"health", health_to_json(capture.health)}};
    if (!capture.measures.empty()) json["measures"] = capture.measures;
    if (!capture.registries.empty()) json["registries"] = capture.registries;
    return json;
}

Capture capture_from_json(const Json& json) {
    const JsonReader reader(json, "capture");
    reader.expect_schema("patchlab/capture/v1");
    Capture capture;
    capture.boot_id = reader.string("boot_id");
    capture.kernel = reader.string("kernel");
    capture.seconds = reader.number("seconds");
    const JsonReader facts = reader.object("facts");
    for (const auto& item : facts.raw().items())
        capture.facts[change_class_from(item.key())] = texts(facts.object(item.key()));
    for (const auto& [cls, why] : texts(reader.object("unreadable")))
        capture.unreadable[change_class_from(cls)] = why;
    capture.health = health_from_json(reader.object("health"));
    if (reader.has("registries")) {
        const JsonReader registries = reader.object("registries");
        for (const auto& item : registries.raw().items())
            capture.registries[item.key()] = texts(registries.object(item.key()));
    }
    if (reader.has("measures")) {
        const JsonReader measures = reader.object("measures");
        for (const auto& item : measures.raw().items())
            capture.measures[item.key()] = measures.number(item.key());
    }
    return capture;
}

std::string capture_script_digest(const std::vector<SearchPath>& search_paths) {
    return sha256_hex(capture_script(search_paths));
}

Capture capture_live(guest::GuestChannel& channel, const CaptureOptions& options) {
    const Stopwatch watch;
    const std::string nonce = random_hex(16);
    guest::GuestCommand command;
    command.argv = {"/usr/bin/perl", "-", nonce,
                    std::to_string(std::lround(options.settle.count()))};
    command.input = capture_script(options.search_paths);
    command.deadline = options.deadline + options.settle;
    command.max_output = 16U << 20;
    const guest::GuestResult result = channel.run(command);
    Capture capture = parse_capture(result.out, nonce);
    if (!result.ok()) {
        const std::string why = "the capture script " + guest::how_it_ended(result);
        for (auto& [c, reason] : capture.unreadable) reason += " (" + why + ")";
    }
    capture.seconds = watch.seconds();
    return capture;
}

}  // namespace patchlab::snapshots
