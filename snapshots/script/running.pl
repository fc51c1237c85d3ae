# SPDX-License-Identifier: Apache-2.0
#
# What runs: states of units, packages, ports, processes.

# Units first: their settling is what the rest waits for.
my (%active, %failed, %later, $units_why);
{
    my $deadline = time + ($settle || 0);
    while (1) {
        my ($text, $rc) =
            run('systemctl', 'list-units', '--all', '--plain', '--no-legend', '--no-pager',
            '--full', '--type=service,socket,path,timer');
        if ($rc) { $units_why = "systemctl list-units ended with $rc"; last; }
        %active = ();
        %failed = ();
        %later = ();
        my $moving = 0;
        for (split /\n/, $text) {
            my ($unit, $load, $state, $sub, $description) = split ' ', $_, 5;
            next unless defined $sub && $load ne 'not-found';
            $active{$unit} = $state;
            # systemd-run's: the name is drawn by lot, the description is the command
            $later{ defined $description ? $description : $unit } = $state
                if $unit =~ /^run-.*\.timer$/;
            $failed{$unit} = 1 if $state eq 'failed';
            $moving = 1 if $state =~ /^(?:activating|deactivating|reloading)$/;
        }
        last if !$moving || time >= $deadline;
        select undef, undef, undef, 0.3;
    }
}

# Processes once, for ports and processes both.
my (%exe, %uid, %parent, %unit_of, %group_of, %rights_of, %own, %socket_owner, %user_name);
my $all_capabilities = (1 << (slurp('/proc/sys/kernel/cap_last_cap') || 40) + 1) - 1;
$user_name{ (split /:/)[2] } = (split /:/)[0]
    for reverse grep { tr/:// >= 6 } split /\n/, slurp('/etc/passwd') || '';

sub read_processes {
    for my $pid (grep { /^\d+$/ } entries('/proc')) {
        my $exe = readlink "/proc/$pid/exe";
        next unless defined $exe;    # kernel threads have none
        my $status = slurp("/proc/$pid/status") or next;
        $exe =~ s/ \(deleted\)$//;
        ($uid{$pid}) = $status =~ /^Uid:\s+\d+\s+(\d+)/m;
        ($parent{$pid}) = $status =~ /^PPid:\s+(\d+)/m;
        $exe{$pid} = $exe;
        my %is = $status =~ /^(CapEff|NoNewPrivs|Seccomp):\s+(\w+)/mg;
        $rights_of{$pid} = [hex($is{CapEff} || 0), $is{NoNewPrivs} || 0, $is{Seccomp} || 0];
        my $cgroup = slurp("/proc/$pid/cgroup") || '';
        $unit_of{$pid} = $1 if $cgroup =~ m{([^/\n]+\.(?:service|scope))\s*$};
        $group_of{$pid} = $1 if $cgroup =~ m{^0::(/.+)$}m;
    }
    # This script and what started it on behalf of the lab, up to the agent or the login service.
    for (my $pid = $$ ; $pid && $pid > 1 && exists $exe{$pid} ; $pid = $parent{$pid}) {
        last if $exe{$pid} =~ m{/(?:qemu-ga|sshd|systemd)$};
        $own{$pid} = 1;
    }
}

sub owners_of_sockets {
    for my $pid (keys %exe) {
        my $name = $exe{$pid};
        $name =~ s{.*/}{};
        my $unit = $unit_of{$pid} || '';
        my $plain = $unit;
        $plain =~ s/\.service$//;
        my $owner = $unit eq '' || $pid == 1 || $plain eq $name ? $name : "$name in $unit";
        for my $fd (entries("/proc/$pid/fd")) {
            my $target = readlink "/proc/$pid/fd/$fd";
            $socket_owner{$1}{$owner} = 1 if defined $target && $target =~ /^socket:\[(\d+)\]$/;
        }
    }
}
# Of the sixteen bytes of an IPv6 address.
sub colons {
    my $text = join ':', map { sprintf '%x', $_ } unpack 'n8', $_[0];
    $text =~ s/(?:^|:)0(?::0)+(?::|$)/::/;
    return $text;
}
# As the kernel writes it beside a socket or a route of IPv4: each word is a number in its own byte
# order.
sub address {
    my ($hex) = @_;
    my @words = map { pack 'V', hex } $hex =~ /(.{8})/g;
    return join '.', unpack 'C4', $words[0] if @words == 1;
    my $bytes = join '', @words;
    return join '.', unpack 'C4', substr $bytes, 12
        if substr($bytes, 0, 12) eq "\0" x 10 . "\xff\xff";
    return '[' . colons($bytes) . ']';
}

class 'package' => sub {
    my ($text, $rc) = run('dpkg-query', '-W', '-f',
              '${Package}:${Architecture}\t${Version}\t'
            . '${db:Status-Want}\t${db:Status-Eflag}\t${db:Status-Status}\n');
    die "dpkg-query ended with $rc\n" if $rc;
    for (split /\n/, $text) {
        my ($name, $version, $want, $flag, $status) = split /\t/;
        next if !defined $status || $status eq 'not-installed';
        fact($name,
                  "$version $status"
                . ($want eq 'hold' ? ' hold' : '')
                . ($flag eq 'ok' ? '' : " $flag"));
    }
};
my $processes_why = eval { read_processes(); 1 } ? undef : $@;
class 'port' => sub {
    die $processes_why if $processes_why;
    owners_of_sockets();
    my ($low, $high) = split ' ', slurp('/proc/sys/net/ipv4/ip_local_port_range') || '32768 60999';
    for my $protocol ('tcp', 'tcp6', 'udp', 'udp6') {
        my $text = slurp("/proc/net/$protocol");
        defined $text or ($protocol =~ /6/ ? next : die "/proc/net/$protocol: $!\n");
        my ($name) = $protocol =~ /^([a-z]+)/;
        for (split /\n/, $text) {
            my @f = split ' ';
            next unless @f > 9 && $f[1] =~ /^([0-9A-F]+):([0-9A-F]{4})$/;
            my ($address, $port) = (address($1), hex $2);
            next unless $f[3] eq ($name eq 'tcp' ? '0A' : '07');
            # A client's socket of the moment; which number it got says nothing.
            $port = 'ephemeral' if $name eq 'udp' && $port >= $low && $port <= $high;
            my $subject = $address eq '0.0.0.0'
                || $address eq '[::]' ? "$name/$port" : "$name/$address:$port";
            fact($subject, join(', ', sort keys %{ $socket_owner{ $f[9] } || {} }) || 'unknown');
        }
    }
};
# What a process was given other than the usual, whoever gave it: its unit, or somebody by hand, in
# no file. Empty when all is usual.
my %group_terms;
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

sub terms_of {
    my ($pid) = @_;
    my @terms;
    my $stat = slurp("/proc/$pid/stat") || '';
    my $nice = (split ' ', $stat =~ s/^.*\) //sr)[16];
    push @terms, "nice $nice" if $nice;
    my $oom = oom_score($pid);
    push @terms, "out-of-memory score $oom" if $oom != 0;
    my $limits = slurp("/proc/$pid/limits") || '';

    for my $limit ('cpu time', 'file size', 'data size', 'address space') {
        push @terms, "$limit $1" if $limits =~ /^Max $limit\s+(\d+)/m;
    }
    push @terms, "open files $1" if $limits =~ /^Max open files\s+(\w+)/m && $1 ne '1024';
    my ($capabilities, $confined, $filtered) = @{ $rights_of{$pid} };
    push @terms, sprintf 'capabilities %x', $capabilities
        if $capabilities != ($uid{$pid} ? 0 : $all_capabilities);
    push @terms, 'no new privileges' if $confined;
    push @terms, 'system calls filtered' if $filtered == 2;
    my $group = $group_of{$pid};
    if (defined $group && !exists $group_terms{$group}) {
        $group_terms{$group} = [];
        for my $limit ('memory.max', 'memory.high', 'cpu.max') {
            my $value = slurp("/sys/fs/cgroup$group/$limit");
            push @{ $group_terms{$group} }, "$limit " . join ' ', split ' ', $value
                if defined $value && $value !~ /^max/;
        }
    }
    return join ', ', @terms, defined $group ? @{ $group_terms{$group} } : ();
}
class 'process' => sub {
    die $processes_why if $processes_why;
    my %count;
    for my $pid (keys %exe) {
        next if $own{$pid};
        my $who = $user_name{ $uid{$pid} } || $uid{$pid};
        my $what = $exe{$pid};
        # An interpreter says nothing by itself; the unit does.
        $what .= " in $unit_of{$pid}"
            if $unit_of{$pid}
            && $what =~ m{/(?:python|perl|ruby|node|java|php|lua|tclsh|(?:ba|da|z|k)?sh$|busybox)};
        $count{"$who $what"}++;
        my $terms = terms_of($pid);
        fact("$who $what: terms", $terms) if $terms ne '';
    }
    fact($_, $count{$_}) for keys %count;
};

