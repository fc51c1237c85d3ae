# SPDX-License-Identifier: Apache-2.0
# What is installed: NAME, ARCHITECTURE, version, and whether several versions of it may be, between tabs.
rpm -qa --qf '%{NAME}\t%{ARCH}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\t[%{PROVIDENAME} ]\n' |
    awk -F '\t' -v OFS='\t' '
        $2 == "(none)" { next }
        { sub(/^0:/, "", $3)
          several = (" " $5) ~ / (installonlypkg\(|multiversion\(kernel\))/ ? "several" : "one"
          print $1, $2, $3, several, $4 }'
