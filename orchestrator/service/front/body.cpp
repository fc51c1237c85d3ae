// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/body.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "orchestrator/service/front/multipart.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::front {

namespace {

/// All bytes of a body, in memory or mapped.
class Bytes {
  public:
    explicit Bytes(const http::Request& request) : view_(request.body) {
        if (!request.body_file) return;
        void* at =
            ::mmap(nullptr, request.length, PROT_READ, MAP_PRIVATE, request.body_file.get(), 0);
        if (at == MAP_FAILED)
            throw Error(ErrorCode::lab,
                        std::string("cannot read the body: ") + std::strerror(errno));
        mapped_ = at;
        view_ = {static_cast<const char*>(at), request.length};
    }
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;
    ~Bytes() {
        if (mapped_) ::munmap(mapped_, view_.size());
    }
    std::string_view view() const { return view_; }

  private:
    void* mapped_ = nullptr;
    std::string_view view_;
};

std::string media_type(const http::Request& request) {
    const std::string_view type = request.field("content-type");
    return in_small_letters(trimmed(type.substr(0, type.find(';'))));
}

void take_parts(Body& body, std::string_view bytes, const std::string& boundary) {
    body.is_form = true;
    for (const Part& part : parts_of(bytes, boundary)) {
        if (!part.is_file) {
            if (!is_utf8(part.content))
                throw Error(ErrorCode::invalid, part.name + ": this is no UTF-8");
            body.fields.emplace_back(part.name, part.content);
            continue;
        }
        // what a browser sends for a file that nobody chose
        if (part.file.empty() && part.content.empty()) continue;
        body.uploads.push_back({part.name, part.file});
        body.files.push_back(file_with(part.content));
    }
}

std::string name_of_file(const http::Request& request) {
    const auto parameters = api::parameters_in(request.query);
    if (parameters)
        for (const auto& [name, value] : *parameters)
            if (name == "file_name") return value;
    return "file";
}

}  // namespace

UniqueFd file_to_write() {
    UniqueFd file(::memfd_create("output", MFD_CLOEXEC));
    if (!file) throw Error(ErrorCode::lab, "there is no memory for the file");
    return file;
}

UniqueFd file_with(std::string_view content) {
    UniqueFd file(::memfd_create("upload", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file || !write_whole(file.get(), content))
        throw Error(ErrorCode::lab, "there is no memory for a file that was sent");
    ::lseek(file.get(), 0, SEEK_SET);
    ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    return file;
}

Body body_of(const http::Request& request, std::uint64_t most_json, const std::string& only_file,
             bool digest) {
    Body body;
    if (request.length == 0) return body;
    const Bytes bytes(request);
    if (digest) body.digest = sha256_hex(bytes.view());
    const std::string type = media_type(request);
    if (type == "application/json") {
        body.json = parse_json(bytes.view(), "body", most_json);
    } else if (type == "application/x-www-form-urlencoded") {
        auto fields = api::parameters_in(bytes.view(), 5000);
        if (!fields) throw Error(ErrorCode::invalid, "the form cannot be decoded");
        body.fields = std::move(*fields);
        body.is_form = true;
    } else if (type == "multipart/form-data") {
        const std::string boundary = boundary_of(request.field("content-type"));
        if (boundary.empty()) throw Error(ErrorCode::usage, "the form with files has no boundary");
        take_parts(body, bytes.view(), boundary);
    } else if (type == "application/octet-stream" && !only_file.empty()) {
        body.uploads.push_back({only_file, name_of_file(request)});
        body.files.push_back(file_with(bytes.view()));
    } else {
        throw Error(ErrorCode::usage,
                    "a body of type '" + one_line(shortened(type, 80)) + "' is not taken here",
                    only_file.empty()
                        ? "send application/json"
                        : "send application/json, multipart/form-data, or the file itself as "
                          "application/octet-stream with ?file_name=");
    }
    return body;
}

}  // namespace patchlab::service::front
