# SPDX-License-Identifier: Apache-2.0
#
# Which packets are let through. The rules of a chain have an order, which is a fact of its own.

my %chain;    # where => its rules in their order

sub firewall_line {
    my ($where, $line) = @_;
    fact(substr("$where$line", 0, 900), 'present');
    $chain{$where} .= "$line\n";
}

sub nft_rules {
    my ($tool) = @_;
    my ($text, $rc) = run($tool, '-n', 'list', 'ruleset');
    die "nft ended with $rc\n" if $rc;
    my @where;
    for (split /\n/, $text) {
        s/^\s+|\s+$//g;
        # what packets leave behind, or time
        s/(?:^| )packets \d+ bytes \d+//;
        s/ used \d+ \w+//;
        s/ expires \S+?(?=,| |$)//g;
        next if $_ eq '';
        if (/^\}/) { pop @where; next; }
        if (s/\s*\{$//) { fact(join(' / ', @where, $_), 'present'); push @where, $_; next; }
        firewall_line(join('', map { "$_ / " } @where), $_);
    }
}

# Where nft is not installed (iptables is a front of it, too), the kernel says it without its words:
# expressions by name, their values as numbers.
sub nft_expressions {
    my ($list) = @_;
    my $text = '';
    while (length $list >= 4) {
        my ($length, $type) = unpack 'SS', $list;
        last if $length < 4 || $length > length $list;
        my $element = attributes(substr $list, 4, $length - 4);
        my $name = c_text($element->{1});
        $text .= " $name";
        $text .= '(' . unpack('H*', $element->{2}) . ')' if $element->{2} && $name ne 'counter';
        $list = substr $list, ($length + 3) & ~3;
    }
    return $text;
}

sub nft_from_the_kernel {
    my $header = pack 'CCS', 0, 0, 0;
    my %family = (1 => 'inet', 2 => 'ip', 3 => 'arp', 5 => 'netdev', 7 => 'bridge', 10 => 'ip6');
    my $table = sub {
        my $answer = $_[0];
        my $family = ord $answer;
        my $a = attributes(substr $answer, 4);
        return ('table ' . ($family{$family} || $family) . ' ' . c_text($a->{1}), $a);
    };
    for (netlink(12, 0xa01, $header)) {
        my ($where) = $table->($_);
        fact($where, 'present');
    }
    for (netlink(12, 0xa04, $header)) {
        my ($where, $a) = $table->($_);
        my $hook = $a->{4} ? attributes($a->{4}) : {};
        my $policy = $a->{5} ? ('drop', 'accept')[unpack 'N', $a->{5}] || '?' : '';
        fact(
            "$where / chain " . c_text($a->{3}),
            $a->{4}
            ? 'hook '
                . unpack('N', $hook->{1})
                . " priority "
                . unpack('N!', $hook->{2})
                . " policy $policy"
            : 'present'
        );
    }
    for (netlink(12, 0xa07, $header)) {
        my ($where, $a) = $table->($_);
        firewall_line("$where / chain " . c_text($a->{2}) . ' /', nft_expressions($a->{4} || ''));
    }
    for (netlink(12, 0xa0a, $header)) {
        my ($where, $a) = $table->($_);
        my $name = c_text($a->{2});
        fact("$where / set $name", 'present') unless $name =~ /^__/;
    }
}

sub iptables_rules {
    my ($tool) = @_;
    my ($path) = grep { -x } map { "$_/$tool" } '/usr/sbin', '/sbin';
    die "iptables rules are loaded, but $tool is not installed\n" unless $path;
    my ($text, $rc) = run($path);
    die "$tool ended with $rc\n" if $rc;
    my $table = '';
    for (split /\n/, $text) {
        next if /^#|^COMMIT/;
        s/\[\d+:\d+\]//;
        if (/^\*/) { $table = $_ }
        else { firewall_line("$tool $table ", $_) }
    }
}

class 'firewall' => sub {
    # Asking nft would load its kernel module, so only ask when rules can exist.
    if (-d '/sys/module/nf_tables') {
        my ($tool) = grep { -x } '/usr/sbin/nft', '/sbin/nft';
        if ($tool) { nft_rules($tool) }
        else { nft_from_the_kernel() }
    }
    if (join '', map { slurp("/proc/net/$_") || '' } 'ip_tables_names', 'ip6_tables_names') {
        iptables_rules($_) for 'iptables-legacy-save', 'ip6tables-legacy-save';
    }
    for (keys %chain) {
        next unless $chain{$_} =~ /\n./;    # one rule has no order
        my $subject = substr(s{ ?/? ?$}{}r, 0, 900) . ': order of rules';
        fact($subject, $chain{$_});
        $hashed{$subject} = 1;
    }
};
