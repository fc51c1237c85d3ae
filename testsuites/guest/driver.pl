# Last part: reads the checks, runs them one after the other, and prints one line for each; every
# line opens with the nonce of this batch, so that whatever a checked command prints cannot pass for
# a result.

sub worded {
    my ($answer, $timeout) = @_;
    my $outcome = $answer->{outcome} ? $answer->{outcome}[-1] : 'unknown';
    my $detail = $answer->{detail} ? $answer->{detail}[-1] : 'the check ended without an answer';
    my $phase =
        $answer->{phase}
        ? " while $answer->{phase}[-1]" =~ s/while (the system is|\S+ is) /while $1 /r
        : '';
    if ($answer->{overrun}) {
        $outcome = 'fail';
        $detail =
            "not done after $timeout s$phase" . ($answer->{printed} ? $answer->{printed}[-1] : '');
    }
    return ($outcome, $detail);
}

sub run_check {
    my ($kind, $fields, $out) = @_;
    my $body = $check_of{$kind} or return ('unknown', 'there is no such kind of check', {});
    my $timeout = field($fields, 'timeout');
    my ($outcome, $detail, $answer, $seconds);
    my ($attempts, $overruns) = (0, 0);
    while (1) {
        ++$attempts;
        my $start = now();
        $answer = bounded($timeout, sub { $body->($fields) });
        $seconds = now() - $start;
        ($outcome, $detail) = worded($answer, $timeout);
        last if $outcome eq 'pass' || $outcome eq 'skip' || $attempts > field($fields, 'retries');
        # Retries are for what is not ready yet and says so at once: what gives no answer at all is
        # asked twice, or a service that hangs would hold everything up for minutes.
        last if $answer->{overrun} && ++$overruns == 2;
        pause(field($fields, 'delay'));
    }
    my %result = (attempts => $attempts, seconds => $seconds, samples => [], told => $answer);
    my $wanted = field($fields, 'samples') || 0;
    if ($wanted && $outcome eq 'pass') {
        my $sampled = bounded($timeout, sub { sample($body, $fields, $wanted) });
        $result{samples} = $sampled->{sample} // [];
        $result{memory} = $sampled->{memory} // [];
        $result{handles} = $sampled->{handles} // [];
        ($outcome, $detail) = worded($sampled, $timeout) if !$sampled->{overrun};
        $detail =
            'only ' . scalar(@{ $result{samples} }) . " of $wanted samples fit into $timeout s"
            if $sampled->{overrun};
    }
    return ($outcome, $detail, \%result);
}

# What the processes of these services hold: KiB of memory of their own, and how many open files and
# threads. Nothing when there are none.
sub held_by {
    my ($memory, $handles);
    for my $unit (@_) {
        my $name = $unit =~ /\./ ? $unit : "$unit.service";
        for my $group (
            glob("/sys/fs/cgroup/system.slice/\Q$name\E"),
            glob("/sys/fs/cgroup/system.slice/*/\Q$name\E")
            )
        {
            open my $pids, '<', "$group/cgroup.procs" or next;
            while (my $pid = <$pids>) {
                chomp $pid;
                open my $status, '<', "/proc/$pid/status" or next;
                while (<$status>) {
                    $memory += $1 if /^RssAnon:\s+(\d+)/;
                    if (/^Threads:\s+(\d+)/) { $handles += $1; last }
                }
                opendir my $files, "/proc/$pid/fd" or next;
                $handles += () = readdir $files;
            }
        }
    }
    return ($memory, $handles);
}

sub sample {
    my ($body, $fields, $wanted) = @_;
    for my $number (1 .. $wanted) {
        my $start = now();
        my ($outcome, $detail) = $body->($fields);
        return ($outcome, "in repetition $number of $wanted: $detail") if $outcome ne 'pass';
        note('sample', sprintf '%.6f', now() - $start);
        my ($memory, $handles) = held_by(@{ $fields->{beside} // [] });
        note('memory', $memory) if defined $memory;
        note('handles', $handles) if defined $handles;
    }
    return ('pass', '');
}

sub main {
    open my $results, '>&', \*STDOUT or die "stdout: $!\n";
    my @plan = do { no warnings 'once'; <main::DATA> };
    open STDIN, '<', '/dev/null' or die "/dev/null: $!\n";
    open STDOUT, '>', '/dev/null' or die "/dev/null: $!\n";
    open STDERR, '>', '/dev/null' or die "/dev/null: $!\n";
    %ENV = (
        PATH => '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL => 'C.UTF-8',
        HOME => '/',
        TERM => 'dumb'
    );
    chdir '/';
    chomp(my $nonce = shift @plan);
    my $count = 0;

    for my $line (@plan) {
        chomp $line;
        my ($index, $kind, @pairs) = split /\t/, $line;
        my %fields;
        for (@pairs) {
            my ($key, $value) = split /=/, $_, 2;
            push @{ $fields{$key} }, from_base64($value);
        }
        my ($outcome, $detail, $result) = run_check($kind, \%fields);
        my $told = $result->{told};
        my $part = sub {
            my ($key) = @_;
            return $told->{$key} && length $told->{$key}[-1] ? to_base64($told->{$key}[-1]) : '-';
        };
        my $text = length $detail ? to_base64(substr $detail, 0, $max_detail) : '-';
        my $exit = $told->{exit} ? $told->{exit}[-1] : '-';
        write_all(
            $results,
            join(' ',
                $nonce,
                'result',
                $index,
                $outcome,
                $result->{attempts} // 1,
                sprintf('%.6f', $result->{seconds} // 0),
                join(',', @{ $result->{samples} // [] }) || '-',
                $text,
                $part->('lines'),
                $exit,
                $told->{truncated} ? 'truncated' : '-',
                $part->('report'),
                map { join(',', @{ $result->{$_} // [] }) || '-' } 'memory',
                'handles')
                . "\n"
        );
        ++$count;
    }
    write_all($results, "$nonce end $count\n");
    return;
}

main();
