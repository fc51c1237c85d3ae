# SPDX-License-Identifier: Apache-2.0
# Put before scripts that restart services. Sets functions only.

# is_service NAME: nothing else is handed to the service manager.
is_service() {
    case $1 in
        *[!A-Za-z0-9:_.\\@-]*) return 1 ;;
        *.service) return 0 ;;
        *) return 1 ;;
    esac
}

# restart_service NAME: restarts it where it runs, and prints it when it does not come back.
restart_service() { systemctl try-restart "$1" || printf '%s\n' "$1"; }
