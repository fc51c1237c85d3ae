# SPDX-License-Identifier: Apache-2.0
#
# What the registries of the package system say: which links, paths and folders are whose. Not
# compared by itself; it tells what explains a change. What cannot be read here explains nothing.
# Each entry is a record "R registry subject-bytes value-bytes\n<subject><value>\n".

sub registry {
    my ($name, $read) = @_;
    %facts = ();
    eval {
        local $SIG{ALRM} = sub { die "took too long\n" };
        alarm 30;
        $read->();
        alarm 0;
        1;
    } or do { alarm 0; %facts = (); };
    return if keys(%facts) > $max_facts;
    for (sort keys %facts) {
        record('R', $name, $_, $facts{$_})
            unless length > $max_subject || length $facts{$_} > 4096;
    }
}

# The generic link → the name in /etc/alternatives, of each alternative and what follows it.
registry 'alternative-link' => sub {
    for my $name (alternatives()) {
        my $alternative = alternative($name) or next;
        my %links = %{ $alternative->{links} };
        fact($links{$_}, $_) for keys %links;
    }
};
registry 'alternative-target' => sub {
    for (entries('/etc/alternatives')) {
        my $target = readlink "/etc/alternatives/$_";
        fact($_, $target) if defined $target;
    }
};
# The trigger, or the path whose files are waited for → the packages.
registry 'trigger' => sub {
    my $dir = '/var/lib/dpkg/triggers';
    for (split /\n/, slurp("$dir/File") || '') {
        my ($path, $package) = m{^(/.*) ([^ /:]+)[^ ]*$} or next;
        fact($path, $package);
    }
    for my $name (grep { !/^(?:File|Lock|Unincorp)$/ } entries($dir)) {
        for (split /\n/, slurp("$dir/$name") || '') {
            fact($name, $1) if m{^([^ /:]+)};
        }
    }
    return if $has_dpkg;
    my ($text, $rc) = run('rpm', '-qa', '--qf',
        '[%{FILETRIGGERNAME}\t%{=NAME}\n]' . '[%{TRANSFILETRIGGERNAME}\t%{=NAME}\n]');
    return if $rc;
    for (split /\n/, $text) {
        fact($1, $2) if m{^(/\S*)\t(\S+)$};
    }
};
# The file → its package, and whether it holds what the package gave last: by ucf's copy of files
# that it merges, or by its digest where Perl knows that.
registry 'configuration' => sub {
    my %known = map { /^(\w+)\s+(\S.*)$/ ? ($2 => $1) : () } split /\n/,
        slurp('/var/lib/ucf/hashfile') || '';
    my $digests = eval { require Digest::MD5; 1 };
    for (split /\n/, slurp('/var/lib/ucf/registry') || '') {
        my ($package, $path) = /^(\S+)\s+(\S.*)$/ or next;
        next unless $known{$path};
        my ($kept, $now) = (slurp('/var/lib/ucf/cache/' . $path =~ tr{/}{:}r), slurp($path));
        my $as_given = defined $now
            && (defined $kept && $kept eq $now
            || $digests && Digest::MD5::md5_hex($now) eq $known{$path});
        fact($path, $package . ($as_given ? ' as given' : ''));
    }
};
# Where a file was put aside → where it stood.
registry 'diversion' => sub {
    for (diversions()) {
        my ($from, $to, $package) = @$_;
        fact($to, $from) if defined $package;
    }
};
# What the package manager runs around each installation, by the file that says so; and the owner's
# own scripts that this names.
sub owners_script {
    my ($path) = @_;
    return undef if $path =~ m{^/(?:usr/)?(?:s?bin|lib|share)/} || !-f $path;
    my $text = slurp($path, 65536);
    return defined $text && $text =~ /^#!/ ? join ' ', effective($text) : undef;
}
registry 'hook' => sub {
    for my $file (
        grep { -f } '/etc/apt/apt.conf',
        '/etc/dpkg/dpkg.cfg',
        map {
            my $d = $_;
            map { "$d/$_" } entries($d)
        } '/etc/apt/apt.conf.d',
        '/etc/dpkg/dpkg.cfg.d',
        '/etc/dnf/plugins/post-transaction-actions.d'
        )
    {
        my $text = join ' ', grep { !m{^//} } effective(slurp($file, 65536) || '');
        next
            unless $file =~ /\.action$/
            || $text =~ /(?:pre|post)-invoke|pre-install-pkgs|status-logger/i;
        fact($file, substr $text, 0, 4096);
        for my $path ($text =~ m{(/[\w.+/-]+)}g) {
            my $script = owners_script($path);
            fact($path, substr $script, 0, 4096) if defined $script && !exists $facts{$path};
        }
    }
};
