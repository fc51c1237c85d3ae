// SPDX-License-Identifier: Apache-2.0
//
// BlockServer: a qemu-storage-daemon that serves the contents of a base image and of an overlay on
// it, read-only, over one private unix socket; any format QEMU knows, any chain, compressed or not.
// NbdReader is the other end. Ownership: the server owns its process and its socket's folder; both
// end with it. It forks: make it in a single-threaded process. Thread safety: one thread at a time.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "platform/core/files.hpp"
#include "platform/disk/overlay/block_difference.hpp"
#include "platform/disk/overlay/block_reader.hpp"

struct nbd_handle;

namespace patchlab::disk {

class BlockServer {
  public:
    explicit BlockServer(const std::vector<ChainLink>& chain);
    ~BlockServer();
    BlockServer(const BlockServer&) = delete;
    BlockServer& operator=(const BlockServer&) = delete;
    std::filesystem::path socket() const { return folder_.path() / "nbd"; }
    /// The folder of the socket; nothing else is in it.
    const std::filesystem::path& folder() const { return folder_.path(); }

  private:
    TempFolder folder_;
    pid_t pid_ = -1;
};

class NbdReader final : public BlockReader {
  public:
    /// `name`: "base" or "overlay".
    NbdReader(const std::filesystem::path& socket, const std::string& name);
    ~NbdReader() override;
    NbdReader(const NbdReader&) = delete;
    NbdReader& operator=(const NbdReader&) = delete;
    std::uint64_t size() const override { return size_; }
    void read(std::uint64_t offset, std::span<unsigned char> into) override;
    /// What the uppermost `layers` images of the chain hold, sorted, disjoint, neighbours joined.
    std::vector<ByteRange> held_by_upper(unsigned layers);

  private:
    nbd_handle* handle_;
    std::uint64_t size_ = 0;
};

}  // namespace patchlab::disk
