// SPDX-License-Identifier: Apache-2.0
#include "snapshots/rules.hpp"

namespace patchlab::snapshots {

bool is_sensitive_class(ChangeClass cls) {
    switch (cls) {
        case ChangeClass::port:
        case ChangeClass::user:
        case ChangeClass::group:
        case ChangeClass::sudo:
        case ChangeClass::ssh_key:
        case ChangeClass::setuid:
        case ChangeClass::capability:
        case ChangeClass::sysctl:
        case ChangeClass::module:
        case ChangeClass::timer:
        case ChangeClass::cron:
        case ChangeClass::certificate:
        case ChangeClass::firewall:
        case ChangeClass::network:
        case ChangeClass::apt_source:
        case ChangeClass::pam:
        case ChangeClass::preload:
        case ChangeClass::library:
        case ChangeClass::alternative:
        case ChangeClass::unit:
        case ChangeClass::device:
        case ChangeClass::boot: return true;
        case ChangeClass::package:
        case ChangeClass::file:
        case ChangeClass::process:
        case ChangeClass::mount:
        case ChangeClass::log:
        case ChangeClass::kernel: return false;
    }
    return true;
}

}  // namespace patchlab::snapshots
