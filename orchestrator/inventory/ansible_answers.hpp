// SPDX-License-Identifier: Apache-2.0
//
// What a play's hosts said, read line by line as the callback plugin (ansible/patchlab_lines.py)
// writes it. The lines hold hosts' own words: a line that is too long or no JSON, an unknown host,
// and whatever a host says after its end are dropped, never believed. Owns no file: the lines are
// handed in. Thread safety: one a thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/inventory/ansible.hpp"

namespace patchlab::inventory {

class AnsibleAnswers {
  public:
    /// `answered` is borrowed. Passwords among the hosts' variables are blotted out wherever a host
    /// or Ansible repeats them.
    AnsibleAnswers(const std::vector<AnsibleHost>& hosts, const AnsibleAnswered& answered);

    /// Lines, whole or in pieces, as they came from the file.
    void take(std::string_view bytes);
    /// Whoever has not answered is `unknown`, `why` being the reason.
    void finish(const std::string& why);
    /// True once Ansible has accepted the play and begun.
    bool started() const { return started_; }
    /// One line of plain text, at most 1 KiB, without passwords.
    std::string plain(std::string_view text) const;

  private:
    void line(const std::string& text);
    void tell(const std::string& host, AnsibleResult result);

    const AnsibleAnswered& answered_;
    std::set<std::string> waiting_;
    std::vector<std::string> secrets_;
    std::string piece_;
    bool too_long_ = false;
    bool started_ = false;
};

}  // namespace patchlab::inventory
