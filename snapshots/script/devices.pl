# SPDX-License-Identifier: Apache-2.0
#
# Devices, and what the kernel was told: settings, modules, mounts, who may be confined, programs
# and probes in it, keys.

# The driver of a number: of many it is drawn by lot, in the order in which drivers are loaded.
my (%driver, %misc);

sub read_drivers {
    my $kind = '';
    for (split /\n/, slurp('/proc/devices') || '') {
        if (/^(Character|Block)/) { $kind = $1 eq 'Block' ? 'b' : 'c' }
        elsif (/^\s*(\d+) (\S+)/) { $driver{"$kind$1"} = $2 }
    }
    %misc = map { /^\s*(\d+) (\S+)/ ? ($1 => $2) : () } split /\n/, slurp('/proc/misc') || '';
}

sub device {
    my ($path, $mode, $uid, $gid, $number) = @_;
    my $type = { 0020000 => 'c', 0060000 => 'b' }->{ $mode & 0170000 };
    my ($major, $minor) = major_and_minor($number);
    my $driver = $driver{"$type$major"} || "major $major";
    my $what = $major < 234 ? "$major:$minor" : "$driver $minor";
    $what = $misc{$minor}
        if $type eq 'c' && $major == 10 && $misc{$minor} && ($minor >= 256 || $minor >> 6 == 1);
    return sprintf '%s %04o %s:%s %s', $type eq 'b' ? 'block' : 'character', $mode & 07777,
        $user_name{$uid} || $uid, $group_name{$gid} || $gid, $what;
}

# What the kernel and udev number as they find it.
my $passing_device = qr{^/dev/(?:char|block|pts|fd|mqueue|hugepages|disk/by-diskseq|bsg|vport)};

sub read_devices {
    my ($dir, $depth) = @_;
    for (entries($dir)) {
        my $path = "$dir/$_";
        next if $path =~ $passing_device;
        my ($mode, $uid, $gid, $number) = (lstat $path)[2, 4, 5, 6];
        next unless defined $mode;
        my $kind = $mode & 0170000;
        if ($kind == 0040000) { read_devices($path, $depth - 1) if $depth; next; }
        # data that programs share; a program there is another matter
        next if $dir =~ m{^/dev/shm} && !($kind == 0100000 && $mode & 06111);
        my $owner = sprintf '%04o %s:%s', $mode & 07777, $user_name{$uid} || $uid,
            $group_name{$gid} || $gid;
        # Terminals change hands: of who waits there, of who logs in.
        next if $path =~ m{^/dev/(?:tty|console$|hvc|vcs)} && $kind == 0020000 && !($mode & 06);
        if ($kind == 0020000 || $kind == 0060000) {
            fact("$path: device", device($path, $mode, $uid, $gid, $number));
        } elsif ($kind == 0120000) {
            my $target = readlink $path;
            next unless defined $target;
            $target =~ s/\d+$/#/ if $path =~ m{^/dev/(?:input|snd|dri|v4l|serial)/};
            fact("$path: device", "link to $target");
        } else {
            fact("$path: device", ($kind == 0100000 ? 'file ' : 'other ') . $owner);
        }
    }
}
class 'device' => sub {
    read_drivers();
    read_devices('/dev', 3);
    die "/dev is empty\n" unless %facts;
};

# Not settings: counters, identities of the boot, and what the kernel moves by itself.
my $volatile = qr{^(?:
    fs\.(?:dentry-state|inode-nr|inode-state|file-nr|aio-nr|quota\..*|binfmt_misc.*|epoll\..*_nr)
  | kernel\.(?:random\.(?:uuid|boot_id|entropy_avail)|ns_last_pid|pty\.nr|tainted
      |perf_event_max_sample_rate|perf_cpu_time_max_percent
      |sched_domain.*|osrelease|version|keys\.gc.*|spl.*|ngroups_max)
  | net\.(?:netfilter\.nf_conntrack_count|ipv4\.(?:tcp_fastopen_key|neigh\..*\.gc_.*)
      |netfilter\.nf_log.*)
  | vm\.(?:stat_refresh|nr_pdflush_threads|compact_memory|drop_caches)
)$}x;

sub read_sysctl {
    my ($dir, $name) = @_;
    for (entries($dir)) {
        next if $name eq '' && !/^(?:fs|kernel|net|vm|dev|user|abi|debug|crypto)$/;
        my $key = $name eq '' ? $_ : "$name.$_";
        next if $key =~ $volatile;
        my $path = "$dir/$_";
        my $mode = (lstat $path)[2];
        next unless defined $mode;
        # reading it would mount it
        if (($mode & 0170000) == 0040000) {
            read_sysctl($path, $key) unless $key eq 'fs.binfmt_misc';
            next;
        }
        next unless $mode & 0444;
        my $value = slurp($path, 65536);
        next unless defined $value;
        $value =~ s/\s+$//;
        $value =~ s/\s+/ /g;
        fact($key, $value);
    }
}
# What may be set there by whoever writes into it; nothing keeps it over a reboot. Statistics cannot
# be written.
sub read_settings {
    my ($dir, $depth, $bits) = @_;
    $bits ||= 0600;
    for (entries($dir)) {
        my $path = "$dir/$_";
        my $mode = (lstat $path)[2];
        next unless defined $mode;
        if (($mode & 0170000) == 0040000) { read_settings($path, $depth - 1) if $depth; next; }
        next unless ($mode & 0170000) == 0100000 && ($mode & $bits) == $bits;
        my $value = slurp($path, 65536);
        next unless defined $value;
        fact($path, join ' ', split ' ', $value);
    }
}
class 'sysctl' => sub {
    read_sysctl('/proc/sys', '');
    die "/proc/sys is empty\n" unless %facts;
    read_settings('/sys/kernel/mm', 4);
    read_settings('/sys/kernel', 0);
    # what starts next is no file
    for ('/sys/kernel/kexec_loaded', '/sys/kernel/kexec_crash_loaded') {
        my $value = slurp($_);
        fact($_, $value + 0) if defined $value;
    }
    # of a module also what it was given when it was loaded, and nobody can write any more
    read_settings("/sys/module/$_/parameters", 0, 0400) for entries('/sys/module');
    read_settings("/sys/block/$_/queue", 0) for grep { !/^(?:loop|ram)\d/ } entries('/sys/block');
    for my $cpu (
        map { "/sys/devices/system/cpu/$_" }
        grep { /^cpu\d+$/ } entries('/sys/devices/system/cpu')
        )
    {
        for ("$cpu/online", "$cpu/cpufreq/scaling_governor") {
            my $value = slurp($_);
            fact($_, join ' ', split ' ', $value) if defined $value;
        }
    }
};
class 'module' => sub {
    my $text = slurp('/proc/modules');
    for (split /\n/, defined $text ? $text : '') { fact((split ' ')[0], 'loaded') }
};
class 'mount' => sub {
    for (split /\n/, must('/proc/self/mountinfo')) {
        my ($left, $right) = split / - /, $_, 2;
        my @l = split ' ', $left;
        my @r = split ' ', $right || '';
        # per-service and per-login, gone with them; and ours
        next if @l < 6 || @r < 2 || $l[4] =~ m{^/run/(?:credentials/|user/|patchlab/disk$)};
        $r[0] = 'autofs' if $r[0] eq 'autofs';
        fact($l[4], "$r[1] $r[0] $l[5]" . ($l[3] eq '/' ? '' : " from $l[3]"));
    }
    for (split /\n/, slurp('/proc/swaps') || '') {
        my ($file, $type) = split ' ';
        fact("$file: swap", $type) if $file =~ m{^/};
    }
};
