# SPDX-License-Identifier: Apache-2.0
#
# Which processes run, and on which terms.

# Processes once, for ports and processes both.
my (%exe, %uid, %gid, %parent, %unit_of, %group_of, %status_of, %own, %user_name, %group_name);
my $all_capabilities = (1 << (slurp('/proc/sys/kernel/cap_last_cap') || 40) + 1) - 1;
$user_name{ (split /:/)[2] } = (split /:/)[0]
    for reverse grep { tr/:// >= 6 } split /\n/, slurp('/etc/passwd') || '';
$group_name{ (split /:/)[2] } = (split /:/)[0]
    for reverse grep { tr/:// >= 3 } split /\n/, slurp('/etc/group') || '';

# What /proc/PID/stat says behind the name of the program: the state is the first (proc(5)).
sub stat_of {
    my ($pid) = @_;
    return split ' ', (slurp("/proc/$pid/stat") || '') =~ s/^.*\) //sr;
}
# When a process was started, in ticks since the kernel's start.
sub start_of { return (stat_of($_[0]))[19] || 0 }

# The two numbers of a device.
sub major_and_minor {
    my ($number) = @_;
    return (
        ($number >> 8 & 0xfff) | ($number >> 32 & 0xfffff000),
        ($number & 0xff) | ($number >> 12 & 0xffffff00)
    );
}
# What the initial ramdisk left running, its udev for one when the machine is busy: a program of a
# file system that is mounted no more, in no unit, started before all units. A start shows it or
# does not, whatever is installed.
sub leave_out_the_ramdisk {
    my @candidates = grep { $_ > 1 && ($unit_of{$_} || '') eq 'init.scope' } keys %exe;
    return unless @candidates;
    my %mounted = map { (split ' ')[2] => 1 } split /\n/, must('/proc/self/mountinfo');
    my ($first) = sort { $a <=> $b }
        map { start_of($_) } grep { ($unit_of{$_} || '') =~ /\.service$/ } keys %exe;
    for my $pid (@candidates) {
        my $device = (stat "/proc/$pid/exe")[0];
        next unless defined $device && defined $first && start_of($pid) < $first;
        delete $exe{$pid} unless $mounted{ join ':', major_and_minor($device) };
    }
}

sub read_processes {
    for my $pid (grep { /^\d+$/ } entries('/proc')) {
        my $exe = readlink "/proc/$pid/exe";
        next unless defined $exe;    # kernel threads have none
        my $status = slurp("/proc/$pid/status") or next;
        $exe =~ s/ \(deleted\)$//;
        my %is = $status =~ /^(\w+):[ \t]+(.*)$/mg;
        $status_of{$pid} = \%is;
        ($uid{$pid}) = $is{Uid} =~ /^\d+\s+(\d+)/;
        ($gid{$pid}) = $is{Gid} =~ /^\d+\s+(\d+)/;
        $parent{$pid} = $is{PPid};
        $exe{$pid} = $exe;
        my $cgroup = slurp("/proc/$pid/cgroup") || '';
        $unit_of{$pid} = $1 if $cgroup =~ m{^.*/([^/\n]+\.(?:service|scope))(?:/[^\n]*)?$}m;
        $group_of{$pid} = $1 if $cgroup =~ m{^0::(/.+)$}m;
    }
    leave_out_the_ramdisk();
    # This script and what started it on behalf of the lab, up to the agent or the login service.
    for (my $pid = $$ ; $pid && $pid > 1 && exists $exe{$pid} ; $pid = $parent{$pid}) {
        last if $exe{$pid} =~ m{/(?:qemu-ga|sshd|systemd)$};
        $own{$pid} = 1;
    }
}
my $processes_why = eval { read_processes(); 1 } ? undef : $@;

# A daemon that the out-of-memory killer spares takes that from its workers (udev, sshd), which come
# and go: they count as the daemon.
sub oom_score {
    my ($pid) = @_;
    my $score = slurp("/proc/$pid/oom_score_adj") || 0;
    my $parent = $parent{$pid} || 0;
    my $is_worker =
        exists $exe{$parent} && $exe{$parent} eq $exe{$pid} && $uid{$parent} == $uid{$pid};
    return $score == 0 && $is_worker ? oom_score($parent) : $score + 0;
}

# The numbers of system calls, by the machine that this perl was built for (elf.h).
my ($ioprio_get, $bpf_call, $statfs) = @{
    {
        62 => [252, 321, 137],
        183 => [31, 280, 43],
        243 => [31, 280, 43],
        21 => [274, 386, 99],
        22 => [283, 351, 99]
    }->{ unpack 'x18 S', slurp('/proc/self/exe', 64) . "\0" x 20 }
        || []
};

sub scheduling_terms {
    my ($pid) = @_;
    my @f = stat_of($pid);
    return () if @f < 39;
    my ($nice, $priority, $policy) = @f[16, 37, 38];
    my @terms;
    push @terms, "nice $nice" if $nice;
    my $name = ('', 'fifo', 'round-robin', 'batch', 'policy 4', 'idle', 'deadline')[$policy];
    push @terms, "scheduled by $name" . ($priority ? " $priority" : '') if $policy && $name;
    return @terms unless $ioprio_get;
    my $io = syscall $ioprio_get, 1, $pid + 0;
    my ($class, $level) = ($io >> 13, $io & 7);
    # newer kernels answer with what they derive from the rest: best effort by nice, idle by idle
    push @terms, 'input and output ' . ('', "first $level", "level $level", 'idle')[$class & 3]
        if $io > 0
        && !($class == 2 && ($level == int(($nice + 20) / 5) || $level == 4))
        && !($class == 3 && $policy == 5)
        && !($class == 1 && ($policy == 1 || $policy == 2));
    return @terms;
}

# The first process's limits, and those that it gives services.
sub limits_of {
    return (slurp("/proc/$_[0]/limits") || '') =~ /^Max ([a-z ]+?) {2,}(\w+) +(\w+)/mg;
}
my %limits_of_first;
{
    my @all = limits_of(1);
    while (my ($name, $soft, $hard) = splice @all, 0, 3) {
        $limits_of_first{$name} = [$soft, $hard];
    }
}

sub limit_terms {
    my ($pid) = @_;
    my @terms;
    my @all = limits_of($pid);
    while (my ($name, $soft, $hard) = splice @all, 0, 3) {
        my ($usual, $most) = @{ $limits_of_first{$name} || ['unlimited', 'unlimited'] };
        # of these the manager raises its own, and gives services less
        ($usual, $most) = (1024, $hard == 524288 ? 524288 : $most)
            if $name eq 'open files' && $hard ne 'unlimited';
        ($usual, $most) = (8388608, 8388608)
            if $name eq 'locked memory' && $soft eq '8388608' && $hard eq '8388608';
        push @terms, "$name $soft" if $soft ne $usual;
        push @terms, "$name at most $hard" if $hard ne $most && $hard ne $soft;
        # the usual soft limit, and no more than that
        push @terms, "$name at most $hard" if $hard ne $most && $hard eq $soft && $soft eq $usual;
    }
    return @terms;
}

sub rights_terms {
    my ($pid) = @_;
    my $is = $status_of{$pid};
    my %set = map { $_ => hex($is->{"Cap$_"} || 0) } qw(Eff Prm Inh Amb Bnd);
    my @terms;
    push @terms, sprintf 'capabilities %x', $set{Eff}
        if $set{Eff} != ($uid{$pid} ? 0 : $all_capabilities);
    push @terms, sprintf 'capabilities it may take up %x', $set{Prm} & ~$set{Eff}
        if $set{Prm} & ~$set{Eff};
    push @terms, sprintf 'capabilities handed on %x', $set{Inh} | $set{Amb}
        if $set{Inh} | $set{Amb};
    push @terms, sprintf 'capabilities at most %x', $set{Bnd} if $set{Bnd} != $all_capabilities;
    push @terms, 'no new privileges' if $is->{NoNewPrivs};
    push @terms, 'system calls filtered' if ($is->{Seccomp} || 0) == 2;
    my @groups = sort map { $group_name{$_} || $_ } grep { $_ != $gid{$pid} } split ' ',
        $is->{Groups} || '';
    push @terms, "groups @groups" if @groups;
    return @terms;
}

my %namespace_of_first =
    map { $_ => readlink("/proc/1/ns/$_") || '' }
    grep { !/_for_children$/ } entries('/proc/1/ns');

# What it does not share with the first process, and where it may run.
sub place_terms {
    my ($pid) = @_;
    my @terms;
    my @apart = grep {
        my $link = readlink "/proc/$pid/ns/$_";
        defined $link && $link ne $namespace_of_first{$_}
    } sort keys %namespace_of_first;
    push @terms, "namespaces @apart" if @apart;
    my $root = readlink "/proc/$pid/root";
    push @terms, "root directory $root" if defined $root && $root ne '/' && $root !~ /, | \| /;
    my ($is, $first) = ($status_of{$pid}, $status_of{1} || {});
    for (['Cpus_allowed_list', 'processors'], ['Mems_allowed_list', 'memory nodes']) {
        my ($key, $name) = @$_;
        my ($here, $usual) = ($is->{$key}, $first->{$key});
        push @terms, "$name " . $here =~ tr/,/ /r
            if defined $here && defined $usual && $here ne $usual;
    }
    return @terms;
}

# Of a control group and those above it.
my %group_terms;
my $usual_tasks;    # what the manager lets most units have
my @group_limits = (
    'memory.max', 'memory.high', 'memory.swap.max', 'cpu.max',
    'cpu.weight', 'io.max', 'io.weight', 'pids.max',
    'cpuset.cpus', 'cgroup.freeze'
);

sub read_group {
    my ($group) = @_;
    my %found;
    for (@group_limits) {
        my $value = slurp("/sys/fs/cgroup$group/$_");
        next unless defined $value;
        $value = join ' ', split ' ', $value;
        next
            if $value =~ /^(?:max|$)/
            || $value =~ /^(?:default )?100$/
            || $_ eq 'cgroup.freeze' && !$value;
        $found{$_} = $value;
    }
    return \%found;
}

sub terms_of_group {
    my ($group) = @_;
    return () if $group eq '' || $group eq '/';
    if (!$group_terms{$group}) {
        my %value = %{ read_group($group) };
        delete $value{'pids.max'} if ($value{'pids.max'} || '') eq ($usual_tasks || '-');
        $group_terms{$group} = [
            (
                map { $_ eq 'cgroup.freeze' ? 'frozen' : "$_ " . $value{$_} =~ tr/,/ /r }
                grep { exists $value{$_} } @group_limits
            ),
            terms_of_group($group =~ s{/[^/]*$}{}r)
        ];
    }
    return @{ $group_terms{$group} };
}

# What a process was given other than the usual, whoever gave it: its unit, or somebody by hand, in
# no file. Empty when all is usual.
sub terms_of {
    my ($pid) = @_;
    my $oom = oom_score($pid);
    my @terms = (
        scheduling_terms($pid), ($oom ? "out-of-memory score $oom" : ()),
        limit_terms($pid), rights_terms($pid),
        place_terms($pid), terms_of_group(defined $group_of{$pid} ? $group_of{$pid} : '')
    );
    my $slack = slurp("/proc/$pid/timerslack_ns");
    push @terms, 'timers may be late by ' . ($slack + 0) . ' ns'
        if defined $slack && $slack != 50000 && $slack > 0;
    return join ', ', @terms;
}

# What each service was given as its environment, beside what all are given. A program that keeps
# its title where its environment was has none to tell.
my %usual_variable = map { $_ => 1 } qw(
    INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID MAINPID MANAGERPID NOTIFY_SOCKET LISTEN_PID
    LISTEN_FDS LISTEN_FDNAMES WATCHDOG_PID WATCHDOG_USEC MEMORY_PRESSURE_WATCH
    MEMORY_PRESSURE_WRITE FDSTORE LISTEN_PIDFDID MAINPIDFDID MANAGERPIDFDID CREDENTIALS_DIRECTORY
    PIDFILE LANG LC_ALL PWD OLDPWD SHLVL _ TERM
    RUNTIME_DIRECTORY STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY CONFIGURATION_DIRECTORY
    SERVICE_RESULT EXIT_CODE EXIT_STATUS SYSTEMD_NSS_BYPASS_BUS SYSTEMD_NSS_DYNAMIC_BYPASS
    DBUS_STARTER_ADDRESS DBUS_STARTER_BUS_TYPE USER LOGNAME HOME SHELL);

sub environment_of {
    my ($pid) = @_;
    my $unit = $unit_of{$pid};
    return if !$unit || $unit !~ /\.service$/ || $unit =~ /^user\@/ || ($parent{$pid} || 0) != 1;
    my $text = slurp("/proc/$pid/environ");
    return unless defined $text && $text =~ /^[A-Z_a-z]\w*=/;
    for (split /\0/, $text) {
        my ($name, $value) = /^([A-Z_a-z]\w*)=(.*)$/s or return;
        next if $usual_variable{$name} || $name =~ /PID$/ && $value =~ /^\d+$/;
        next
            if $name eq 'PATH'
            && $value =~ m{^/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin(?::/sbin:/bin)?$};
        my $subject = "$unit: environment " . substr $name, 0, 200;
        fact($subject, $value);
        $hashed{$subject} = 1;
    }
}

class 'process' => sub {
    die $processes_why if $processes_why;
    my %seen;
    for (values %group_of) {
        my $value = slurp("/sys/fs/cgroup$_/pids.max");
        $seen{ $value =~ s/\s+//r }++ if defined $value && $value !~ /^max/;
    }
    ($usual_tasks) = sort { $seen{$b} <=> $seen{$a} || $a <=> $b } keys %seen;
    my (%count, %terms);
    for my $pid (keys %exe) {
        next if $own{$pid};
        my $who = $user_name{ $uid{$pid} } || $uid{$pid};
        my $what = $exe{$pid};
        # An interpreter says nothing by itself; the unit does.
        $what .= " in $unit_of{$pid}"
            if $unit_of{$pid}
            && $what =~ m{/(?:python|perl|ruby|node|java|php|lua|tclsh|(?:ba|da|z|k)?sh$|busybox)};
        $count{"$who $what"}++;
        my $unit = $unit_of{$pid} || '';
        my $terms = terms_of($pid);
        $terms .= ", of $unit" if $terms ne '' && $unit =~ /\.service$/ && $unit !~ /, | \| /;
        # gone meanwhile: what was read of it says nothing
        $terms{"$who $what"}{$terms} = 1 if -e "/proc/$pid/exe" || $pid == 1;
        environment_of($pid);
    }
    fact($_, $count{$_}) for keys %count;
    for my $who (keys %terms) {
        next if join('', keys %{ $terms{$who} }) eq '';
        # a process on the usual terms beside others that are not
        fact("$who: terms", $_ eq '' ? 'usual' : $_) for keys %{ $terms{$who} };
    }
};
