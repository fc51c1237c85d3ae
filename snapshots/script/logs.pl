# SPDX-License-Identifier: Apache-2.0
#
# What logs hold that are no text: how much, and since when. A log that grows is as it was; one that
# holds less has lost something.

sub moment {
    my ($second, $minute, $hour, $day, $month, $year) = gmtime $_[0];
    return sprintf '%04d-%02d-%02d %02d:%02d:%02d', $year + 1900, $month + 1, $day, $hour, $minute,
        $second;
}

# Numbers of entries and the time of the first, from the head of a file of the journal
# (systemd's journal-file.h).
sub journal_head {
    my ($path) = @_;
    sysopen(my $file, $path, O_RDONLY | O_NONBLOCK) or return;
    defined sysread $file, my $head, 208 or return;
    return unless length $head == 208 && $head =~ /^LPKSHHRH/;
    my ($entries, $first) = (unpack('x152 Q<', $head), unpack('x184 Q<', $head));
    return $entries ? ($entries, $first) : ();
}

# The journal keeps within a limit by itself: of one that is near it the oldest entries may go at
# any time. A tenth of the file system, four gigabytes at most (journald.conf(5)).
sub is_near_its_limit {
    my ($folder, $size) = @_;
    my $limit = 4 << 30;
    my $told = "\0" x 160;
    if ($statfs && syscall($statfs, $folder, $told) == 0) {
        my (undef, $block, $blocks) = unpack 'l! l! L!', $told;
        my $tenth = $block * $blocks / 10;
        $limit = $tenth if $tenth < $limit && $tenth > 0;
    }
    return $size > 0.8 * $limit;
}

sub journals {
    my ($place) = @_;
    my ($size, %entries, %first) = (0);
    for my $folder (map { "$place/$_" } entries($place)) {
        for my $name (entries($folder)) {
            my ($stream) = $name =~ /^([^\@.~]+)(?:\@[-0-9a-f]+)?\.journal~?$/ or next;
            $size += -s "$folder/$name" || 0;
            my ($entries, $first) = journal_head("$folder/$name") or next;
            my $log = "$folder/$stream";
            $entries{$log} += $entries;
            $first{$log} = $first if !exists $first{$log} || $first < $first{$log};
        }
    }
    my $is_full = $size && is_near_its_limit($place, $size);
    for (keys %entries) {
        fact(
            "$_: journal",
            $is_full
            ? 'near its limit'
            : "$entries{$_} entries since " . moment($first{$_} / 1e6)
        );
    }
}

# A slot for each account, empty until its first login.
sub last_logins {
    my ($path) = @_;
    sysopen(my $file, $path, O_RDONLY | O_NONBLOCK) or return;
    my ($entries, $slot) = (0);
    for (sort { $a <=> $b } grep { $_ < 1 << 24 } keys %user_name) {
        sysseek $file, $_ * 292, 0 or next;
        $entries++ if (sysread($file, $slot, 4) || 0) == 4 && $slot ne "\0" x 4;
    }
    fact("$path: logins", "$entries entries");
}

class 'log' => sub {
    journals('/var/log/journal');
    last_logins('/var/log/lastlog');
};
