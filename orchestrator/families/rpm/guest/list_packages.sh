# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # installing.sh, which stands before, sets several
# What is installed: NAME, ARCHITECTURE, version, and whether several versions of it may be, between tabs.
rpm -qa --qf '%{NAME}\t%{ARCH}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\t[%{PROVIDENAME} ]\n' |
    awk -F '\t' -v OFS='\t' -v several="$several" '
        $2 == "(none)" { next }
        { sub(/^0:/, "", $3)
          print $1, $2, $3, (" " $5) ~ several ? "several" : "one", $4 }'
