// SPDX-License-Identifier: Apache-2.0
#include "testsuites/batch.hpp"

#include <fmt/format.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::testsuites {

namespace {

class Line {
  public:
    Line(std::size_t index, const std::string& kind) : text_(std::to_string(index) + "\t" + kind) {}

    Line& add(const char* key, const std::string& value) {
        text_ += std::string("\t") + key + "=" + base64_encode(value);
        return *this;
    }
    Line& add_if(const char* key, const std::optional<std::string>& value) {
        return value ? add(key, *value) : *this;
    }
    Line& add_each(const char* key, const std::vector<std::string>& values) {
        for (const std::string& value : values) add(key, value);
        return *this;
    }
    Line& add_limits(const Check& check) {
        add("timeout", fmt::format("{:.3f}", check.timeout.count()));
        add("delay", fmt::format("{:.3f}", check.retry_delay.count()));
        add("retries", std::to_string(check.retries));
        return check.samples > 0 ? add("samples", std::to_string(check.samples)) : *this;
    }
    std::string take() { return std::move(text_) + "\n"; }

  private:
    std::string text_;
};

struct Url {
    std::string scheme, authority, host, port, target;
};

/// The loader's schema has checked the form; a suite made by a program may still be wrong.
Url split(const std::string& url) {
    Url out;
    const std::size_t mark = url.find("://");
    if (mark == std::string::npos)
        throw Error(ErrorCode::invalid, "'" + url + "' is not an http:// or https:// address");
    out.scheme = url.substr(0, mark);
    const std::size_t begin = mark + 3;
    const std::size_t end = std::min(url.find_first_of("/?", begin), url.size());
    out.authority = url.substr(begin, end - begin);
    out.target = url.substr(end);
    if (out.target.empty() || out.target[0] == '?') out.target.insert(0, "/");
    const std::size_t bracket = out.authority.find(']');
    const std::size_t colon = out.authority.find(':', bracket == std::string::npos ? 0 : bracket);
    out.host = out.authority.substr(0, colon);
    if (out.host.size() > 2 && out.host[0] == '[')
        out.host = out.host.substr(1, out.host.size() - 2);
    out.port = colon == std::string::npos ? (out.scheme == "https" ? "443" : "80")
                                          : out.authority.substr(colon + 1);
    return out;
}

struct PlanOf {
    std::size_t index;

    Line operator()(const ServiceCheck& c) const {
        return Line(index, "service")
            .add("unit", c.unit)
            .add_each("unit", c.others)
            .add("state", c.state);
    }
    Line operator()(const HttpCheck& c) const {
        const Url url = split(c.url);
        Line line(index, "http");
        line.add("url", c.url)
            .add("scheme", url.scheme)
            .add("authority", url.authority)
            .add("host", url.host)
            .add("port", url.port);
        line.add("target", url.target)
            .add("method", c.method)
            .add("status", std::to_string(c.status));
        return line.add("contains", c.body_contains).add("insecure", c.insecure ? "1" : "");
    }
    Line operator()(const TcpCheck& c) const {
        return Line(index, "tcp")
            .add("host", c.host)
            .add("port", std::to_string(c.port))
            .add("send", c.send)
            .add("expect", c.expect);
    }
    Line operator()(const RunCheck& c) const {
        Line line(index, "run");
        line.add_each("argv", c.argv)
            .add("input", c.input)
            .add("user", c.user)
            .add("exit", std::to_string(c.exit));
        if (c.skip_exit) line.add("skip", std::to_string(*c.skip_exit));
        if (c.unchanged) line.add("unchanged", "1");
        line.add_if("out-equals", c.stdout_equals).add_if("out-matches", c.stdout_matches);
        return line.add_if("err-matches", c.stderr_matches);
    }
    Line operator()(const FileCheck& c) const {
        Line line(index, "file");
        line.add("path", c.path).add("exists", c.exists ? "1" : "").add("contains", c.contains);
        return line.add("mode", c.mode).add("owner", c.owner);
    }
    Line operator()(const PackageCheck& c) const {
        return Line(index, "package")
            .add("package", c.package)
            .add_each("package", c.others)
            .add("version", c.version)
            .add("installed", c.installed ? "1" : "");
    }
    Line operator()(const ProcessCheck& c) const {
        return Line(index, "process")
            .add("command", c.command)
            .add_each("command", c.others)
            .add("least", std::to_string(c.at_least))
            .add("user", c.user);
    }
    Line operator()(const AdapterCheck& c) const {
        return Line(index, "report").add_each("argv", c.argv).add("user", c.user);
    }
    Line operator()(const BuiltinCheck& c) const {
        return Line(index, "builtin").add("builtin", c.builtin);
    }
};

}  // namespace

std::string plan_line(std::size_t index, const Check& check,
                      const std::vector<std::string>& services) {
    Line line = std::visit(PlanOf{index}, check.body).add_limits(check);
    if (check.samples > 0) line.add_each("beside", services);
    return line.take();
}

}  // namespace patchlab::testsuites
