# SPDX-License-Identifier: Apache-2.0
#
# The units: whether they start by themselves, and whether they run.

my $system = read_unit_folders('', @unit_folders);
my %file_state = states_of_units($system);
my %starts = what_starts($system, 'boot');

sub units {
    my ($wanted) = @_;
    die "$units_why\n" if $units_why;
    my %names = map { $_ => 1 } grep { /$wanted/ } keys %active, keys %file_state, keys %starts;
    for (keys %names) {
        # logins and transient units are not configuration
        next if /^(?:user(?:-runtime-dir)?\@\d+|session-|run-)/;
        # The manager remembers units without a file of their own until it happens to forget them.
        next
            if !exists $file_state{$_}
            && !$starts{$_}
            && ($active{$_} || 'inactive') eq 'inactive';
        my $state = $file_state{$_};
        if (!defined $state && /^([^\@]+\@).*(\.\w+)$/) {
            $state = $file_state{"$1$2"};
            $state = 'instance' if defined $state;
        }
        # Started by a question on the bus or on a socket, gone when nobody asks any more.
        my $now = m{^(?:packagekit|fwupd|systemd-(?:hostnamed|localed|timedated|machined|importd
            |portabled|fsckd|initctl|rfkill))\.service$}x ? 'on-demand' : $active{$_} || 'inactive';
        fact($_,
                  (defined $state ? $state : 'generated') . "/$now"
                . ($starts{$_} ? "/$starts{$_}" : ''));
    }
}
# Units of each user's own manager; which of them run is a matter of logins.
sub units_of_users {
    my $users = read_unit_folders('', @user_unit_folders);
    my %state = states_of_units($users);
    my %at_login = what_starts($users, 'login');
    fact("$_ (user)", "$state{$_}/inactive" . ($at_login{$_} ? "/$at_login{$_}" : ''))
        for keys %state;
}
# Settings for this boot only lie in memory, where no comparison of disks finds them. What
# generators and systemd-run make is told by the units.
sub runtime_settings {
    my ($dir, $depth) = @_;
    for (entries($dir)) {
        my $path = "$dir/$_";
        if (-d $path && !-l $path) { runtime_settings($path, $depth - 1) if $depth; next; }
        my $text = -l $path ? 'link to ' . readlink $path : slurp($path, 65536);
        next unless defined $text;
        fact("$path: for this boot", $text);
        $hashed{"$path: for this boot"} = 1 if !-l $path;
    }
}
class 'unit' => sub {
    units(qr/\.(?:service|socket|path)$/);
    units_of_users();
    for (keys %{ $system->{units} }) {
        next unless /\.(?:service|socket|path|timer|mount|automount)\z/;
        my ($unit, $path) = unit_of_name($system, $_);
        settings_of_unit($unit, unit_in_effect($system, $unit, $path))
            if defined $path && $unit eq $_;
    }
    runtime_settings($_, 3)
        for map { "/run/$_" } 'systemd/system', 'systemd/system.control', 'systemd/system.conf.d',
        'systemd/network', 'udev/rules.d', 'sysctl.d',
        'tmpfiles.d', 'modprobe.d', 'modules-load.d';
    fact('/run/nologin: for this boot', 'present') if -e '/run/nologin';
};
class 'timer' => sub {
    units(qr/\.timer$/);
    fact("once, later: $_", "transient/$later{$_}") for keys %later;
};

