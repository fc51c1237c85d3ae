# SPDX-License-Identifier: Apache-2.0
#
# Prints the live state of this machine as length-framed records (read by capture_parse.cpp). Runs in the guest, as root, from stdin, with
# nothing but perl-base: under emulation a process costs far more than a file read, so nearly all of it is read from /proc and /etc here.
#   argument 1: a nonce that frames the answer; argument 2: seconds to wait for units that are still starting
# Records: "F class subject-bytes value-bytes\n<subject><value>\n"   a fact
#          "H …"  as F, but the value is secret or long: the reader keeps its sha256 only
#          "U class 0 value-bytes\n<why>\n"                          the class could not be read
#          "D class 0 0\n\n"                                         the class is complete
#          "L list 0 value-bytes\n<line>\n"                          a line of a health list
use strict;
use warnings;
no warnings qw(utf8);
use Fcntl;

my ($nonce, $settle) = @ARGV;
$ENV{PATH} = '/usr/sbin:/usr/bin:/sbin:/bin';
$ENV{LC_ALL} = 'C';
my $max_subject = 1000;
my $max_value = 65536;
my $max_facts = 20000;
my (%facts, %hashed, $out, $records);

sub slurp {
    my ($path, $max) = @_;
    sysopen(my $fh, $path, O_RDONLY | O_NONBLOCK) or return undef;
    my ($text, $got) = ('', 0);
    while (($got = sysread($fh, $text, 65536, length $text))) { last if length $text > ($max || 4 << 20); }
    return undef unless defined $got;
    close $fh;
    return $text;
}
sub must { my $text = slurp($_[0]); defined $text or die "$_[0]: $!\n"; return $text; }
sub entries { opendir(my $dh, $_[0]) or return (); return sort grep { $_ ne '.' && $_ ne '..' } readdir $dh; }
# The lines of a configuration file that have an effect.
sub effective {
    my ($text) = @_;
    $text =~ s/\\\n/ /g;
    return map { s/\s+/ /g; s/^ | $//g; $_ } grep { !/^\s*(#(?!include)|;|$)/ } split /\n/, $text;
}
sub fact {
    my ($subject, $value) = @_;
    # The same subject twice is one fact that says both, whatever the order in which they were met.
    my %all = map { $_ => 1 } (exists $facts{$subject} ? split(/ \| /, $facts{$subject}, -1) : ()), $value;
    $facts{$subject} = join ' | ', sort keys %all;
}
sub run {
    my $pid = open(my $pipe, '-|');
    defined $pid or die "fork: $!\n";
    if (!$pid) { open STDERR, '>', '/dev/null'; open STDIN, '<', '/dev/null'; exec @_ or do { require POSIX; POSIX::_exit(127); } }
    local $/;
    my $text = <$pipe>;
    close $pipe;
    return (defined $text ? $text : '', $? >> 8);
}
sub record {
    my ($kind, $class, $subject, $value) = @_;
    $out .= "$kind $class " . length($subject) . ' ' . length($value) . "\n$subject$value\n";
    $records++;
}
sub class {
    my ($class, $read) = @_;
    %facts = (); %hashed = ();
    if (!eval { local $SIG{ALRM} = sub { die "took too long\n" }; alarm 60; $read->(); alarm 0; 1 }) {
        my $why = $@ || 'no reason'; alarm 0; $why =~ s/\s+$//;
        return record('U', $class, '', $why);
    }
    return record('U', $class, '', 'too many facts: ' . keys %facts) if keys(%facts) > $max_facts;
    for (sort keys %facts) {
        return record('U', $class, '', 'a subject of ' . length($_) . ' bytes') if length > $max_subject;
        record($hashed{$_} || length $facts{$_} > $max_value ? 'H' : 'F', $class, $_, substr($facts{$_}, 0, 4 << 20));
    }
    record('D', $class, '', '');
}
sub lines { my ($list, @lines) = @_; record('L', $list, '', substr($_, 0, 1000)) for @lines > 500 ? @lines[-500 .. -1] : @lines; record('D', $list, '', ''); }
sub lines_of {
    my ($path) = @_;
    my $text = slurp($path);
    return unless defined $text;
    fact("$path: $_", 'present') for effective($text);
}

# Units first: their settling is what the rest waits for.
my (%active, %failed, $units_why);
{
    my $deadline = time + ($settle || 0);
    while (1) {
        my ($text, $rc) = run('systemctl', 'list-units', '--all', '--plain', '--no-legend', '--no-pager', '--full', '--type=service,socket,path,timer');
        if ($rc) { $units_why = "systemctl list-units ended with $rc"; last; }
        %active = (); %failed = ();
        my $moving = 0;
        for (split /\n/, $text) {
            my ($unit, $load, $state, $sub) = split ' ';
            next unless defined $sub && $load ne 'not-found';
            $active{$unit} = $state;
            $failed{$unit} = 1 if $state eq 'failed';
            $moving = 1 if $state =~ /^(?:activating|deactivating|reloading)$/;
        }
        last if !$moving || time >= $deadline;
        select undef, undef, undef, 0.3;
    }
}
my %file_state;
{
    my ($text, $rc) = run('systemctl', 'list-unit-files', '--no-legend', '--no-pager', '--full');
    $units_why = "systemctl list-unit-files ended with $rc" if $rc && !$units_why;
    for (split /\n/, $text) { my ($unit, $state) = split ' '; $file_state{$unit} = $state if defined $state; }
}
sub units {
    my ($wanted) = @_;
    die "$units_why\n" if $units_why;
    my %names = map { $_ => 1 } grep { /$wanted/ } keys %active, keys %file_state;
    for (keys %names) {
        next if /^(?:user(?:-runtime-dir)?\@\d+|session-|run-)/;  # logins and transient units are not configuration
        my $state = $file_state{$_};
        if (!defined $state && /^([^\@]+\@).*(\.\w+)$/) { $state = $file_state{"$1$2"}; $state = 'instance' if defined $state; }
        fact($_, (defined $state ? $state : 'generated') . '/' . ($active{$_} || 'inactive'));
    }
}

# Processes once, for ports and processes both.
my (%exe, %uid, %unit_of, %own, %socket_owner, %user_name);
$user_name{(split /:/)[2]} = (split /:/)[0] for reverse grep { tr/:// >= 6 } split /\n/, slurp('/etc/passwd') || '';
sub read_processes {
    my %parent;
    for my $pid (grep { /^\d+$/ } entries('/proc')) {
        my $exe = readlink "/proc/$pid/exe";
        next unless defined $exe;  # kernel threads have none
        my $status = slurp("/proc/$pid/status") or next;
        $exe =~ s/ \(deleted\)$//;
        ($uid{$pid}) = $status =~ /^Uid:\s+\d+\s+(\d+)/m;
        ($parent{$pid}) = $status =~ /^PPid:\s+(\d+)/m;
        $exe{$pid} = $exe;
        my $cgroup = slurp("/proc/$pid/cgroup") || '';
        $unit_of{$pid} = $1 if $cgroup =~ m{([^/\n]+\.(?:service|scope))\s*$};
    }
    # This script and what started it on behalf of the lab, up to the agent or the login service.
    for (my $pid = $$; $pid && $pid > 1 && exists $exe{$pid}; $pid = $parent{$pid}) {
        last if $exe{$pid} =~ m{/(?:qemu-ga|sshd|systemd)$};
        $own{$pid} = 1;
    }
}
sub owners_of_sockets {
    for my $pid (keys %exe) {
        my $name = $exe{$pid};
        $name =~ s{.*/}{};
        my $unit = $unit_of{$pid} || '';
        my $plain = $unit; $plain =~ s/\.service$//;
        my $owner = $unit eq '' || $pid == 1 || $plain eq $name ? $name : "$name in $unit";
        for my $fd (entries("/proc/$pid/fd")) {
            my $target = readlink "/proc/$pid/fd/$fd";
            $socket_owner{$1}{$owner} = 1 if defined $target && $target =~ /^socket:\[(\d+)\]$/;
        }
    }
}
sub address {
    my ($hex) = @_;
    my @words = map { pack 'V', hex } $hex =~ /(.{8})/g;
    return join '.', unpack 'C4', $words[0] if @words == 1;
    my $bytes = join '', @words;
    return join '.', unpack 'C4', substr $bytes, 12 if substr($bytes, 0, 12) eq "\0" x 10 . "\xff\xff";
    my $text = join ':', map { sprintf '%x', $_ } unpack 'n8', $bytes;
    $text =~ s/(?:^|:)0(?::0)+(?::|$)/::/;
    return "[$text]";
}

class('package', sub {
    my ($text, $rc) = run('dpkg-query', '-W', '-f', '${Package}:${Architecture}\t${Version}\t${db:Status-Want}\t${db:Status-Eflag}\t${db:Status-Status}\n');
    die "dpkg-query ended with $rc\n" if $rc;
    for (split /\n/, $text) {
        my ($name, $version, $want, $flag, $status) = split /\t/;
        next if !defined $status || $status eq 'not-installed';
        fact($name, "$version $status" . ($want eq 'hold' ? ' hold' : '') . ($flag eq 'ok' ? '' : " $flag"));
    }
});
class('unit', sub { units(qr/\.(?:service|socket|path)$/) });
class('timer', sub { units(qr/\.timer$/) });
my $processes_why = eval { read_processes(); 1 } ? undef : $@;
class('port', sub {
    die $processes_why if $processes_why;
    owners_of_sockets();
    my ($low, $high) = split ' ', slurp('/proc/sys/net/ipv4/ip_local_port_range') || '32768 60999';
    for my $protocol ('tcp', 'tcp6', 'udp', 'udp6') {
        my $text = slurp("/proc/net/$protocol");
        defined $text or ($protocol =~ /6/ ? next : die "/proc/net/$protocol: $!\n");
        my ($name) = $protocol =~ /^([a-z]+)/;
        for (split /\n/, $text) {
            my @f = split ' ';
            next unless @f > 9 && $f[1] =~ /^([0-9A-F]+):([0-9A-F]{4})$/;
            my ($address, $port) = (address($1), hex $2);
            next unless $f[3] eq ($name eq 'tcp' ? '0A' : '07');
            # A client's socket of the moment; which number it got says nothing.
            $port = 'ephemeral' if $name eq 'udp' && $port >= $low && $port <= $high;
            my $subject = $address eq '0.0.0.0' || $address eq '[::]' ? "$name/$port" : "$name/$address:$port";
            fact($subject, join(', ', sort keys %{$socket_owner{$f[9]} || {}}) || 'unknown');
        }
    }
});
class('process', sub {
    die $processes_why if $processes_why;
    my %count;
    for my $pid (keys %exe) {
        next if $own{$pid};
        my $who = $user_name{$uid{$pid}} || $uid{$pid};
        my $what = $exe{$pid};
        # An interpreter says nothing by itself; the unit does.
        $what .= " in $unit_of{$pid}" if $unit_of{$pid} && $what =~ m{/(?:python|perl|ruby|node|java|php|lua|tclsh|(?:ba|da|z|k)?sh$|busybox)};
        $count{"$who $what"}++;
    }
    fact($_, $count{$_}) for keys %count;
});
my %homes;
class('user', sub {
    for (split /\n/, must('/etc/passwd')) {
        my @f = split /:/, $_, -1;
        next unless @f >= 7;
        fact($f[0], "uid=$f[2] gid=$f[3] name=$f[4] home=$f[5] shell=$f[6]");
        push @{$homes{$f[5]}}, $f[0] if $f[5] =~ m{^/.};
    }
    for (split /\n/, must('/etc/shadow')) {
        my @f = split /:/, $_, -1;
        next unless @f >= 8;
        my $subject = "$f[0] password";
        my $rest = join ':', @f[3 .. 7];
        if ($f[1] =~ /^[!*]+$/) { fact($subject, "locked $rest"); }
        elsif ($f[1] eq '') { fact($subject, "EMPTY $rest"); }
        else { fact($subject, "$f[1] $rest"); $hashed{$subject} = 1; }
    }
});
class('group', sub {
    for (split /\n/, must('/etc/group')) {
        my @f = split /:/, $_, -1;
        fact($f[0], "gid=$f[2] members=" . join(',', sort split /,/, $f[3])) if @f >= 4;
    }
    for (split /\n/, slurp('/etc/gshadow') || '') {
        my @f = split /:/, $_, -1;
        next if @f < 4 || ($f[1] =~ /^[!*]*$/ && $f[2] eq '');
        fact("$f[0] password", "$f[1] $f[2]");
        $hashed{"$f[0] password"} = 1;
    }
});
class('sudo', sub {
    lines_of($_) for grep { -f } '/etc/sudoers', (map { "/etc/sudoers.d/$_" } grep { !/~$|\./ } entries('/etc/sudoers.d')), '/etc/doas.conf';
});
class('ssh-key', sub {
    my %seen;
    for my $home (sort keys %homes) {
        for my $file (map { "$home/.ssh/$_" } grep { /^authorized_keys/ } entries("$home/.ssh")) {
            next if $seen{$file}++;
            my $text = slurp($file);
            defined $text or die "$file: $!\n";
            for (effective($text)) {
                my ($options, $type, $key, $comment) = /^(.*?)\s*((?:ssh|ecdsa|sk)-\S+)\s+(\S+)\s*(.*)$/ ? ($1, $2, $3, $4) : ('', 'odd', $_, '');
                fact("$file: $type ..." . substr($key, -32) . " $comment", $options eq '' ? 'authorized' : "authorized: $options");
            }
        }
    }
    for (grep { /_key\.pub$/ } entries('/etc/ssh')) { my $key = slurp("/etc/ssh/$_"); next unless defined $key; fact("/etc/ssh/$_: host key", $key); $hashed{"/etc/ssh/$_: host key"} = 1; }
});
# Not settings: counters, identities of the boot, and what the kernel moves by itself.
my $volatile = qr{^(?:
    fs\.(?:dentry-state|inode-nr|inode-state|file-nr|aio-nr|quota\..*|binfmt_misc.*|epoll\..*_nr)
  | kernel\.(?:random\.(?:uuid|boot_id|entropy_avail)|ns_last_pid|pty\.nr|tainted|perf_event_max_sample_rate|perf_cpu_time_max_percent
      |sched_domain.*|hostname|osrelease|version|keys\.gc.*|spl.*|ngroups_max)
  | net\.(?:netfilter\.nf_conntrack_count|ipv4\.(?:tcp_fastopen_key|neigh\..*\.gc_.*)|netfilter\.nf_log.*)
  | vm\.(?:stat_refresh|nr_pdflush_threads|compact_memory|drop_caches)
)$}x;
sub read_sysctl {
    my ($dir, $name) = @_;
    for (entries($dir)) {
        next if $name eq '' && !/^(?:fs|kernel|net|vm|dev|user|abi|debug|crypto)$/;
        my $key = $name eq '' ? $_ : "$name.$_";
        next if $key =~ $volatile;
        my $path = "$dir/$_";
        my $mode = (lstat $path)[2];
        next unless defined $mode;
        if (($mode & 0170000) == 0040000) { read_sysctl($path, $key) unless $key eq 'fs.binfmt_misc'; next; }  # reading it would mount it
        next unless $mode & 0444;
        my $value = slurp($path, 65536);
        next unless defined $value;
        $value =~ s/\s+$//;
        $value =~ s/\s+/ /g;
        fact($key, $value);
    }
}
class('sysctl', sub { read_sysctl('/proc/sys', ''); die "/proc/sys is empty\n" unless %facts; });
class('module', sub { my $text = slurp('/proc/modules'); for (split /\n/, defined $text ? $text : '') { fact((split ' ')[0], 'loaded'); } });
class('mount', sub {
    for (split /\n/, must('/proc/self/mountinfo')) {
        my ($left, $right) = split / - /, $_, 2;
        my @l = split ' ', $left;
        my @r = split ' ', $right || '';
        next if @l < 6 || @r < 2 || $l[4] =~ m{^/run/(?:credentials|user)/};  # per-service and per-login, gone with them
        $r[0] = 'autofs' if $r[0] eq 'autofs';
        fact($l[4], "$r[1] $r[0] $l[5]" . ($l[3] eq '/' ? '' : " from $l[3]"));
    }
});
class('cron', sub {
    lines_of($_) for grep { -f } '/etc/crontab', '/etc/anacrontab', map { my $d = $_; map { "$d/$_" } grep { $_ ne '.placeholder' } entries($d) }
        '/etc/cron.d', '/var/spool/cron/crontabs', '/var/spool/cron/atjobs';
    for my $dir (map { "/etc/cron.$_" } 'hourly', 'daily', 'weekly', 'monthly', 'yearly') {
        for (grep { $_ ne '.placeholder' } entries($dir)) { fact("$dir/$_: script", -x "$dir/$_" ? 'runs' : 'does not run'); }
    }
});
class('firewall', sub {
    # Asking nft would load its kernel module, so only ask when rules can exist.
    my $legacy = join '', map { slurp("/proc/net/$_") || '' } 'ip_tables_names', 'ip6_tables_names';
    if (-d '/sys/module/nf_tables') {
        my ($tool) = grep { -x } '/usr/sbin/nft', '/sbin/nft';
        die "the kernel has nf_tables loaded, but nft is not installed\n" unless $tool;
        my ($text, $rc) = run($tool, '-n', 'list', 'ruleset');
        die "nft ended with $rc\n" if $rc;
        my @where;
        for (split /\n/, $text) {
            s/^\s+|\s+$//g; s/ packets \d+ bytes \d+//;
            next if $_ eq '';
            if (/^\}/) { pop @where; next; }
            if (s/\s*\{$//) { fact(join(' / ', @where, $_), 'present'); push @where, $_; next; }
            fact(substr(join(' / ', @where, $_), 0, 900), 'present');
        }
    }
    if ($legacy ne '') {
        for my $tool ('iptables-legacy-save', 'ip6tables-legacy-save') {
            my ($path) = grep { -x } map { "$_/$tool" } '/usr/sbin', '/sbin';
            die "iptables rules are loaded, but $tool is not installed\n" unless $path;
            my ($text, $rc) = run($path);
            die "$tool ended with $rc\n" if $rc;
            my $table = '';
            for (split /\n/, $text) { next if /^#|^COMMIT/; s/\[\d+:\d+\]//; $table = $_, next if /^\*/; fact("$tool $table $_", 'present'); }
        }
    }
});
class('certificate', sub {
    my $bundle = '/etc/ssl/certs/ca-certificates.crt';
    my $text = slurp($bundle);
    if (defined $text) { fact("$bundle: bundle", $text); $hashed{"$bundle: bundle"} = 1; }
    for (entries('/etc/ssl/certs')) { my $target = readlink "/etc/ssl/certs/$_"; fact("/etc/ssl/certs/$_: trusted", $target) if defined $target && !/^[0-9a-f]{8}\.\d+$/; }
    fact("/usr/local/share/ca-certificates/$_: local", 'present') for entries('/usr/local/share/ca-certificates');
});
class('kernel', sub {
    my $release = must('/proc/sys/kernel/osrelease'); my $version = must('/proc/sys/kernel/version'); my $line = must('/proc/cmdline');
    s/\s+$// for $release, $version, $line;
    $line =~ s/\bBOOT_IMAGE=\S*\s*//;  # names the kernel, which the release says already
    fact('release', $release); fact('version', $version); fact('command line', $line);
});
class('boot', sub {
    my $text = slurp('/boot/grub/grub.cfg');
    if (defined $text) {
        for (split /\n/, $text) {
            fact("/boot/grub/grub.cfg: kernel arguments: $1", 'present') if /^\s*linux\S*\s+\S+\s+(.*?)\s*$/;
            fact('/boot/grub/grub.cfg: default entry', $1) if /^\s*set default="?([^"\$]*)"?\s*$/ && $1 ne '';
        }
    }
    for my $file ('/etc/default/grub', map { "/etc/default/grub.d/$_" } grep { /\.cfg$/ } entries('/etc/default/grub.d')) { lines_of($file) if -f $file; }
    for ('/vmlinuz', '/initrd.img', '/boot/vmlinuz', '/boot/initrd.img') { my $target = readlink $_; fact("$_: link", $target) if defined $target; }
});
class('apt-source', sub {
    lines_of($_) for grep { -f } '/etc/apt/sources.list', map { "/etc/apt/sources.list.d/$_" } grep { /\.(?:list|sources)$/ } entries('/etc/apt/sources.list.d');
    for my $key (grep { -f } '/etc/apt/trusted.gpg', map { "/etc/apt/trusted.gpg.d/$_" } grep { !/~$/ } entries('/etc/apt/trusted.gpg.d')) {
        my $text = slurp($key);
        defined $text or die "$key: $!\n";
        fact("$key: trusted key", $text); $hashed{"$key: trusted key"} = 1;
    }
});
class('pam', sub { lines_of("/etc/pam.d/$_") for grep { -f "/etc/pam.d/$_" } entries('/etc/pam.d'); lines_of('/etc/pam.conf'); });
class('preload', sub { my $text = slurp('/etc/ld.so.preload'); if (defined $text) { fact("/etc/ld.so.preload: $_", 'present') for split ' ', $text; } });
class('alternative', sub {
    for (entries('/var/lib/dpkg/alternatives')) {
        next if /\.dpkg-tmp$/;
        my ($mode) = (slurp("/var/lib/dpkg/alternatives/$_") || '') =~ /^(\w+)/;
        my $target = readlink "/etc/alternatives/$_";
        fact("/etc/alternatives/$_: alternative", ($mode || 'unknown') . ' -> ' . (defined $target ? $target : 'nothing'));
    }
    my @lines = split /\n/, slurp('/var/lib/dpkg/diversions') || '';
    while (my ($from, $to, $package) = splice @lines, 0, 3) { fact("$from: diversion", "to $to by " . (defined $package ? $package : '?')); }
});

# Health.
if ($units_why) { record('U', 'failed-units', '', $units_why); } else { lines('failed-units', sort keys %failed); }
my @dumps = map { my $d = $_; map { "$d/$_" } grep { !/^\./ } entries($d) } '/var/lib/systemd/coredump', '/var/crash';
if (sysopen(my $kmsg, '/dev/kmsg', O_RDONLY | O_NONBLOCK)) {
    my @errors;
    while (1) {
        my $got = sysread $kmsg, my $line, 8192;
        if (!defined $got) { next if $!{EPIPE}; last; }  # overwritten before it was read: the next one is there
        last unless $got;
        next unless $line =~ /^(\d+),\d+,\d+,[^;]*;([^\n]*)/;
        push @dumps, $2 if $2 =~ /\bsegfault at\b|\btraps: .* (?:trap|general protection)|\bgeneral protection fault\b/;
        push @errors, $2 if ($1 & 7) <= 3 && $1 < 8;
    }
    lines('kernel-errors', @errors);
} else { record('U', 'kernel-errors', '', "/dev/kmsg: $!"); }
lines('core-dumps', @dumps);
{
    my ($text, $rc) = run('journalctl', '-b', '-p', 'err', '-q', '-o', 'short', '--no-hostname', '--no-pager', '-n', '500');
    if ($rc) { record('U', 'journal-errors', '', "journalctl ended with $rc"); }
    else { lines('journal-errors', grep { !/^kernel: / } map { s/^\w{3} [ \d]\d \d\d:\d\d:\d\d //; $_ } split /\n/, $text); }
}

my $boot = slurp('/proc/sys/kernel/random/boot_id') || '';
$boot =~ s/\s//g;
binmode STDOUT;
print "patchlab-capture 1 $nonce $boot\n", $out, "E $nonce $records\n";
