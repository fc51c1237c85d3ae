# SPDX-License-Identifier: Apache-2.0
#
# The kernel: which, how started, what confines, what was put into it while it runs.

# In words, of what taints a kernel only what somebody did; it warns by itself.
my %taint = (
    0 => 'proprietary module',
    1 => 'module forced in',
    3 => 'module forced out',
    10 => 'staging driver',
    12 => 'module from elsewhere',
    13 => 'module not signed',
    15 => 'live patch'
);

sub lines_in_kernel {
    my ($path, $name) = @_;
    my $text = slurp($path, 1 << 20);
    for (split /\n/, defined $text ? $text : '') {
        fact(substr("$name: $_", 0, 900), 'present') unless /^\s*(?:#|$)/;
    }
}

# Only what is mounted: looking would mount it.
sub is_mounted {
    my ($place, $kind) = @_;
    return (slurp('/proc/self/mounts') || '') =~ /^\S+ \Q$place\E \Q$kind\E /m;
}

sub tracing {
    my $place = '/sys/kernel/tracing';
    return unless is_mounted($place, 'tracefs');
    lines_in_kernel("$place/$_", 'probe') for 'kprobe_events', 'uprobe_events', 'dynamic_events';
    lines_in_kernel("$place/set_event", 'traced event');
    my $tracer = slurp("$place/current_tracer");
    fact('tracer: in use', $tracer =~ s/\s+$//r) if defined $tracer && $tracer !~ /^nop/;
    fact("tracing instance: $_", 'present') for entries("$place/instances");
    lines_in_kernel('/sys/kernel/debug/kprobes/list', 'probe')
        if is_mounted('/sys/kernel/debug', 'debugfs') && -s '/sys/kernel/debug/kprobes/list';
}

# Which program runs files that the kernel itself cannot.
sub binary_formats {
    my $place = '/proc/sys/fs/binfmt_misc';
    return unless is_mounted($place, 'binfmt_misc');
    for (grep { !/^(?:register|status)$/ } entries($place)) {
        my $text = slurp("$place/$_") || '';
        fact("binary format: $_", join ' ', split /\s+/, $text);
    }
}

# A call of bpf(2): its number, the union as a buffer of 128 bytes.
sub bpf {
    my ($command, $buffer) = @_;
    return syscall $bpf_call, $command, $$buffer, length $$buffer;
}

# What systemd attaches to the control groups of services, by their settings.
my %of_the_manager = map { $_ => 1 } map { ("8 sd_$_", "15 sd_$_", "9 sd_$_", "18 sd_$_") } qw(
    devices fw_egress fw_ingress bind4 bind6 connect4 connect6
    restrictif restrictif_i restrictif_e);

sub programs_in_kernel {
    return unless $bpf_call;
    my $id = 0;
    for (1 .. 5000) {
        my $attributes = pack 'L L x120', $id, 0;
        last if bpf(11, \$attributes) != 0;    # BPF_PROG_GET_NEXT_ID
        $id = unpack 'x4 L', $attributes;
        my $by_id = pack 'L x124', $id;
        my $fd = bpf(13, \$by_id);             # BPF_PROG_GET_FD_BY_ID
        next if $fd < 0;
        my $info = "\0" x 256;
        my $question = pack 'L L Q x112', $fd, length $info, unpack 'Q', pack 'p', $info;
        my $told = bpf(15, \$question);        # BPF_OBJ_GET_INFO_BY_FD
        if (open my $closing, '<&=', $fd) { close $closing }
        next if $told != 0;
        my ($kind, $name) = (unpack('L', $info), unpack 'x64 Z16', $info);
        fact("program: kind $kind, $name", 'loaded') unless $of_the_manager{"$kind $name"};
    }
    pins('/sys/fs/bpf', 4) if is_mounted('/sys/fs/bpf', 'bpf');
}

sub pins {
    my ($dir, $depth) = @_;
    for (entries($dir)) {
        next if /^(?:maps|progs)\.debug$/;
        if (-d "$dir/$_") { pins("$dir/$_", $depth - 1) if $depth; next; }
        fact("kept program: $dir/$_", 'present');
    }
}

# Not what sessions, users and starts of services are given by themselves.
sub keys_of_kernel {
    for (split /\n/, slurp('/proc/keys') || '') {
        my ($flags, $expires, $uid, $kind, $text) = (split ' ', $_, 9)[1, 3, 5, 7, 8];
        next unless defined $text && $expires eq 'perm';
        next if $kind eq 'keyring' && $text !~ /^\./ || $text =~ /^\.user_reg|^invocation_id:/;
        next if $kind =~ /^(?:dns_resolv|id_resolve|\.)/;
        $kind = 'asymmetric' if $kind eq 'asymmetri';
        $text =~ s/: (\w+)$// if $kind ne 'asymmetric';
        my $count = $kind eq 'keyring' ? $1 : 'present';
        fact(substr("key: $kind $text" . ($uid ? " of $uid" : ''), 0, 900), $count || 'present');
    }
}

class 'kernel' => sub {
    my $release = must('/proc/sys/kernel/osrelease');
    my $version = must('/proc/sys/kernel/version');
    my $line = must('/proc/cmdline');
    s/\s+$// for $release, $version, $line;
    $line =~ s/\bBOOT_IMAGE=\S*\s*//;    # names the kernel, which the release says already
    fact('release', $release);
    fact('version', $version);
    fact('command line', $line);

    for (split /\n/, slurp('/sys/kernel/security/apparmor/profiles') || '') {
        fact("confined: $1", $2) if /^(.+) \((\w+)\)$/;
    }
    my $enforcing = slurp('/sys/fs/selinux/enforce');
    fact('confined: SELinux', $enforcing =~ /1/ ? 'enforce' : 'permissive') if defined $enforcing;
    for ('lsm', 'lockdown') {
        my $value = slurp("/sys/kernel/security/$_");
        fact("confinement: $_", join ' ', split ' ', $value) if defined $value;
    }
    my $tainted = slurp('/proc/sys/kernel/tainted') || 0;
    for (sort keys %taint) { fact("taint: $taint{$_}", 'present') if $tainted >> $_ & 1 }
    fact("live patch: $_", 'present') for entries('/sys/kernel/livepatch');
    tracing();
    binary_formats();
    programs_in_kernel();
    keys_of_kernel();
};
