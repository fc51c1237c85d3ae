// SPDX-License-Identifier: Apache-2.0
//
// Forms: they post to the page they stand on and say which of its forms they are. A control that
// somebody may not use stands there all the same, disabled, with the reason. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/service/console/view.hpp"

namespace patchlab::service::console {

/// Empty: the viewer may ask for this operation; otherwise why not, in a sentence. `about`: the
/// user whom it would change; some of it everybody may do for themselves.
std::string why_not(const Viewer& viewer, std::string_view operation, std::string_view about = {});

struct FormLook {
    std::string_view name;          ///< of a row of Screen::forms
    const char* css = "act";        ///< class
    std::string_view blocked = {};  ///< why nothing can be sent now, whoever looks
    /// Of a form whose buttons name which form of the screen is meant; fields elsewhere refer to
    /// it.
    const char* id = nullptr;
    /// The reason of a disabled button is written by who opened the form: see why().
    bool quiet = false;
    std::string_view about = {};  ///< the user whom the form changes
};

/// A form of this screen that is open: its fields are written into it, submit() closes the matter.
class OpenForm {
  public:
    OpenForm(const View& view, const FormLook& look);
    OpenForm(const OpenForm&) = delete;
    OpenForm& operator=(const OpenForm&) = delete;

    /// A line of text. What was typed before stays.
    void line(const char* name, std::string_view label, std::string_view hint = {},
              bool required = false, std::string_view value = {});
    void area(const char* name, std::string_view label, std::string_view hint = {},
              bool required = false, std::string_view value = {});
    void choice(const char* name, std::string_view label, const std::vector<std::string>& values,
                std::string_view chosen = {});
    void tick(const char* name, std::string_view label, bool ticked = false);
    void hidden(const char* name, std::string_view value);
    /// A field for the password, when the form wants a fresh sign-in and the viewer has none.
    void password_if_stale();
    /// The button, or the disabled button with the reason. `css`: "primary", "danger", "".
    void submit(std::string_view label, const char* css = "primary");
    /// A button that sends another value of `name` with it.
    void submit_as(const char* name, std::string_view value, std::string_view label,
                   const char* css = "");

    /// Why nothing can be sent; empty: it can.
    const std::string& why() const { return why_not_; }
    bool enabled() const { return why_not_.empty(); }

  private:
    std::string typed(const char* name, std::string_view otherwise) const;
    bool was_sent() const;
    std::string field_id(const char* name) const;
    void hint_of(const char* name, std::string_view hint);
    void button(const std::vector<Attribute>& more, std::string_view label, const char* css);

    const View& view_;
    const Form* form_;
    std::string name_;
    bool several_ = false;
    bool quiet_ = false;
    std::string why_not_;
    Writer::Element element_;
    bool said_why_ = false;
};

/// What became of a form that was sent: the failure with its advice, or nothing.
void write_attempt(const View& view);

}  // namespace patchlab::service::console
