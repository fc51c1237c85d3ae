# SPDX-License-Identifier: Apache-2.0
#
# The unit files of a manager (of the system, or of users), and which units are turned on, from the
# files that systemd reads for that (systemd.unit(5), "Unit File Load Path"; the words are those of
# `systemctl list-unit-files`). systemd would tell, but it reads and parses everything for it, which
# takes seconds without acceleration.

my @unit_folders = (
    '/etc/systemd/system.control', '/run/systemd/system.control',
    '/run/systemd/transient', '/run/systemd/generator.early',
    '/etc/systemd/system', '/etc/systemd/system.attached',
    '/run/systemd/system', '/run/systemd/system.attached',
    '/run/systemd/generator', '/usr/local/lib/systemd/system',
    '/lib/systemd/system', '/usr/lib/systemd/system',
    '/run/systemd/generator.late'
);
my @user_unit_folders = (
    '/etc/xdg/systemd/user', '/etc/systemd/user',
    '/run/systemd/user', '/usr/local/share/systemd/user',
    '/usr/share/systemd/user', '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user'
);
my $unit_name = qr/^[\w:.\\@-]+\.(?:service|socket|path|timer)\z/;
my $any_unit = qr/^[\w:.\\@-]+\.(?:service|socket|path|timer|target|mount|automount|swap|slice)\z/;

# What these folders below `root` ("" is the machine itself) hold, each folder read once:
#   units     name => the path that is taken, the first
#   all       name => all its paths, in order
#   names     folder => names of units in it
#   amended   "NAME.d" => its folders, in order
#   pulled    "NAME.wants" => { unit => the target of the link that is taken }
#   links     unit => [[name of a link that turns it on, the state that this gives], …]
sub read_unit_folders {
    my ($root, @folders) = @_;
    my %read = (root => $root, folders => []);
    my %seen;
    for my $folder (@folders) {
        my ($device, $inode) = stat "$root$folder" or next;
        next if $seen{"$device $inode"}++;    # /lib is /usr/lib on most machines
        push @{ $read{folders} }, $folder;
        for my $entry (entries("$root$folder")) {
            my $path = "$root$folder/$entry";
            if ($entry =~ $any_unit) {
                push @{ $read{all}{$entry} }, $path;
                $read{units}{$entry} ||= $path;
                push @{ $read{names}{$folder} }, $entry;
            } elsif ($entry =~ /\.d\z/) {
                push @{ $read{amended}{$entry} }, $path;
            } elsif ($entry =~ /\.(?:wants|requires|upholds)\z/) {
                for (entries($path)) {
                    my $target = readlink "$path/$_";
                    $read{pulled}{$entry}{$_} = $target
                        if defined $target && !exists $read{pulled}{$entry}{$_};
                    note_link(\%read, $folder, $_, $target) if defined $target;
                }
            }
        }
    }
    for my $folder (grep { m{^/(?:etc|run)/} } @{ $read{folders} }) {
        for (grep { $_ =~ $unit_name } @{ $read{names}{$folder} || [] }) {
            my $target = readlink "$root$folder/$_";
            note_link(\%read, $folder, $_, $target)
                if defined $target && $target !~ m{(?:^|/)\Q$_\E\z};
        }
    }
    return \%read;
}

# A link that turns units on: in a folder NAME.wants and its like, or a further name of a unit.
sub note_link {
    my ($read, $folder, $name, $target) = @_;
    return if $target eq '/dev/null' || $folder !~ m{^/(?:etc|run)/};
    my $how = $folder =~ m{^/run/} ? 'enabled-runtime' : 'enabled';
    $target =~ s{.*/}{};
    push @{ $read->{links}{$_} }, [$name, $how] for $target eq $name ? $name : ($name, $target);
}

# "Section Key" => its values, in order; an empty one takes back those before. What else is there
# stays.
sub parse_unit {
    my ($text, $into) = @_;
    my $section = '';
    $text =~ s/\\\n/ /g if index($text, "\\\n") >= 0;
    for (split /\n/, $text) {
        if (/^\s*(\w+)\s*=\s*(.*?)\s*\z/) {
            my $key = "$section $1";
            if ($2 eq '') { $into->{$key} = [] }
            else { push @{ $into->{$key} }, $2 }
        } elsif (/^\s*\[(.*)\]/) {
            $section = $1;
        }
    }
    return $into;
}

my %parsed_unit;    # path => what parse_unit says

sub unit_at {
    my ($path) = @_;
    if (!exists $parsed_unit{$path}) {
        my $text = slurp($path);
        $parsed_unit{$path} = defined $text ? parse_unit($text, {}) : undef;
    }
    return $parsed_unit{$path};
}

# What a unit's own file says of being turned on: whether by links, or by those of other units; by
# which further names.
sub install_section {
    my ($unit, $of) = @_;
    my %install;
    my $values = sub { @{ $of->{"Install $_[0]"} || [] } };
    $install{also} = 1 if $values->('Also');
    $install{names}{ $unit =~ s/\@\./\@$_./r } = 1 for $values->('DefaultInstance');
    $install{rules} = 1
        if grep { $values->($_) } 'WantedBy', 'RequiredBy', 'UpheldBy', 'Alias';
    $install{names}{$_} = 1 for map { split ' ' } $values->('Alias');
    return %install;
}

sub state_of_unit_file {
    my ($read, $folder, $unit) = @_;
    my ($root, $links) = ($read->{root}, $read->{links});
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
    my $of = unit_at($path);
    return 'bad' if !defined $of;
    my %install = install_section($unit, $of);
    my %how = map { $_->[1] => 1 }
        grep { $_->[0] eq $unit || $install{names}{ $_->[0] } } @{ $links->{$unit} || [] };
    return $how{enabled} ? 'enabled' : 'enabled-runtime' if %how;
    return 'indirect' if $links->{$unit};
    return "linked$runtime"
        if defined $target
        && $target =~ m{^/}
        && !grep { $target eq "$_/$unit" } @unit_folders, @user_unit_folders;
    return $install{rules} ? 'disabled' : $install{also} ? 'indirect' : 'static';
}

# Unit => state of all units that the folders hold.
sub states_of_units {
    my ($read) = @_;
    my %state;
    for my $folder (@{ $read->{folders} }) {
        for (grep { $_ =~ $unit_name } @{ $read->{names}{$folder} || [] }) {
            next if exists $state{$_} || -d "$read->{root}$folder/$_";
            $state{$_} = state_of_unit_file($read, $folder, $_);
        }
    }
    return %state;
}
sub unit_file_states { return states_of_units(read_unit_folders($_[0], @unit_folders)) }

