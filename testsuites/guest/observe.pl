# Third part: the built-in observations. Each notes its lines (with no time, pid or address in them,
# so that before and after can be compared) and fails when there are any.

sub observed {
    my ($what, @lines) = @_;
    my (%seen, @once);
    for my $line (@lines) {
        $line =~ s/[\x00-\x1f\x7f]+/ /g;
        $line = substr $line, 0, 300;
        push @once, $line if length $line && !$seen{$line}++;
    }
    my $more = @once > $max_lines ? ' (only the first are listed)' : '';
    splice @once, $max_lines if $more;
    note('lines', join "\n", @once);
    return ('pass', '') if !@once;
    return ('fail', scalar(@once) . " $what$more:\n" . join "\n", @once);
}

# The journal since boot in one of journalctl's formats; dies when there is no journal to read.
sub journal_text {
    my (@options) = @_;
    die "there is no journalctl\n" if !find_program('journalctl');
    my ($out, $exit, $err) = output_of('journalctl', '--boot', '--quiet', '--no-pager', @options);
    die 'journalctl failed: ' . last_part($err, 500) . "\n" if $exit != 0;
    # no such entries is good news only when there is a journal of this boot at all
    if (!length $out) {
        my ($any) =
            output_of('journalctl', '--boot', '--quiet', '--no-pager', '--output=cat', '--lines=1');
        die "there is no journal of this boot\n" if !length $any;
    }
    return $out;
}

# Entries of the journal since boot as hashes: for few of them, it costs a second for a thousand
# where machines are emulated.
sub journal {
    my (@filter) = @_;
    my $out = journal_text('--output=export',
        '--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_TRANSPORT,_COMM', @filter);
    my @entries;
    while (length $out) {
        my %entry;
        while ($out =~ s/\A([A-Z_0-9]+)(=([^\n]*)\n|\n)//) {
            if (defined $3) { $entry{$1} = $3; next }
            # a field with newlines: its length, its bytes
            my ($name, $size) = ($1, unpack 'Q<', $out);
            last if !defined $size || $size > length $out;
            $entry{$name} = substr $out, 8, $size;
            substr($out, 0, 9 + $size) = '';
        }
        push @entries, \%entry if %entry;
        last if $out !~ s/\A\n+//;
    }
    return @entries;
}

my %observe;

$observe{'system-running'} = sub {
    return ('skip', 'this machine does not run systemd') if !-d '/run/systemd/system';
    while (1) {
        my $state = output_of('systemctl', 'is-system-running') =~ s/\s+\z//r;
        return ('pass', '') if $state eq 'running';
        if ($state =~ /^(?:initializing|starting)$/) {
            note(
                'phase',
                "the system is $state; jobs: "
                    . last_part(
                    scalar output_of('systemctl', 'list-jobs', '--no-legend', '--plain'), 500
                    )
            );
            pause(0.5);
            next;
        }
        return ('fail', "the system is '$state'") if $state ne 'degraded';
        my @failed = failed_units();
        return ('pass', 'degraded by failed units, which the check failed-units lists') if @failed;
        return ('fail', 'the system is degraded, and no failed unit explains it');
    }
};

sub failed_units {
    my ($out, $exit, $err) = output_of(
        'systemctl', 'list-units', '--state=failed', '--all',
        '--plain', '--no-legend', '--no-pager', '--full'
    );
    die 'systemctl failed: ' . last_part($err, 500) . "\n" if $exit != 0;
    return map { /^\W*(\S+)/ ? $1 : () } split /\n/, $out;
}

$observe{'failed-units'} = sub {
    return ('skip', 'this machine does not run systemd') if !-d '/run/systemd/system';
    return observed('failed units', failed_units());
};

$observe{'core-dumps'} = sub {
    my @lines;
    for my $folder ('/var/lib/systemd/coredump', '/var/crash') {
        opendir my $files, $folder or next;
        push @lines, map { "$folder/$_" } sort grep { !/^\./ } readdir $files;
    }
    push @lines, grep { -f } '/core', glob '/core.*';
    my %count;
    for my $text (split /\n/, journal_text('--output=cat', '_TRANSPORT=kernel', '+', '_PID=1')) {
        ++$count{"$1: segmentation fault"} if $text =~ /^(\S+?)\[\d+\]: segfault at /;
        ++$count{"$1: $2"}
            if $text =~ /^traps: (\S+?)\[\d+\] (general protection|trap \w+(?: \w+)?)/;
        ++$count{"$1: dumped core"} if $text =~ /^(\S+): .*process exited, code=dumped/;
    }
    return observed('core dumps', @lines, map { "$_ ($count{$_})" } sort keys %count);
};

$observe{'kernel-errors'} = sub {
    my @lines = eval {
        map { $_->{MESSAGE} // '' } journal('--dmesg', '--priority=err');
    };
    if ($@) {
        my $reason = $@;
        die $reason if !find_program('dmesg');
        my ($out, $exit, $err) = output_of('dmesg', '--notime', '--level=emerg,alert,crit,err');
        die 'dmesg failed: ' . last_part($err, 500) . "\n" if $exit != 0;
        @lines = split /\n/, $out;
    }
    return observed('kernel errors since boot', @lines);
};

$observe{'journal-errors'} = sub {
    my @lines;
    for my $entry (journal('--priority=err')) {
        next if ($entry->{_TRANSPORT} // '') eq 'kernel';
        push @lines,
            ($entry->{SYSLOG_IDENTIFIER} // $entry->{_COMM} // '?') . ': '
            . ($entry->{MESSAGE} // '');
    }
    return observed('errors in the journal since boot', @lines);
};

$observe{'ssh-answers'} = sub {
    my $sshd = find_program('sshd') or return ('skip', 'sshd is not installed');
    if (-d '/run/systemd/system') {
        my @units = qw(ssh.service sshd.service ssh.socket sshd.socket);
        my $wanted = output_of('systemctl', 'is-active', @units) =~ /^active/m
            || output_of('systemctl', 'is-enabled', @units) =~ /^enabled/m;
        return ('skip', 'sshd is installed, but neither enabled nor running') if !$wanted;
    }
    my $config = eval { output_of($sshd, '-T') } // '';
    my $port = $config =~ /^port (\d+)/m ? $1 : 22;
    my $host = $config =~ /^listenaddress (?:\[(.+?)\]|([0-9.]+)):\d+/m ? $1 // $2 : '127.0.0.1';
    $host = '127.0.0.1' if $host =~ /^(?:0\.0\.0\.0|::)$/;
    # a client that says nothing is an error in sshd's journal, which would then be held against the
    # patch
    return $check_of{tcp}->(
        {
            host => [$host],
            port => [$port],
            send => ["SSH-2.0-patchlab\r\n"],
            expect => ["SSH-2.0-"]
        }
    );
};

$check_of{builtin} = sub {
    my ($check) = @_;
    my $observation = $observe{ field($check, 'builtin') }
        or return ('unknown', 'there is no such built-in observation');
    my @answer = eval { $observation->() };
    return $@ ? ('unknown', $@) : @answer;
};
