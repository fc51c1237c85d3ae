# SPDX-License-Identifier: Apache-2.0
#
# Where this machine can be reached: sockets by protocol, family, address and port, and those that
# have a name in the file system; who has them open.

my (%holders, %fd_of);

sub holders_of_sockets {
    for my $pid (keys %exe) {
        next if $own{$pid};
        for my $fd (entries("/proc/$pid/fd")) {
            my $target = readlink "/proc/$pid/fd/$fd";
            next unless defined $target && $target =~ /^socket:\[(\d+)\]$/;
            $holders{$1}{$pid} = 1;
            $fd_of{$1} = [$pid, $fd];
        }
    }
}

# Socket units by what they listen on: of a socket that the first process holds nobody else tells
# whose it is.
my %socket_unit;

sub read_socket_units {
    for my $folder (
        '/lib/systemd/system', '/usr/lib/systemd/system',
        '/usr/local/lib/systemd/system', '/run/systemd/generator',
        '/run/systemd/system', '/etc/systemd/system'
        )
    {
        for my $unit (grep { /\.socket$/ } entries($folder)) {
            for (split /\n/, slurp("$folder/$unit", 65536) || '') {
                next unless /^\s*Listen(\w+)\s*=\s*(\S.*?)\s*$/;
                my ($kind, $what) = ($1, $2);
                $what =~ s/%t/\/run/g;
                $what =~ s{^/var/run/}{/run/};
                $what = ":$what" if $what =~ /^\d+$/;
                $socket_unit{ $what =~ m{^[/\@]} ? $what : $what =~ /:(\d+)$/ ? $1 : $what } =
                    $unit;
            }
        }
    }
}

sub has_it_from_above {
    my ($pid, $of) = @_;
    for (1 .. 50) {
        $pid = $parent{$pid} or return 0;
        return 1 if $of->{$pid};
    }
    return 0;
}

# Who has a socket open. Who has it from a process above counts as that one.
sub owner_of {
    my ($inode, $name) = @_;
    my $of = $holders{$inode} || {};
    my %owners;
    for my $pid (keys %$of) {
        next if has_it_from_above($pid, $of);
        my $program = $exe{$pid} =~ s{.*/}{}r;
        my $unit = $unit_of{$pid} || '';
        $unit = $socket_unit{$name} || '' if $pid == 1;
        my $plain = $unit =~ s/\.service$//r;
        $owners{ $unit eq '' || $plain eq $program ? $program : "$program in $unit" } = 1;
    }
    return join(', ', sort keys %owners) || 'unknown';
}

# Of the sixteen bytes of an IPv6 address.
sub colons {
    my $text = join ':', map { sprintf '%x', $_ } unpack 'n8', $_[0];
    $text =~ s/(?:^|:)0(?::0)+(?::|$)/::/;
    return $text;
}
# As the kernel writes it beside a socket: each word is a number in its own byte order.
sub address {
    my ($hex) = @_;
    my @words = map { pack 'L', hex } $hex =~ /(.{8})/g;
    return join '.', unpack 'C4', $words[0] if @words == 1;
    my $bytes = join '', @words;
    return join '.', unpack 'C4', substr $bytes, 12
        if substr($bytes, 0, 12) eq "\0" x 10 . "\xff\xff";
    return '[' . colons($bytes) . ']';
}

# A socket of IPv6 for any address answers IPv4, too, unless it was told not to. The copy of its
# descriptor says: pidfd_open, pidfd_getfd (the same numbers on all machines), getsockopt.
sub answers_ipv4 {
    my ($inode) = @_;
    my ($pid, $fd) = @{ $fd_of{$inode} || return 0 };
    my $process = syscall 434, $pid + 0, 0;
    return 0 if $process < 0;
    my $copy = syscall 438, $process, $fd + 0, 0;
    my $only;
    if ($copy >= 0 && open my $socket, '+<&=', $copy) {
        $only = getsockopt $socket, 41, 26;    # IPPROTO_IPV6, IPV6_V6ONLY
        close $socket;
    }
    if (open my $closing, '<&=', $process) { close $closing }
    return defined $only && !unpack 'i', $only;
}

sub internet_sockets {
    my ($protocol, $low, $high) = @_;
    my ($name) = $protocol =~ /^(tcp|udplite|udp|raw)/;
    my $is_raw = $name eq 'raw';
    my $text = slurp("/proc/net/$protocol");
    defined $text or ($protocol =~ /^(?:tcp|udp)$/ ? die "/proc/net/$protocol: $!\n" : return);
    for (split /\n/, $text) {
        my @f = split ' ';
        next unless @f > 9 && $f[1] =~ /^([0-9A-F]+):([0-9A-F]{4})$/;
        my ($address, $port) = (address($1), hex $2);
        next unless $f[3] eq ($name eq 'tcp' ? '0A' : '07');
        my $owner = owner_of($f[9], $port);
        # A client's socket of the moment; which number it got says nothing.
        $port = 'ephemeral' if $name =~ /^udp/ && $port >= $low && $port <= $high;
        fact($address eq '0.0.0.0' ? "$name/$port" : "$name/$address:$port", $owner);
        fact("$name/$port", $owner) if !$is_raw && $address eq '[::]' && answers_ipv4($f[9]);
    }
}

sub other_sockets {
    my %name_of =
        map { (slurp("/sys/class/net/$_/ifindex") || 0) + 0 => $_ } entries('/sys/class/net');
    for (split /\n/, slurp('/proc/net/packet') || '') {
        my ($type, $protocol, $interface, $inode) = (split ' ')[2, 3, 4, 8];
        next unless defined $inode && $inode =~ /^\d+$/;
        my $where = $interface ? $name_of{$interface} || $interface : 'any';
        fact("packet/$protocol on $where", owner_of($inode, ''))
            if grep { !$own{$_} } keys %{ $holders{$inode} || {} };
    }
    for (split /\n/, slurp('/proc/net/sctp/eps') || '') {
        my ($port, $inode, @addresses) = (split ' ')[5, 7, 8 .. 20];
        next unless defined $inode && $inode =~ /^\d+$/;
        fact("sctp/" . (/:/ ? "[$_]" : $_) . ":$port", owner_of($inode, $port))
            for grep { defined && /^[0-9a-f.:]+$/ } @addresses;
    }
}

# By its name, without what is drawn by lot, and who may use it.
sub unix_sockets {
    for (split /\n/, slurp('/proc/net/unix') || '') {
        my ($flags, $inode, $path) = (split ' ', $_, 8)[3, 6, 7];
        next unless defined $path && $flags =~ /^[0-9A-Fa-f]+$/ && hex($flags) & 0x10000;
        $path =~ s{^/var/run/}{/run/};
        next if $path =~ m{^/run/user/|^\@?/tmp/ssh-};
        my @file = $path =~ m{^/} ? lstat $path : ();
        my $name = $path =~ m{^/} ? $path : "/$path";
        # what a pid, a number of the kernel's or a lot give it
        $name =~ s/(?<![0-9])\Q$_\E(?![0-9])/PID/ for keys %{ $holders{$inode} || {} };
        $name =~ s{([-._/\@])(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{6,}(?=$|[/.])}
            {$1?}g;
        my $access =
            @file
            ? sprintf '; %04o %s:%s', $file[2] & 07777,
            $user_name{ $file[4] } || $file[4], $group_name{ $file[5] } || $file[5]
            : '';
        fact(substr("unix$name", 0, 900), owner_of($inode, $path) . $access);
    }
}

class 'port' => sub {
    die $processes_why if $processes_why;
    read_socket_units();
    holders_of_sockets();
    my ($low, $high) = split ' ', slurp('/proc/sys/net/ipv4/ip_local_port_range') || '32768 60999';
    internet_sockets($_, $low, $high)
        for 'tcp', 'tcp6', 'udp', 'udp6', 'udplite', 'udplite6', 'raw', 'raw6';
    other_sockets();
    unix_sockets();
};
