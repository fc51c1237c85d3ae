# Second part: the checks. Each is a function of its fields (name → list of values) that answers
# (outcome, detail); it may die with a reason, which then makes the outcome `unknown`.

sub field { my ($check, $name) = @_; return $check->{$name} ? $check->{$name}[0] : '' }
# Every name of a thing that is called otherwise on systems of other families.
sub names_of { my ($check, $name) = @_; return @{ $check->{$name} || [''] } }

# The first of the units that this machine knows; the first one where it knows none.
sub known_unit {
    my (@units) = @_;
    for my $unit (@units > 1 ? @units : ()) {
        my ($out) = output_of('systemctl', 'show', '-p', 'LoadState', '--', $unit);
        return $unit if $out =~ /^LoadState=(?!not-found)\S/;
    }
    return $units[0];
}

my %check_of;

$check_of{service} = sub {
    my ($check) = @_;
    return ('unknown', 'there is no systemctl') if !find_program('systemctl');
    my ($unit, $wanted) = (known_unit(names_of($check, 'unit')), field($check, 'state'));
    while (1) {
        my ($out, $exit, $err) =
            output_of('systemctl', 'show', '-p',
            'LoadState,ActiveState,SubState,Result,UnitFileState',
            '--', $unit);
        return ('unknown', 'systemctl show failed: ' . last_part($err, 500)) if $exit != 0;
        my %is = map { /^(\w+)=(.*)$/ ? ($1, $2) : () } split /\n/, $out;
        return ('fail', "there is no unit $unit") if ($is{LoadState} // '') eq 'not-found';
        my $of_file = $wanted =~ /^(?:enabled|disabled|masked|static)$/;
        my $state = ($of_file ? $is{UnitFileState} : $is{ActiveState}) // '';
        $state =~ s/-runtime$// if $of_file;
        return ('unknown', "systemctl gave no state of $unit") if $state eq '';
        return ('pass', '') if $state eq $wanted;
        # not settled: the limit of the check bounds this
        if ($state =~ /^(?:activating|deactivating|reloading)$/) {
            note('phase', "$unit is $state");
            pause(0.25);
            next;
        }
        return ('fail', "$unit is $state ($is{SubState}, result $is{Result}), expected $wanted");
    }
};

sub connect_to {
    my ($host, $port) = @_;
    note('phase', "connecting to $host port $port");
    # without AI_ADDRCONFIG: a lab machine may have nothing but its loopback interface
    my ($why, @addresses) =
        Socket::getaddrinfo($host, $port, { socktype => Socket::SOCK_STREAM() });
    for my $address (@addresses) {
        my $made = socket my $socket, $address->{family}, $address->{socktype},
            $address->{protocol};
        return $socket if $made && connect $socket, $address->{addr};
        $why = $!;
    }
    return "cannot connect to $host port $port: $why";
}

$check_of{tcp} = sub {
    my ($check) = @_;
    my $socket = connect_to(field($check, 'host'), field($check, 'port'));
    return ('fail', $socket) if !ref $socket;
    my ($send, $expect, $got) = (field($check, 'send'), field($check, 'expect'), '');
    local $SIG{PIPE} = 'IGNORE';
    return ('fail', "sending failed: $!") if length $send && !write_all($socket, $send);
    return ('pass', '') if !length $expect;
    note('phase', 'waiting for the expected answer');

    while (index($got, $expect) < 0) {
        my $count = sysread $socket, $got, 65536, length $got;
        next if !defined $count && $!{EINTR};
        return ('fail', "reading failed: $!") if !defined $count;
        return ('fail', 'the connection ended with another answer: ' . last_part($got, 500))
            if !$count;
        return ('fail', 'the expected answer is not in the first MiB') if length $got > $max_output;
    }
    return ('pass', '');
};

# The bytes of a body as RFC 9112 frames them; dies with what is wrong with it.
sub body_of {
    my ($raw, $headers, $complete) = @_;
    if (($headers->{'transfer-encoding'} // '') =~ /chunked/i) {
        my $body = '';
        while ($raw =~ /\G([0-9A-Fa-f]{1,8})[^\r\n]*\r\n/gc) {
            my $size = hex $1;
            return $body if !$size;
            return $body . substr $raw, pos $raw if !$complete;
            die "a chunk of the body is not whole\n"
                if substr($raw, pos($raw) + $size, 2) ne "\r\n";
            $body .= substr $raw, pos $raw, $size;
            pos($raw) += $size + 2;
        }
        die "the body ended before its last chunk\n" if $complete;
        return $body;
    }
    my $length = $headers->{'content-length'};
    return $raw if !defined $length || !$complete;
    die 'the body ended after ' . length($raw) . " of $length bytes\n" if length $raw < $length;
    return substr $raw, 0, $length;
}

# Whether the answer read so far is whole, so that a server that keeps the connection open need not
# be waited for.
sub answer_is_whole {
    my ($answer, $method) = @_;
    my $end = index $answer, "\r\n\r\n";
    return 0 if $end < 0 || $answer =~ m{^HTTP/1\.[01] 1};
    my $head = substr $answer, 0, $end;
    return 1 if $method eq 'HEAD' || $head =~ m{^HTTP/1\.[01] [23]04};
    return substr($answer, -5) eq "0\r\n\r\n" if $head =~ /^transfer-encoding:.*chunked/mi;
    return $head =~ /^content-length:\s*(\d+)/mi && length $answer >= $end + 4 + $1;
}

sub judge_answer {
    my ($check, $answer) = @_;
    my $complete = length $answer <= $max_output;
    # 100 Continue, 103 Early Hints
    $answer =~ s{^HTTP/1\.[01] 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n}{} for 1 .. 10;
    return ('fail',
        length $answer
        ? 'the answer is not HTTP: ' . substr($answer, 0, 200)
        : 'the server closed the connection without an answer')
        if $answer !~ m{^HTTP/[12](?:\.[01])? (\d{3})};
    my $status = $1;
    return ('fail', 'the answer ended within its head') if $answer !~ s/^(.*?)\r\n\r\n//s;
    my %headers = map { /^([^:\s]+):\s*(.*?)\s*$/ ? (lc $1, $2) : () } split /\r\n/, $1;
    my $bodyless = field($check, 'method') eq 'HEAD' || $status =~ /^[23]04$/;
    return ('fail', 'a body was sent where none may be') if $bodyless && length $answer;
    my $body = $bodyless ? '' : eval { body_of($answer, \%headers, $complete) };
    return ('fail', $@) if !defined $body;
    my $wanted = field($check, 'status');
    return ('fail',
        "status $status, expected $wanted" . (length $body ? ': ' . substr($body, 0, 300) : ''))
        if $status != $wanted;
    my $text = field($check, 'contains');
    return ('pass', '') if !length $text || index($body, $text) >= 0;
    return ('fail', "the body does not contain '$text'; it begins: " . substr($body, 0, 300));
}

sub request_of {
    my ($check) = @_;
    my $method = field($check, 'method');
    my $length = $method =~ /^(?:POST|PUT)$/ ? "Content-Length: 0\r\n" : '';
    return
          "$method "
        . field($check, 'target')
        . " HTTP/1.1\r\nHost: "
        . field($check, 'authority')
        . "\r\nUser-Agent: patchlab\r\nAccept: */*\r\n${length}Connection: close\r\n\r\n";
}

# HTTPS through whatever client the guest has: perl-base has no TLS.
sub https_answer {
    my ($check) = @_;
    my $insecure = field($check, 'insecure');
    my ($host, $port) = (field($check, 'host'), field($check, 'port'));
    if (my $curl = find_program('curl')) {
        my @method =
            field($check, 'method') eq 'HEAD'
            ? '--head'
            : ('--include', '--request', field($check, 'method'));
        my $done = spawn(
            argv => [
                $curl, '-q', '--silent', '--show-error', '--raw', '--http1.1', '--noproxy', '*',
                $insecure ? '--insecure' : (),
                @method, '--url', field($check, 'url')
            ],
            most => $max_output + 1
        );
        return $done->{out} if defined $done->{exit} && $done->{exit} == 0;
        return \('fail: ' . ($done->{error} // last_part($done->{err}, 500)));
    }
    my $openssl = find_program('openssl')
        or return \'unknown: the guest has neither curl nor openssl, so https cannot be checked';
    my $numeric = $host =~ /^[0-9.]+$|:/;
    my $done = spawn(
        argv => [
            $openssl,
            's_client',
            '-quiet',
            '-connect',
            ($host =~ /:/ ? "[$host]" : $host) . ":$port",
            $numeric ? () : ('-servername', $host),
            $insecure
            ? ()
            : ('-verify_return_error', $numeric ? '-verify_ip' : '-verify_hostname', $host)
        ],
        input => request_of($check),
        most => $max_output + 1
    );
    return $done->{out} if length $done->{out};
    return \('fail: ' . ($done->{error} // last_part($done->{err}, 500)));
}

$check_of{http} = sub {
    my ($check) = @_;
    if (field($check, 'scheme') eq 'https') {
        note('phase', 'talking to ' . field($check, 'url'));
        my $answer = https_answer($check);
        return split /: /, $$answer, 2 if ref $answer;
        return judge_answer($check, $answer);
    }
    my $socket = connect_to(field($check, 'host'), field($check, 'port'));
    return ('fail', $socket) if !ref $socket;
    local $SIG{PIPE} = 'IGNORE';
    # a server may answer and close before it has read all
    write_all($socket, request_of($check));
    note('phase', 'waiting for the answer of ' . field($check, 'url'));
    my $answer = '';
    until (length $answer > $max_output || answer_is_whole($answer, field($check, 'method'))) {
        my $count = sysread $socket, $answer, 65536, length $answer;
        next if !defined $count && $!{EINTR};
        return ('fail', "reading failed: $!") if !defined $count;
        last if !$count;
    }
    return judge_answer($check, $answer);
};

sub ended_how {
    my ($done) = @_;
    return $done->{signal} ? "ended by signal $done->{signal}" : "exit $done->{exit}";
}

sub printed {
    my ($done) = @_;
    return join '',
        map { length $done->{ $_->[0] } ? "; $_->[1]: " . last_part($done->{ $_->[0] }, 1500) : '' }
        ['err', 'stderr'], ['out', 'stdout'];
}

$check_of{run} = sub {
    my ($check) = @_;
    note('phase', 'running ' . field($check, 'argv'));
    my $done = spawn(
        argv => $check->{argv},
        user => field($check, 'user'),
        input => field($check, 'input')
    );
    note('printed', printed($done));
    return ('fail', $done->{error}) if defined $done->{error};
    return ('skip', last_part($done->{out} . $done->{err}, 500))
        if $check->{skip} && $done->{exit} == field($check, 'skip');
    return ('fail', ended_how($done) . ', expected exit ' . field($check, 'exit') . printed($done))
        if $done->{exit} != field($check, 'exit');
    for my $pair (['out', 'stdout'], ['err', 'stderr']) {
        my ($name, $phrase) = @$pair;
        my $text = $done->{$name};
        my $short = length $text >= $max_output ? ' (only its first MiB was read)' : '';
        if ($check->{"$name-equals"}) {
            my ($is, $wanted) = map { s/\n\z//r } $text, field($check, "$name-equals");
            return ('fail', "$phrase is not '$wanted'$short, it is: " . last_part($is, 1500))
                if $is ne $wanted;
        }
        next if !$check->{"$name-matches"};
        my $pattern = field($check, "$name-matches");
        my $matches = eval { $text =~ /$pattern/m ? 1 : 0 };
        return ('unknown', "the pattern '$pattern' cannot be used: $@") if !defined $matches;
        return ('fail', "$phrase does not match '$pattern'$short, it is: " . last_part($text, 1500))
            if !$matches;
    }
    if ($check->{unchanged}) {
        my @lines = split /\n/, $done->{out};
        return ('unknown',
            "it prints too much to be compared: at most $max_lines lines of 300 bytes")
            if $done->{truncated} || @lines > $max_lines || grep { length > 300 } @lines;
        note('lines', $done->{out});
    }
    return ('pass', '');
};

$check_of{report} = sub {
    my ($check) = @_;
    note('phase', 'running ' . field($check, 'argv'));
    my $done = spawn(argv => $check->{argv}, user => field($check, 'user'));
    return ('unknown', $done->{error}) if defined $done->{error};
    note('report', $done->{out});
    note('exit', $done->{exit});
    note('truncated', 1) if $done->{truncated};
    return ('pass',
        $done->{exit} == 0
        ? ''
        : ended_how($done)
            . (length $done->{err} ? '; stderr: ' . last_part($done->{err}, 1500) : ''));
};

$check_of{file} = sub {
    my ($check) = @_;
    my $path = field($check, 'path');
    my @is = field($check, 'exists') ? stat $path : lstat $path;
    return ('unknown', "cannot look at $path: $!") if !@is && !$!{ENOENT} && !$!{ENOTDIR};
    return @is ? ('fail', "$path exists") : ('pass', '') if !field($check, 'exists');
    return ('fail', "$path does not exist") if !@is;
    my $mode = sprintf '%04o', $is[2] & 07777;
    my $wanted = field($check, 'mode');
    return ('fail', "$path has mode $mode, expected $wanted")
        if length $wanted && oct $mode != oct $wanted;
    my ($user, $group) = split /:/, field($check, 'owner');

    for (
        ['user', $user, $is[4], (getpwuid $is[4])[0]],
        ['group', $group, $is[5], (getgrgid $is[5])[0]]
        )
    {
        my ($what, $name, $id, $its) = @$_;
        next if !defined $name || $name eq ($its // '') || $name eq $id;
        return ('fail', "$path belongs to $what " . ($its // $id) . ", expected $name");
    }
    my $text = field($check, 'contains');
    return ('pass', '') if !length $text;
    return ('unknown', "$path is not a plain file") if !-f $path;
    open my $file, '<:raw', $path or return ('unknown', "cannot read $path: $!");
    my $carry = '';    # searched in pieces, so that a large file costs no memory
    while (my $count = read $file, my $bytes, 1 << 20) {
        return ('pass', '') if index($carry . $bytes, $text) >= 0;
        $carry = substr $carry . $bytes, -length $text;
    }
    return ('fail', "$path does not contain '$text'");
};

# Whether a package is installed, and which version; undef, and why, where that cannot be told. A
# third value: it is installed in part.
sub version_of {
    my ($name) = @_;
    # a machine may have the tool of another family, with an empty database
    if (find_program('dpkg-query') && (-s '/var/lib/dpkg/status' || !find_program('rpm'))) {
        my ($out) =
            output_of('dpkg-query', '-W', '-f', '${db:Status-Abbrev}\t${Version}\n', '--', $name);
        for my $line (split /\n/, $out) {
            return (1, $1) if $line =~ /^.i \t(.*)$/;
        }
        return $out =~ /^(.[UHFWt].?)\t/m ? (0, '', "dpkg: $1") : (0, '');
    }
    return (undef, '', 'there is neither dpkg-query nor rpm') if !find_program('rpm');
    my ($out, $exit) = output_of('rpm', '-q', '--qf', '%{EVR}\n', '--', $name);
    return $exit == 0 ? (1, (split /\n/, $out)[0]) : (0, '');
}

$check_of{package} = sub {
    my ($check) = @_;
    my ($installed, $version, $name) = (0, '');
    for my $called (names_of($check, 'package')) {
        $name = $called if !defined $name;
        ($installed, $version, my $odd) = version_of($called);
        return ('unknown', $odd) if !defined $installed;
        return ('fail', "$called is not fully installed ($odd)") if defined $odd;
        next if !$installed;
        $name = $called;
        last;
    }
    return $installed ? ('fail', "$name $version is installed") : ('pass', '')
        if !field($check, 'installed');
    return ('fail', "$name is not installed") if !$installed;
    my $wanted = field($check, 'version');
    return ('fail', "$name $version is installed, expected $wanted")
        if length $wanted && $wanted ne $version;
    return ('pass', '');
};

$check_of{process} = sub {
    my ($check) = @_;
    my ($command, $user) = (field($check, 'command'), field($check, 'user'));
    my %called = map { $_ => 1 } names_of($check, 'command');
    my $uid = length $user ? getpwnam $user : undef;
    return ('fail', "there is no user '$user'") if length $user && !defined $uid;
    opendir my $processes, '/proc' or return ('unknown', "cannot read /proc: $!");
    my $count = 0;
    for my $pid (grep { /^\d+$/ && $_ != $$ && $_ != getppid } readdir $processes) {
        open my $file, '<', "/proc/$pid/stat" or next;    # it ended meanwhile
        my $stat = <$file> // '';
        next if $stat !~ /^\d+ \((.*)\) (\S)/s || $2 =~ /[ZX]/;
        my $comm = $1;
        my $first = '';
        if (open my $line, '<', "/proc/$pid/cmdline") {
            $first = (split /\0/, scalar(<$line>) // '')[0] // '';
        }
        my $path = readlink("/proc/$pid/exe") // '';
        next
            if !grep { $called{$_} } $comm, $first, $path, $first =~ s{^.*/}{}r,
            $path =~ s{^.*/}{}r;
        next if defined $uid && ((stat "/proc/$pid")[4] // -1) != $uid;
        ++$count;
    }
    return ('pass', '') if $count >= field($check, 'least');
    return ('fail',
              "$count processes of $command"
            . (length $user ? " as user $user" : '')
            . ', expected at least '
            . field($check, 'least'));
};
