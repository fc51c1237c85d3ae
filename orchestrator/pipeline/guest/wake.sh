# SPDX-License-Identifier: Apache-2.0
# wake.sh SECONDS HEX: all that a restored clone needs, as one script, since each round trip costs: the
# time (since 1970), entropy, and the proof of identity, which it prints. A clone shares the random
# state of its siblings until it is reseeded.
date -u -s "@$1" >/dev/null
# 0x5207 is RNDRESEEDCRNG
perl -e 'open my $f, q(+>), q(/dev/urandom) or exit 1; syswrite $f, pack(q(H*), shift); ioctl $f, 0x5207, 0' "$2"
cat /proc/sys/kernel/random/boot_id
