# SPDX-License-Identifier: Apache-2.0
#
# What the machine complains of; then the answer is printed.

# Health. A service that does not stop in time, and is killed in the end, counts as failed, though
# its next start covers it: who must restart it waits, and what it had still to write is lost.
{
    my ($text, $rc) = run(
        'journalctl', '--since=-6h', '-q', '-p', '4..4', '-o',
        'cat', '--no-pager', '-n', '2000', '_PID=1'
    );
    my %killed = $rc ? () : map {
        m{^(\S+):[ ](?:Stopping[ ]timed[ ]out|State[ ]'(?:stop|final)[-\w]*'[ ]timed[ ]out
            |Processes[ ]still[ ]around[ ]after)}x ? ("$1: did not stop in time" => 1) : ()
    } split /\n/, $text;
    if ($units_why) { record('U', 'failed-units', '', $units_why) }
    else { lines('failed-units', sort(keys %failed), sort keys %killed) }
}
my @dumps = map {
    my $d = $_;
    map { "$d/$_" } grep { !/^\./ } entries($d)
} '/var/lib/systemd/coredump', '/var/crash';
if (sysopen(my $kmsg, '/dev/kmsg', O_RDONLY | O_NONBLOCK)) {
    my @errors;
    while (1) {
        my $got = sysread $kmsg, my $line, 8192;
        # overwritten before it was read: the next one is there
        if (!defined $got) { next if $!{EPIPE}; last; }
        last unless $got;
        my ($priority, $text) = $line =~ /^(\d+),\d+,\d+,[^;]*;([^\n]*)/ or next;
        push @dumps, $text
            if $text =~
            /\bsegfault at\b|\btraps: .* (?:trap|general protection)|\bgeneral protection fault\b/;
        # facility 0 is the kernel's own, so the number is the level
        push @errors, $text if $priority <= 3;
    }
    lines('kernel-errors', @errors);
} else {
    record('U', 'kernel-errors', '', "/dev/kmsg: $!");
}
lines('core-dumps', @dumps);
{
    my ($text, $rc) =
        run('journalctl', '-b', '-p', 'err', '-q', '-o', 'short', '--no-hostname', '--no-pager',
        '-n', '500');
    if ($rc) { record('U', 'journal-errors', '', "journalctl ended with $rc") }
    else {
        lines('journal-errors',
            grep { !/^kernel: / } map { s/^\w{3} [ \d]\d \d\d:\d\d:\d\d //r } split /\n/, $text);
    }
}

# Measures: numbers that a patch may make worse. The pause is the measurement: how busy is a machine
# that nobody asks for anything?
sub jiffies {
    my ($line) = (slurp('/proc/stat') || '') =~ /^cpu +(.*)$/m;
    my @f = split ' ', $line || '';
    my $all = 0;
    $all += $_ for @f;
    return ($all, $all - ($f[3] || 0) - ($f[4] || 0));
}
sub held { return (slurp('/proc/meminfo') || '') =~ /^AnonPages:\s+(\d+)/m ? $1 : undef }
{
    # A second in which something happened to run (a database cleans up after itself) is no second
    # at rest: the quietest of a few counts, and of memory the one in which the least was taken.
    my ($quietest, $least);
    for (1 .. 6) {
        my ($all, $busy) = jiffies();
        my $held = held();
        select undef, undef, undef, 1;
        my ($all_later, $busy_later) = jiffies();
        my $held_later = held();
        if (defined $held && defined $held_later) {
            my $growth = $held_later > $held ? $held_later - $held : 0;
            $least = $growth if !defined $least || $growth < $least;
        }
        next unless $all_later > $all;
        my $share = ($busy_later - $busy) / ($all_later - $all);
        $quietest = $share if !defined $quietest || $share < $quietest;
        last if $quietest <= 0.1 && ($least || 0) < 1024;
    }
    record('M', 'measure', 'growth-kib', $least) if defined $least;
    record('M', 'measure', 'busy-share', sprintf '%.4f', $quietest) if defined $quietest;
    my $memory = slurp('/proc/meminfo') || '';
    my ($total) = $memory =~ /^MemTotal:\s+(\d+)/m;
    my ($available) = $memory =~ /^MemAvailable:\s+(\d+)/m;
    record('M', 'measure', 'memory-kib', $total - $available) if $total && $available;
    record('M', 'measure', 'boot-seconds', sprintf '%.3f', $boot_finished / 1e6)
        if $boot_finished;
}

my $boot = slurp('/proc/sys/kernel/random/boot_id') || '';
$boot =~ s/\s//g;
binmode STDOUT;
print "patchlab-capture 1 $nonce $boot\n", $out, "E $nonce $records\n";
