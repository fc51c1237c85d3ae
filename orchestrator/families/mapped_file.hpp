// SPDX-License-Identifier: Apache-2.0
//
// A package file as bytes, without a copy of it. Thread safety: one object a thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace patchlab::families {

class MappedFile {
  public:
    /// Error(not_found, lab) when it cannot be opened, Error(invalid) when it is empty or no
    /// regular file.
    explicit MappedFile(const std::filesystem::path& file);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();
    std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

  private:
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace patchlab::families
