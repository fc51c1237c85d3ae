# SPDX-License-Identifier: Apache-2.0
# Runs in the guest: lists what still uses files that the patch replaced, one line each:
#   unit NAME    a service to restart
#   core NAME    a service that may not be restarted under a running system
#   init         process 1 itself
#   loose PID    a process of no service (a login, a cron job)
use strict;
use warnings;
my %core = map { $_ => 1 }
    qw(dbus.service dbus-broker.service systemd-logind.service qemu-guest-agent.service
    getty@tty1.service serial-getty@ttyS0.service systemd-journald.service systemd-udevd.service
    user@0.service);
my (%units, %seen);
for my $path (glob '/proc/[0-9]*') {
    my ($pid) = $path =~ m{(\d+)$};
    open my $maps, '<', "$path/maps" or next;
    my $stale = 0;
    while (my $line = <$maps>) {
        # a mapped program or library that was replaced; not memory files, sockets or databases that
        # are deleted by design
        if ($line =~ m{\s(/\S.*) \(deleted\)$}) {
            next if $1 !~ m{^/(?:usr|lib|lib64|bin|sbin|opt|srv)/};
            $stale = 1;
            last;
        }
    }
    close $maps;
    next unless $stale;
    if ($pid == 1) { print "init\n"; next }
    open my $cgroup, '<', "$path/cgroup" or next;
    my $text = join '', <$cgroup>;
    my ($unit) = $text =~ m{/([^/\n]+\.service)(?:/[^/\n]+)*$}m;
    if (!$unit || $text =~ m{/user\.slice/}) { print "loose $pid\n"; next }
    next if $unit eq 'patchlab-install.service' || $seen{$unit}++;
    print $core{$unit} ? "core $unit\n" : "unit $unit\n";
}
