// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families {

MappedFile::MappedFile(const std::filesystem::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        const auto code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::lab;
        throw Error(code, "cannot open " + file.string() + ": " + std::strerror(errno));
    }
    if (!S_ISREG(info.st_mode))
        throw Error(ErrorCode::invalid, file.string() + ": is not a regular file");
    if (info.st_size == 0) throw Error(ErrorCode::invalid, file.string() + ": is empty");
    size_ = static_cast<std::size_t>(info.st_size);
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (data_ == MAP_FAILED)
        throw Error(ErrorCode::lab, "cannot read " + file.string() + ": " + std::strerror(errno));
}

MappedFile::~MappedFile() { ::munmap(data_, size_); }

}  // namespace patchlab::families
