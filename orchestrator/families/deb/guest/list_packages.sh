# SPDX-License-Identifier: Apache-2.0
# What is installed: NAME:ARCHITECTURE, version and state, between tabs.
# shellcheck disable=SC2016 # the names in braces are dpkg's
dpkg-query -W -f '${Package}:${Architecture}\t${Version}\t${db:Status-Abbrev}\n'
