# SPDX-License-Identifier: Apache-2.0
#
# What runs: states of units, packages.

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

# Who was installed because another package needs it: the next autoremove may take it away.
sub automatic_packages {
    my %automatic;
    for (split /\n\n/, slurp('/var/lib/apt/extended_states', 16 << 20) || '') {
        my %field = /^(\S+): (.*)$/mg;
        next unless defined $field{Package} && defined $field{Architecture};
        $automatic{"$field{Package}:$field{Architecture}"} = 1 if $field{'Auto-Installed'};
    }
    return \%automatic;
}
# A host may have the tool of another family, with an empty database. Other parts ask this, too.
my $has_dpkg = -s '/var/lib/dpkg/status';

sub dpkg_packages {
    my $automatic = automatic_packages();
    my ($text, $rc) = run('dpkg-query', '-W', '-f',
              '${Package}:${Architecture}\t${Version}\t'
            . '${db:Status-Want}\t${db:Status-Eflag}\t${db:Status-Status}\n');
    die "dpkg-query ended with $rc\n" if $rc;
    # apt writes it for packages of all architectures
    my ($native) = $text =~ /^dpkg:(\w+)/m or die "dpkg-query does not tell of dpkg\n";
    for (split /\n/, $text) {
        my ($name, $version, $want, $flag, $status) = split /\t/;
        next if !defined $status || $status eq 'not-installed';
        my $marked = $automatic->{$name} || $automatic->{ $name =~ s/:all$/:$native/r };
        fact($name,
                  "$version $status"
                . ($want eq 'hold' ? ' hold' : '')
                . ($marked ? ' automatic' : '')
                . ($flag eq 'ok' ? '' : " $flag"));
    }
}
# Several versions of these are installed side by side: the one that came last counts.
my $kept_beside = qr/^kernel(?:-|$)/;

sub rpm_packages {
    my ($text, $rc) = run('rpm', '-qa', '--qf',
        '%{NAME}\t%{ARCH}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t' . '%{INSTALLTIME}\n');
    die "rpm -qa ended with $rc\n" if $rc;
    die "rpm -qa lists no package\n" unless length $text;
    my %newest;
    for (split /\n/, $text) {
        my ($name, $arch, $version, $time) = split /\t/;
        next if !defined $time || $name eq 'gpg-pubkey';
        if ($name !~ $kept_beside) { fact("$name:$arch", "$version installed") }
        elsif (!$newest{"$name:$arch"} || $newest{"$name:$arch"}[0] <= $time) {
            $newest{"$name:$arch"} = [$time, $version];
        }
    }
    fact($_, "$newest{$_}[1] installed") for keys %newest;
}
class 'package' => sub { $has_dpkg ? dpkg_packages() : rpm_packages() };
