# SPDX-License-Identifier: Apache-2.0
# Runs in the guest, while an installation that install.sh started goes on. Reads /proc and
# /sys/fs/cgroup only.
#   activity   prints one line, "activity" and seven numbers: seconds since the guest's boot,
#              processor seconds of the installation, bytes of its log, bytes it moved to and from
#              disks, processor seconds of everything else but the agent, sectors that the disks
#              moved, and how many of its processes want the processor or wait for a disk
#   waits      prints what the installation waits for: "waits SENTENCE" for each process that has
#              no child, then the processes as a tree with the files they have open
use strict;
use warnings;
my $dir = '/run/patchlab';
my $cgroups = '/sys/fs/cgroup/system.slice';
my $most = 60;    # processes and files that are printed

sub text_of {
    my ($file) = @_;
    open my $in, '<', $file or return '';
    local $/ = undef;
    my $text = <$in>;
    close $in;
    return $text // '';
}

# The stat of a process: state, parent, and processor seconds, its ended children's included.
sub stat_of {
    my ($pid) = @_;
    my $text = text_of("/proc/$pid/stat");
    $text =~ s/.*\)\s//s or return;
    my @field = split ' ', $text;
    return { state => $field[0], parent => $field[1], ticks => $field[11] + $field[12] };
}

# Every process that there is: pid => stat.
sub all_processes {
    my %all;
    for my $path (glob '/proc/[0-9]*') {
        my ($pid) = $path =~ m{(\d+)$};
        my $stat = stat_of($pid) or next;
        $all{$pid} = $stat;
    }
    return \%all;
}

# Those of the installation: what lives in its unit, and what descends from its shell.
sub members {
    my ($all) = @_;
    my ($shell) = text_of("$dir/install.pid") =~ /(\d+)/;
    my %member = map { $_ => 1 } grep { $all->{$_} }
        split ' ', text_of("$cgroups/patchlab-install.service/cgroup.procs");
    $member{$shell} = 1 if $shell && $all->{$shell};
    for my $pid (sort { $a <=> $b } keys %$all) {
        my ($up, $deep) = ($all->{$pid}{parent}, 0);
        while ($up > 1 && $all->{$up} && $deep++ < 100) {
            if ($member{$up}) { $member{$pid} = 1; last }
            $up = $all->{$up}{parent};
        }
    }
    my @sorted = sort { $a <=> $b } keys %member;
    return @sorted;
}

# Processor seconds of a unit, those of its ended processes included; undef where the kernel does
# not count them.
sub unit_seconds {
    my ($unit) = @_;
    my ($microseconds) = text_of("$cgroups/$unit/cpu.stat") =~ /^usage_usec (\d+)/m;
    return defined $microseconds ? $microseconds / 1e6 : undef;
}

sub moved_bytes {
    my ($pid) = @_;
    my $text = text_of("/proc/$pid/io");
    my $bytes = 0;
    $bytes += $1 while $text =~ /^(?:read|write)_bytes: (\d+)/mg;
    return $bytes;
}

sub activity {
    my $all = all_processes();
    my @mine = members($all);
    my ($time) = text_of('/proc/uptime') =~ /^([\d.]+)/;
    my ($moved, $ticks, $awake) = (0, 0, 0);
    for my $pid (@mine) {
        $moved += moved_bytes($pid);
        $ticks += $all->{$pid}{ticks};
        $awake++ if $all->{$pid}{state} =~ /[RD]/;
    }
    my $used = unit_seconds('patchlab-install.service') // $ticks / 100;
    my @cpu = split ' ', (split /\n/, text_of('/proc/stat'))[0];
    my $whole = ($cpu[1] + $cpu[2] + $cpu[3] + $cpu[6] + $cpu[7]) / 100;
    my $other = $whole - $used - (unit_seconds('qemu-guest-agent.service') // 0);
    my $sectors = 0;
    for my $line (split /\n/, text_of('/proc/diskstats')) {
        my @field = split ' ', $line;
        $sectors += $field[5] + $field[9] if $field[2] =~ /^(?:[vsh]d[a-z]+|nvme\d+n\d+)$/;
    }
    printf "activity %.2f %.3f %d %d %.2f %d %d\n", $time, $used, -s "$dir/install.log" // 0,
        $moved, $other, $sectors, $awake;
    return;
}

# What is not printable is left out: names of programs and files are the patch's own.
sub plain {
    my ($text, $length) = @_;
    $text =~ s/[^\x20-\x7e]+/ /g;
    $text =~ s/^\s+|\s+$//g;
    return length $text > $length ? substr($text, 0, $length) . '...' : $text;
}

sub command_of {
    my ($pid) = @_;
    my $words = text_of("/proc/$pid/cmdline");
    $words = '[' . text_of("/proc/$pid/comm") . ']' if $words eq '';
    return plain($words =~ tr/\0/ /r, 160);
}

# How /proc/PID/syscall names the calls that read, on the architectures that it is known for.
my %read_call = map { $_ => 1 } qw(0 63);

# The file that a process reads from, or undef.
sub read_file_of {
    my ($pid) = @_;
    my ($call, $fd) = text_of("/proc/$pid/syscall") =~ /^(\d+) 0x([0-9a-f]+)/ or return;
    return if !$read_call{$call};
    return readlink "/proc/$pid/fd/" . hex $fd;
}

sub lock_of {
    my ($pid) = @_;
    my %file;
    for my $fd (glob "/proc/$pid/fd/*") {
        my @stat = stat $fd or next;
        $file{ $stat[1] } = readlink $fd;
    }
    for my $line (split /\n/, text_of('/proc/locks')) {
        my @field = split ' ', $line;
        next if @field < 8 || $field[1] ne '->' || $field[5] != $pid;
        my ($inode) = $field[6] =~ /:(\d+)$/;
        return $file{ $inode // '' } // 'a file';
    }
    return;
}

# What the kernel function in which a process sleeps is for.
my @places = (
    [qr/nanosleep/, 'sleeps'],
    [qr/wait_for_partner|fifo_open/, 'opens a named pipe that nobody else opens'],
    [qr/pipe_read|anon_pipe_read/, 'reads a pipe that nobody writes to'],
    [qr/pipe_write|anon_pipe_write/, 'writes to a pipe that nobody reads'],
    [qr/n_tty_read|tty_read/, 'reads a terminal'],
    [qr/unix_stream|unix_dgram|skb_/, 'waits for data on a local socket'],
    [qr/inet_csk_accept|accept/, 'waits for a connection'],
    [qr/tcp_|inet_|sk_wait_data/, 'waits for data from the network'],
    [qr/locks?_lock|flock|posix_lock/, 'waits for a lock'],
    [qr/futex/, 'waits for another thread or process (futex)'],
    [qr/poll|select|ep_|do_sys_poll/, 'waits for a file or socket to be ready'],
    [qr/sigsuspend|sigtimedwait|pause/, 'waits for a signal'],
    [qr/do_wait|kernel_wait/, 'waits for a process that is not its child any more'],
    [qr/signal_stop|ptrace|do_freezer/, 'was stopped by a signal'],
);

sub waits_for {
    my ($pid, $stat) = @_;
    return 'was stopped by a signal' if $stat->{state} =~ /[Tt]/;
    return 'has ended, and its parent does not take note' if $stat->{state} eq 'Z';
    return 'sleeps' if text_of("/proc/$pid/comm") eq "sleep\n";
    my $lock = lock_of($pid);
    return 'waits for a lock on ' . plain($lock, 100) if defined $lock;
    my $file = read_file_of($pid);
    if (defined $file) {
        return 'reads the terminal ' . plain($file, 60) . ': it asks a question'
            if $file =~ m{^/dev/(?:tty|pts/|console|hvc|pty)};
        return 'reads ' . plain($file, 100) if $file =~ m{^/};
    }
    my $place = text_of("/proc/$pid/wchan");
    for my $known (@places) {
        return $known->[1] if $place =~ $known->[0];
    }
    return 'waits' . ($place =~ /\w{2,}/ ? ' in ' . plain($place, 40) : '');
}

# The script of a package that this process descends from.
sub script_of {
    my ($pid, $all) = @_;
    for (1 .. 50) {
        my $words = text_of("/proc/$pid/cmdline");
        return $1
            if $words =~ m{/info/([^/\0]+\.(?:preinst|postinst|prerm|postrm|config|triggers))};
        return "$1 (new)" if $words =~ m{/tmp\.ci/(preinst|prerm|postrm|config)};
        $pid = $all->{$pid}{parent} // 0;
        last if $pid <= 1 || !$all->{$pid};
    }
    return;
}

sub print_files {
    my ($pid, $indent) = @_;
    my $count = 0;
    for my $fd (sort { ($a =~ /(\d+)$/)[0] <=> ($b =~ /(\d+)$/)[0] } glob "/proc/$pid/fd/*") {
        my $file = readlink $fd // next;
        last if ++$count > 20;
        my ($number) = $fd =~ /(\d+)$/;
        print "$indent    $number -> ", plain($file, 120), "\n";
    }
    return;
}

sub print_tree {
    my ($pid, $depth, $all, $children, $budget) = @_;
    return if $depth > 30 || --$$budget < 0;
    my $indent = '  ' x $depth;
    my $stat = $all->{$pid};
    my $place = plain(text_of("/proc/$pid/wchan"), 40);
    print "$indent$pid ", command_of($pid), "  (state $stat->{state}, in $place)\n";
    print_files($pid, $indent);
    print_tree($_, $depth + 1, $all, $children, $budget) for @{ $children->{$pid} // [] };
    return;
}

sub waits {
    my $all = all_processes();
    my @mine = members($all);
    my (%mine, %children);
    $mine{$_} = 1 for @mine;
    push @{ $children{ $all->{$_}{parent} } }, $_ for @mine;
    my $budget = 8;
    for my $pid (grep { !$children{$_} } @mine) {
        my $command = command_of($pid);
        next if $command =~ m{^perl \Q$dir\E/keep_log\.pl};    # our own
        last if --$budget < 0;
        my $script = script_of($pid, $all);
        print "waits '$command'", ($script ? " of $script" : ''), ' ',
            waits_for($pid, $all->{$pid}), "\n";
    }
    $budget = $most;
    print_tree($_, 0, $all, \%children, \$budget) for grep { !$mine{ $all->{$_}{parent} } } @mine;
    return;
}

my %command = (activity => \&activity, waits => \&waits);
my $wanted = $command{ $ARGV[0] // '' } or exit 2;
$wanted->();
