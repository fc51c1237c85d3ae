# SPDX-License-Identifier: Apache-2.0
# keep_log.pl LOG WHOLE <OUTPUT: keeps the head and the tail of what it reads in LOG, and makes
# WHOLE when it has read to the end. Put behind install.sh. Whatever is wrong with LOG, it reads on:
# nobody who prints may be stopped by that.
use strict;
use warnings;
my $head_size = 1 << 20;
my $tail_size = 1 << 20;
my ($log, $whole) = @ARGV;
my ($kept, $tail, $left_out) = (0, '', 0);
my $to;
open $to, '>>', $log or undef $to;

sub put {
    my ($text) = @_;
    syswrite $to, $text if $to && length $text;
    return;
}

# The log ends with the tail: once more from the end of the head, which only this program writes.
sub put_tail {
    return if !$to;
    truncate $to, $head_size;
    put("\n--- $left_out bytes of output are left out here ---\n");
    put($tail);
    return;
}

while (my $count = sysread STDIN, my $bytes, 1 << 16) {
    if ($kept + $count <= $head_size) {
        $kept += $count;
        put($bytes);
        next;
    }
    my $room = $head_size - $kept;
    put(substr $bytes, 0, $room);
    $kept = $head_size;
    my $rest = substr $bytes, $room;
    $tail .= $rest;
    if (length $tail > 2 * $tail_size) {
        my $too_much = length($tail) - $tail_size;
        $left_out += $too_much;
        $tail = substr $tail, $too_much;
        put_tail();
    } else {
        put($rest);
    }
}
open my $end, '>', $whole or exit 0;
close $end or exit 0;
