// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C of a caller, for long operations that never ask whether they are still wanted. In a
// command line's own process the signal ends such an operation with all tools that it started; here
// the message does the same to the worker. Once the operation asks, nothing but its answer changes.
// One at a time; thread safety: made and destroyed by the thread that works.
#pragma once

namespace patchlab::service {

class InterruptWatch {
  public:
    /// `connection`: on which nothing but an interrupt may come now.
    explicit InterruptWatch(int connection);
    ~InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;

    /// The operation asks by itself from now on.
    static void asked();

  private:
    int connection_;
};

}  // namespace patchlab::service
