# SPDX-License-Identifier: Apache-2.0
#
# How packets find their way: asked of the kernel itself by its netlink (rtnetlink(7)), which costs
# no process and needs no tool: links, addresses, routes of all tables, rules, neighbours, queueing
# disciplines, IPsec. Names of servers as they are resolved.

# The answers to a dump, each without its header. A family of netlink that the kernel does not have
# yet is not asked for: the question would load its module.
sub netlink {
    my ($family, $type, $question) = @_;
    socket(my $socket, 16, 3, $family) or die "netlink: $!\n";
    setsockopt $socket, 1, 20, pack 'l!l!', 10, 0;    # SO_RCVTIMEO
    my $message = pack('LSSLL', 16 + length $question, $type, 0x301, 1, 0) . $question;
    defined send $socket, $message, 0 or die "netlink: $!\n";
    my (@answers, $answer);
    while (1) {
        defined recv $socket, $answer, 1 << 18, 0 or die "netlink: $!\n";
        while (length $answer >= 16) {
            my ($length, $kind) = unpack 'LS', $answer;
            last if $length < 16 || $length > length $answer;
            return @answers if $kind == 3;
            if ($kind == 2) {
                my $error = -unpack 'l', substr $answer, 16, 4;
                return @answers if !$error || $error == 95 || $error == 22 || $error == 2;
                $! = $error;
                die "netlink: $!\n";
            }
            push @answers, substr $answer, 16, $length - 16;
            die "netlink: too many answers\n" if @answers > 50000;
            $answer = substr $answer, ($length + 3) & ~3;
        }
    }
}

sub kernel_has_netlink {
    my ($family) = @_;
    return (slurp('/proc/net/netlink') || '') =~ /^\w+ +$family +0 /m;
}

# number => value of a run of attributes
sub attributes {
    my ($text) = @_;
    my %found;
    while (length $text >= 4) {
        my ($length, $type) = unpack 'SS', $text;
        last if $length < 4 || $length > length $text;
        $found{ $type & 0x3fff } = substr $text, 4, $length - 4;
        my $padded = ($length + 3) & ~3;
        last if $padded > length $text;
        $text = substr $text, $padded;
    }
    return \%found;
}

sub ip {
    my ($bytes) = @_;
    return '' unless defined $bytes;
    return join '.', unpack 'C4', $bytes if length $bytes == 4;
    return length $bytes == 16 ? colons($bytes) : unpack 'H*', $bytes;
}
sub c_text { return defined $_[0] ? $_[0] =~ s/\0.*//sr : '' }
sub u32 { return defined $_[0] && length $_[0] == 4 ? unpack 'L', $_[0] : 0 }

my (%link_name, %is_passing);    # by number; those that a container's start names by lot

sub links {
    my @links = netlink(0, 18, pack 'CCSlLL', (0) x 6);
    for (@links) {
        my $index = (unpack 'CCSlLL', $_)[3];
        my $a = attributes(substr $_, 16);
        my $name = c_text($a->{3});
        $link_name{$index} = $name;
        $is_passing{$index} = 1 if $name =~ /^veth/;
    }
    for (@links) {
        my ($index, $flags) = (unpack 'CCSlLL', $_)[3, 4];
        next if $is_passing{$index};
        my $a = attributes(substr $_, 16);
        my @more;
        my $kind = c_text(attributes($a->{18} || '')->{1});
        push @more, $kind if $kind ne '';
        push @more, 'part of ' . ($link_name{ u32($a->{10}) } || 'another') if $a->{10};
        # a bridge listens to all on its ports, and so does who writes along
        push @more, 'listens to all' if u32($a->{30}) && !$a->{10};
        push @more, 'does not resolve addresses' if $flags & 0x80 && $kind eq '' && !($flags & 8);
        my $xdp = attributes($a->{43} || '');
        push @more, 'packets filtered by a program' if ord($xdp->{2} || "\0");
        fact(
            "$link_name{$index}: interface",
            join ' ',
            ($flags & 1 ? 'up' : 'down'),
            'mtu ' . u32($a->{4}), @more
        );
    }
}

sub name_of_link { return $link_name{ $_[0] } || "interface $_[0]" }

sub addresses {
    for (netlink(0, 22, pack 'CCCCl', (0) x 5)) {
        my ($family, $bits, $flags, $scope, $index) = unpack 'CCCCL', $_;
        my $a = attributes(substr $_, 8);
        $flags = u32($a->{8}) if $a->{8};
        # 1 of IPv6: temporary, drawn by lot
        next if $is_passing{$index} || ($family == 10 && $flags & 1);
        my ($here, $peer) = ($a->{2} || $a->{1}, $a->{1});
        my $to = defined $peer && $peer ne $here ? ' to ' . ip($peer) : '';
        fact(ip($here) . "/$bits on " . name_of_link($index) . ': address', "present$to");
    }
}

my %route_kind = (
    2 => 'local',
    3 => 'broadcast',
    4 => 'anycast',
    5 => 'multicast',
    6 => 'blackhole',
    7 => 'unreachable',
    8 => 'prohibit',
    9 => 'throw',
    10 => 'translated'
);
my %table_name = (253 => 'default', 254 => 'main', 255 => 'local');

# Gateways of one route, several where it is shared out.
sub ways {
    my ($a, $own_link) = @_;
    my @ways;
    my $hops = $a->{9} || '';
    while (length $hops >= 8) {
        my ($length, undef, $weight, $index) = unpack 'SCCl', $hops;
        last if $length < 8 || $length > length $hops;
        my $of = attributes(substr $hops, 8, $length - 8);
        push @ways,
              ($of->{5} ? 'via ' . ip($of->{5}) . ' ' : '') . 'by '
            . name_of_link($index)
            . ($weight ? ' weight ' . ($weight + 1) : '');
        $hops = substr $hops, ($length + 3) & ~3;
    }
    @ways = sort @ways;
    return @ways if @ways;
    push @ways, 'via ' . ip($a->{5}) if $a->{5};
    push @ways, 'via ' . ip(substr $a->{18}, 2) if $a->{18};
    push @ways, 'next hop ' . u32($a->{30}) if $a->{30};
    return @ways;
}

sub route {
    my ($answer) = @_;
    my ($family, $bits, $from_bits, $tos, $table, $protocol, undef, $kind, $flags) =
        unpack 'CCCCCCCCL', $answer;
    return if $flags & 0x200;    # remembered of a packet
    my $a = attributes(substr $answer, 12);
    $table = u32($a->{15}) if $a->{15};
    my $device = u32($a->{4});
    return if $is_passing{$device};
    # what the kernel keeps for its own addresses, groups and links
    return if $protocol == 2 && ($table == 255 || ($family == 10 && $kind != 1));
    return
           if $protocol == 2
        && $family == 10
        && ($a->{1} || '') =~ /^(?:\xff|\xfe[\x80-\xbf])/;
    # learnt of a neighbour for a while
    return
           if $family == 10
        && ($protocol == 1 || $protocol == 2 || $protocol == 9)
        && $a->{12}
        && unpack 'x8 L', $a->{12};
    my $to = $bits ? ip($a->{1}) . "/$bits" : 'default';
    $to .= ' from ' . ip($a->{2}) . "/$from_bits" if $from_bits;
    $to .= ' by ' . name_of_link($device) if $device && !$a->{9};
    $to .= ' in table ' . ($table_name{$table} || $table) if $table != 254;
    my $metric = u32($a->{6});
    my @value = ($route_kind{$kind} || (), ways($a));
    push @value, 'direct' unless @value;
    push @value, "service $tos" if $tos;
    push @value, "metric $metric"
        if $metric && !($family == 10 && ($metric == 1024 || $metric == 256));
    push @value, 'from ' . ip($a->{7}) if $a->{7} && $protocol != 2;
    push @value, 'with ' . unpack 'H*', $a->{8} if $a->{8};
    push @value, 'wrapped' if $a->{22};
    fact("$to: route" . ($family == 10 ? ' (IPv6)' : ''), "@value");
}

sub ports_of { return join '-', unpack 'SS', $_[0] }

sub rule {
    my ($answer) = @_;
    my ($family, $to_bits, $from_bits, $tos, $table, undef, undef, $action, $flags) =
        unpack 'CCCCCCCCL', $answer;
    return unless $family == 2 || $family == 10;
    my $a = attributes(substr $answer, 12);
    $table = u32($a->{15}) if $a->{15};
    my @when = ('from ' . ($from_bits ? ip($a->{2}) . "/$from_bits" : 'all'));
    push @when, 'to ' . ip($a->{1}) . "/$to_bits" if $to_bits;
    unshift @when, 'not' if $flags & 2;
    push @when, "service $tos" if $tos;
    push @when, 'in by ' . c_text($a->{3}) if $a->{3};
    push @when, 'out by ' . c_text($a->{17}) if $a->{17};
    push @when, sprintf 'mark %x/%x', u32($a->{10}), u32($a->{16}) if $a->{10};
    push @when, 'users ' . join '-', unpack 'LL', $a->{20} if $a->{20};
    push @when, 'protocol ' . ord $a->{22} if $a->{22};
    push @when, 'from ports ' . ports_of($a->{23}) if $a->{23};
    push @when, 'to ports ' . ports_of($a->{24}) if $a->{24};
    push @when, 'of its link' if $a->{19};
    my %does =
        (2 => 'goto ' . u32($a->{4}), 3 => 'nothing', map { $_ => $route_kind{$_} } 6 .. 8);
    my $does = $action == 1 ? 'table ' . ($table_name{$table} || $table) : $does{$action};
    $does = "action $action" unless defined $does;
    # all ones: not given
    $does .= ' but not its routes of ' . u32($a->{14}) . ' bits and less'
        if $a->{14} && u32($a->{14}) != 0xffffffff;
    fact('rule ' . u32($a->{6}) . " @when: routing rule" . ($family == 10 ? ' (IPv6)' : ''), $does);
}

# Only those that somebody set: the others come and go with the traffic.
sub neighbours {
    for my $proxy (0, 8) {
        for (netlink(0, 30, pack 'CCSlSCC', 0, 0, 0, 0, 0, $proxy, 0)) {
            my ($family, $index, $state, $flags) = (unpack 'CCSlSCC', $_)[0, 3, 4, 5];
            next if $is_passing{$index} || !($state & 0x80 || $flags & 8);
            my $a = attributes(substr $_, 12);
            next unless $a->{1};
            fact(
                ip($a->{1}) . ' on ' . name_of_link($index) . ': neighbour',
                $flags & 8
                ? 'answered for'
                : join(':', unpack '(H2)*', $a->{2} || '') || 'without address'
            );
        }
    }
}

sub handle { return sprintf '%x:%x', $_[0] >> 16, $_[0] & 0xffff }

# What holds packets back, loses or alters them, by interface.
sub queueing {
    for my $answer (netlink(0, 38, pack 'CCSlLLL', (0) x 7)) {
        my ($index, $own, $parent) = (unpack 'CCSlLLL', $answer)[3, 4, 5];
        next if $is_passing{$index};
        my $a = attributes(substr $answer, 20);
        my $kind = c_text($a->{1});
        my $where = $parent == 0xffffffff ? 'root' : handle($parent);
        fact(name_of_link($index) . " $where: queueing",
            $kind . ($kind eq 'noqueue' || !$a->{2} ? '' : ' ' . unpack 'H200', $a->{2}));
        my @filtered = $own ? ($own) : ();
        @filtered = (0xfffffff2, 0xfffffff3) if $kind eq 'clsact' || $kind eq 'ingress';

        for my $parent_of_filter ($kind =~ /queue|fast|fq/ && $kind ne 'clsact' ? () : @filtered) {
            for (netlink(0, 46, pack 'CCSlLLL', 0, 0, 0, $index, 0, $parent_of_filter, 0)) {
                my $filter = attributes(substr $_, 20);
                my $info = (unpack 'CCSlLLL', $_)[6];
                fact(
                    name_of_link($index) . ' '
                        . handle($parent_of_filter)
                        . ' filter '
                        . ($info >> 16)
                        . ': queueing',
                    c_text($filter->{1})
                );
            }
        }
    }
}

# Encryption below the protocols: what must be, and what is agreed on (without its numbers, drawn by
# lot).
sub ipsec {
    return unless kernel_has_netlink(6);
    for (netlink(6, 21, '')) {    # xfrm_userpolicy_info: selector (56), lifetimes (96), priority …
        my (
            $to, $from, $to_port, undef, $from_port,
            undef, $family, $to_bits, $from_bits, $protocol
        ) = unpack 'a16 a16 n n n n S C C C', $_;
        my ($priority, undef, $direction, $action) = unpack 'x152 L L C C', $_;
        next if $direction > 2;
        my $size = $family == 10 ? 16 : 4;
        fact(
            'IPsec '
                . ('in', 'out', 'forward')[$direction]
                . ' from '
                . ip(substr $from, 0, $size)
                . "/$from_bits to "
                . ip(substr $to, 0, $size)
                . "/$to_bits"
                . ($protocol ? " protocol $protocol" : '')
                . ($to_port ? " port $to_port" : '')
                . ': policy',
            ($action ? 'block' : 'allow') . " priority $priority"
        );
    }
    for (netlink(6, 18, '')) {    # xfrm_usersa_info: selector (56), id (24), source (16) …
        my ($to, $spi, $protocol, $from) = unpack 'x56 a16 L C x3 a16', $_;
        my $family = unpack 'x212 S', $_;
        my $size = ($family || 0) == 10 ? 16 : 4;
        fact(
            'IPsec from '
                . ip(substr $from, 0, $size) . ' to '
                . ip(substr $to, 0, $size)
                . ': state',
            "protocol $protocol"
        );
    }
}

sub resolver {
    for (
        ['/etc/resolv.conf', ''],
        ['/run/systemd/resolve/resolv.conf', ' of systemd-resolved'],
        ['/run/resolvconf/resolv.conf', ' of resolvconf']
        )
    {
        my ($file, $whose) = @$_;
        next if $whose ne '' && !-e $file;
        for (split /\n/, slurp($file, 65536) || '') {
            if (/^\s*nameserver\s+(\S+)/) { fact("$1: name server$whose", 'present') }
            elsif (/^\s*(search|domain|sortlist|options)\s+(\S.*?)\s*$/) {
                fact("$2: $1 of the resolver$whose", 'present');
            }
        }
    }
}

class 'network' => sub {
    links();
    addresses();
    for my $family (2, 10) {
        route($_) for netlink(0, 26, pack 'CCCCCCCCL', $family, (0) x 8);
        rule($_) for netlink(0, 34, pack 'CCCCCCCCL', $family, (0) x 8);
    }
    neighbours();
    queueing();
    ipsec();
    resolver();
};
