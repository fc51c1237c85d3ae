# SPDX-License-Identifier: Apache-2.0
#
# Which units start by themselves, from the files that systemd reads for that (systemd.unit(5),
# "Unit File Load Path"; the words are those of `systemctl list-unit-files`). systemd would tell,
# but it reads and parses everything for it, which takes seconds without acceleration.

my @unit_folders = (
    '/etc/systemd/system.control', '/run/systemd/system.control',
    '/run/systemd/transient', '/run/systemd/generator.early',
    '/etc/systemd/system', '/etc/systemd/system.attached',
    '/run/systemd/system', '/run/systemd/system.attached',
    '/run/systemd/generator', '/usr/local/lib/systemd/system',
    '/lib/systemd/system', '/usr/lib/systemd/system',
    '/run/systemd/generator.late'
);
my $unit_name = qr/^[\w:.\\@-]+\.(?:service|socket|path|timer)\z/;

# The links in a folder that turn units on: those in its *.wants and its like, and further names for
# units. To %$links, for each unit it is about: [name of the link, the state that it gives].
sub links_of_units {
    my ($root, $folder, $links) = @_;
    my $how = $folder =~ m{^/run/} ? 'enabled-runtime' : 'enabled';
    my $note = sub {
        my ($path, $name, $further) = @_;
        my $target = readlink $path;
        return if !defined $target || $target eq '/dev/null';
        $target =~ s{.*/}{};
        return if $further && $target eq $name;
        push @{ $links->{$_} }, [$name, $how] for $target eq $name ? $name : ($name, $target);
    };
    for my $entry (entries("$root$folder")) {
        if ($entry =~ /\.(?:wants|requires|upholds)\z/) {
            $note->("$root$folder/$entry/$_", $_) for entries("$root$folder/$entry");
        } elsif ($entry =~ $unit_name) {
            $note->("$root$folder/$entry", $entry, 1);
        }
    }
}

# What a unit's own file says of being turned on: whether by links, or by those of other units; by
# which further names.
sub install_section {
    my ($unit, $text) = @_;
    my ($section, %install) = ('');
    for (split /\n/, $text) {
        if (/^\s*\[(.*)\]/) { $section = $1; next; }
        next
            if $section ne 'Install'
            || !/^\s*(WantedBy|RequiredBy|UpheldBy|Alias|Also|DefaultInstance)\s*=\s*(\S.*)/;
        my ($key, $value) = ($1, $2);
        if ($key eq 'Also') { $install{also} = 1; next; }
        if ($key eq 'DefaultInstance') { $install{names}{ $unit =~ s/\@\./\@$value./r } = 1; next; }
        $install{rules} = 1;
        if ($key eq 'Alias') { $install{names}{$_} = 1 for split ' ', $value }
    }
    return %install;
}

sub state_of_unit_file {
    my ($root, $folder, $unit, $links) = @_;
    my $path = "$root$folder/$unit";
    my $runtime = $folder =~ m{^/run/} ? '-runtime' : '';
    my $target = readlink $path;
    return "masked$runtime" if defined $target ? $target eq '/dev/null' : -f $path && -z _;
    if (defined $target) {
        my $name = $target =~ s{.*/}{}r;
        return 'alias' if $name ne $unit;
        $path = "$root$target" if $target =~ m{^/};
    }
    return 'generated' if $folder =~ m{^/run/systemd/generator};
    return 'transient' if $folder eq '/run/systemd/transient';
    my $text = slurp($path);
    return 'bad' if !defined $text;
    my %install = install_section($unit, $text);
    my %how = map { $_->[1] => 1 }
        grep { $_->[0] eq $unit || $install{names}{ $_->[0] } } @{ $links->{$unit} || [] };
    return $how{enabled} ? 'enabled' : 'enabled-runtime' if %how;
    return 'indirect' if $links->{$unit};
    return "linked$runtime"
        if defined $target && $target =~ m{^/} && !grep { $target eq "$_/$unit" } @unit_folders;
    return $install{rules} ? 'disabled' : $install{also} ? 'indirect' : 'static';
}

# Unit => state of all unit files below `root` ("" is the machine itself).
sub unit_file_states {
    my ($root) = @_;
    my (%state, %links, %seen);
    links_of_units($root, $_, \%links) for grep { m{^/(?:etc|run)/} } @unit_folders;
    for my $folder (@unit_folders) {
        my ($device, $inode) = stat "$root$folder" or next;
        next if $seen{"$device $inode"}++;    # /lib is /usr/lib on most machines
        $state{$_} ||= state_of_unit_file($root, $folder, $_, \%links)
            for grep { $_ =~ $unit_name && !-d "$root$folder/$_" } entries("$root$folder");
    }
    return %state;
}
