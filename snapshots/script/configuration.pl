# SPDX-License-Identifier: Apache-2.0
#
# How the machine is configured: accounts, rights, kernel settings, mounts, jobs, trust, boot.

my %homes;
class 'user' => sub {
    for (split /\n/, must('/etc/passwd')) {
        my @f = split /:/, $_, -1;
        next unless @f >= 7;
        fact($f[0], "uid=$f[2] gid=$f[3] name=$f[4] home=$f[5] shell=$f[6]");
        push @{ $homes{ $f[5] } }, $f[0] if $f[5] =~ m{^/.};
    }
    for (split /\n/, must('/etc/shadow')) {
        my @f = split /:/, $_, -1;
        next unless @f >= 8;
        my $subject = "$f[0] password";
        my $rest = join ':', @f[3 .. 7];
        if ($f[1] =~ /^[!*]+$/) { fact($subject, "locked $rest") }
        elsif ($f[1] eq '') { fact($subject, "EMPTY $rest") }
        else { fact($subject, "$f[1] $rest"); $hashed{$subject} = 1; }
    }
};
class 'group' => sub {
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
};
class 'sudo' => sub {
    lines_of($_)
        for grep { -f } '/etc/sudoers',
        (map { "/etc/sudoers.d/$_" } grep { !/~$|\./ } entries('/etc/sudoers.d')), '/etc/doas.conf';
};
class 'ssh-key' => sub {
    my %seen;
    for my $home (sort keys %homes) {
        for my $file (map { "$home/.ssh/$_" } grep { /^authorized_keys/ } entries("$home/.ssh")) {
            next if $seen{$file}++;
            my $text = slurp($file);
            defined $text or die "$file: $!\n";
            for (effective($text)) {
                my ($options, $type, $key, $comment) =
                    /^(.*?)\s*((?:ssh|ecdsa|sk)-\S+)\s+(\S+)\s*(.*)$/
                    ? ($1, $2, $3, $4)
                    : ('', 'odd', $_, '');
                fact(
                    "$file: $type ..." . substr($key, -32) . " $comment",
                    $options eq '' ? 'authorized' : "authorized: $options"
                );
            }
        }
    }
    for (grep { /_key\.pub$/ } entries('/etc/ssh')) {
        my $key = slurp("/etc/ssh/$_");
        next unless defined $key;
        fact("/etc/ssh/$_: host key", $key);
        $hashed{"/etc/ssh/$_: host key"} = 1;
    }
};
# Not settings: counters, identities of the boot, and what the kernel moves by itself.
my $volatile = qr{^(?:
    fs\.(?:dentry-state|inode-nr|inode-state|file-nr|aio-nr|quota\..*|binfmt_misc.*|epoll\..*_nr)
  | kernel\.(?:random\.(?:uuid|boot_id|entropy_avail)|ns_last_pid|pty\.nr|tainted
      |perf_event_max_sample_rate|perf_cpu_time_max_percent
      |sched_domain.*|osrelease|version|keys\.gc.*|spl.*|ngroups_max)
  | net\.(?:netfilter\.nf_conntrack_count|ipv4\.(?:tcp_fastopen_key|neigh\..*\.gc_.*)
      |netfilter\.nf_log.*)
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
        # reading it would mount it
        if (($mode & 0170000) == 0040000) {
            read_sysctl($path, $key) unless $key eq 'fs.binfmt_misc';
            next;
        }
        next unless $mode & 0444;
        my $value = slurp($path, 65536);
        next unless defined $value;
        $value =~ s/\s+$//;
        $value =~ s/\s+/ /g;
        fact($key, $value);
    }
}
# What may be set there by whoever writes into it; nothing keeps it over a reboot. Statistics cannot
# be written.
sub read_settings {
    my ($dir, $depth) = @_;
    for (entries($dir)) {
        my $path = "$dir/$_";
        my $mode = (lstat $path)[2];
        next unless defined $mode;
        if (($mode & 0170000) == 0040000) { read_settings($path, $depth - 1) if $depth; next; }
        next unless ($mode & 0170600) == 0100600;
        my $value = slurp($path, 65536);
        next unless defined $value;
        fact($path, join ' ', split ' ', $value);
    }
}
class 'sysctl' => sub {
    read_sysctl('/proc/sys', '');
    die "/proc/sys is empty\n" unless %facts;
    read_settings('/sys/kernel/mm', 4);
    # what starts next is no file
    for ('/sys/kernel/kexec_loaded', '/sys/kernel/kexec_crash_loaded') {
        my $value = slurp($_);
        fact($_, $value + 0) if defined $value;
    }
    read_settings("/sys/module/$_/parameters", 0) for entries('/sys/module');
    read_settings("/sys/block/$_/queue", 0) for grep { !/^(?:loop|ram)\d/ } entries('/sys/block');
    for my $cpu (
        map { "/sys/devices/system/cpu/$_" }
        grep { /^cpu\d+$/ } entries('/sys/devices/system/cpu')
        )
    {
        for ("$cpu/online", "$cpu/cpufreq/scaling_governor") {
            my $value = slurp($_);
            fact($_, join ' ', split ' ', $value) if defined $value;
        }
    }
};
class 'module' => sub {
    my $text = slurp('/proc/modules');
    for (split /\n/, defined $text ? $text : '') { fact((split ' ')[0], 'loaded') }
};
class 'mount' => sub {
    for (split /\n/, must('/proc/self/mountinfo')) {
        my ($left, $right) = split / - /, $_, 2;
        my @l = split ' ', $left;
        my @r = split ' ', $right || '';
        # per-service and per-login, gone with them; and ours
        next if @l < 6 || @r < 2 || $l[4] =~ m{^/run/(?:credentials/|user/|patchlab/disk$)};
        $r[0] = 'autofs' if $r[0] eq 'autofs';
        fact($l[4], "$r[1] $r[0] $l[5]" . ($l[3] eq '/' ? '' : " from $l[3]"));
    }
    for (split /\n/, slurp('/proc/swaps') || '') {
        my ($file, $type) = split ' ';
        fact("$file: swap", $type) if $file =~ m{^/};
    }
};
class 'cron' => sub {
    lines_of($_) for grep { -f } '/etc/crontab', '/etc/anacrontab', map {
        my $d = $_;
        map { "$d/$_" } grep { $_ ne '.placeholder' } entries($d)
    } '/etc/cron.d', '/var/spool/cron/crontabs', '/var/spool/cron/atjobs';
    for my $dir (map { "/etc/cron.$_" } 'hourly', 'daily', 'weekly', 'monthly', 'yearly') {
        for (grep { $_ ne '.placeholder' } entries($dir)) {
            fact("$dir/$_: script", -x "$dir/$_" ? 'runs' : 'does not run');
        }
    }
    # What logrotate runs as root, day by day.
    for my $file (grep { -f } '/etc/logrotate.conf',
        map { "/etc/logrotate.d/$_" } entries('/etc/logrotate.d'))
    {
        my $in_script = 0;
        for (effective(slurp($file) || '')) {
            if (/^(?:pre|post)rotate$|^(?:first|last)action$|^preremove$/) { $in_script = 1 }
            elsif ($_ eq 'endscript') { $in_script = 0 }
            elsif ($in_script) { fact("$file: runs $_", 'present') }
        }
    }
};
class 'firewall' => sub {
    # Asking nft would load its kernel module, so only ask when rules can exist.
    my $legacy = join '', map { slurp("/proc/net/$_") || '' } 'ip_tables_names', 'ip6_tables_names';
    if (-d '/sys/module/nf_tables') {
        my ($tool) = grep { -x } '/usr/sbin/nft', '/sbin/nft';
        die "the kernel has nf_tables loaded, but nft is not installed\n" unless $tool;
        my ($text, $rc) = run($tool, '-n', 'list', 'ruleset');
        die "nft ended with $rc\n" if $rc;
        my @where;
        for (split /\n/, $text) {
            s/^\s+|\s+$//g;
            s/ packets \d+ bytes \d+//;
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
            for (split /\n/, $text) {
                next if /^#|^COMMIT/;
                s/\[\d+:\d+\]//;
                if (/^\*/) { $table = $_ }
                else { fact("$tool $table $_", 'present') }
            }
        }
    }
};
class 'network' => sub {
    # an end of a container's link is named by lot
    for my $name (grep { !/^veth/ } entries('/sys/class/net')) {
        my ($flags, $mtu) = map { slurp("/sys/class/net/$name/$_") } 'flags', 'mtu';
        next unless defined $flags && defined $mtu;
        s/\s+$// for $flags, $mtu;
        fact("$name: interface", (hex $flags & 1 ? 'up' : 'down') . " mtu $mtu");
    }
    my $local = '';    # the table of local addresses names each by a leaf of its tree
    for (split /\n/, slurp('/proc/net/fib_trie') || '') {
        if (/\|-- ([0-9.]+)/) { $local = $1 }
        elsif (m{/32 host LOCAL}) { fact("$local: address", 'present') }
    }
    for (split /\n/, slurp('/proc/net/if_inet6') || '') {
        my ($address, undef, $bits, undef, $flags, $name) = split ' ';
        # 1: temporary, drawn by lot
        fact(colons(pack 'H32', $address) . '/' . hex($bits) . " on $name: address", 'present')
            if defined $name && $name !~ /^veth/ && !(hex($flags) & 1);
    }
    for (split /\n/, slurp('/proc/net/route') || '') {
        my ($name, $to, $gateway, $flags, $mask) = (split "\t")[0 .. 3, 7];
        next unless defined $mask && $flags =~ /^[0-9A-F]+$/ && hex($flags) & 1;
        my $bits = unpack '%32b*', pack 'V', hex $mask;
        fact(
            ($bits ? address($to) . "/$bits" : 'default') . " by $name: route",
            hex($flags) & 2 ? 'via ' . address($gateway) : 'direct'
        );
    }
    for (split /\n/, slurp('/proc/net/ipv6_route') || '') {
        my ($to, $bits, $via, $flags, $name) = (split ' ')[0, 1, 4, 8, 9];
        # of this machine itself, or rejected: the kernel keeps them
        next if !defined $name || hex($flags) & 0x80200000;
        # of a group or a link, or learnt of a neighbour for a while
        next if $to =~ /^f(?:f|e[89ab])/ || hex($flags) & 0x400000;
        fact(
            (hex $bits ? colons(pack 'H32', $to) . '/' . hex $bits : 'default')
            . " by $name: route (IPv6)",
            $via =~ /[^0]/ ? 'via ' . colons(pack 'H32', $via) : 'direct'
        );
    }
    for (split /\n/, slurp('/etc/resolv.conf') || '') {
        fact("$1: name server", 'present') if /^\s*nameserver\s+(\S+)/;
    }
};
class 'certificate' => sub {
    my $bundle = '/etc/ssl/certs/ca-certificates.crt';
    my $text = slurp($bundle);
    if (defined $text) { fact("$bundle: bundle", $text); $hashed{"$bundle: bundle"} = 1; }
    for (entries('/etc/ssl/certs')) {
        my $target = readlink "/etc/ssl/certs/$_";
        fact("/etc/ssl/certs/$_: trusted", $target) if defined $target && !/^[0-9a-f]{8}\.\d+$/;
    }
    fact("/usr/local/share/ca-certificates/$_: local", 'present')
        for entries('/usr/local/share/ca-certificates');
};
class 'kernel' => sub {
    my $release = must('/proc/sys/kernel/osrelease');
    my $version = must('/proc/sys/kernel/version');
    my $line = must('/proc/cmdline');
    s/\s+$// for $release, $version, $line;
    $line =~ s/\bBOOT_IMAGE=\S*\s*//;    # names the kernel, which the release says already
    fact('release', $release);
    fact('version', $version);
    fact('command line', $line);

    for (split /\n/, slurp('/sys/kernel/security/apparmor/profiles') || '') {
        fact("confined: $1", $2) if /^(.+) \((\w+)\)$/;
    }
    my $enforcing = slurp('/sys/fs/selinux/enforce');
    fact('confined: SELinux', $enforcing =~ /1/ ? 'enforce' : 'permissive') if defined $enforcing;
};
class 'boot' => sub {
    my $text = slurp('/boot/grub/grub.cfg');
    if (defined $text) {
        for (split /\n/, $text) {
            fact("/boot/grub/grub.cfg: kernel arguments: $1", 'present')
                if /^\s*linux\S*\s+\S+\s+(.*?)\s*$/;
            fact('/boot/grub/grub.cfg: default entry', $1)
                if /^\s*set default="?([^"\$]*)"?\s*$/ && $1 ne '';
        }
    }
    for my $file ('/etc/default/grub',
        map { "/etc/default/grub.d/$_" } grep { /\.cfg$/ } entries('/etc/default/grub.d'))
    {
        lines_of($file) if -f $file;
    }
    for ('/vmlinuz', '/initrd.img', '/boot/vmlinuz', '/boot/initrd.img') {
        my $target = readlink $_;
        fact("$_: link", $target) if defined $target;
    }
};
class 'apt-source' => sub {
    lines_of($_)
        for grep { -f } '/etc/apt/sources.list', map { "/etc/apt/sources.list.d/$_" }
        grep { /\.(?:list|sources)$/ } entries('/etc/apt/sources.list.d');
    for my $key (grep { -f } '/etc/apt/trusted.gpg',
        map { "/etc/apt/trusted.gpg.d/$_" } grep { !/~$/ } entries('/etc/apt/trusted.gpg.d'))
    {
        my $text = slurp($key);
        defined $text or die "$key: $!\n";
        fact("$key: trusted key", $text);
        $hashed{"$key: trusted key"} = 1;
    }
};
class 'pam' => sub {
    lines_of("/etc/pam.d/$_") for grep { -f "/etc/pam.d/$_" } entries('/etc/pam.d');
    lines_of('/etc/pam.conf');
};
class 'preload' => sub {
    my $text = slurp('/etc/ld.so.preload');
    if (defined $text) { fact("/etc/ld.so.preload: $_", 'present') for split ' ', $text }
    # What each service that starts from now on is given; in no file.
    return unless -d '/run/systemd/system';
    my ($variables, $rc) = run('systemctl', 'show-environment');
    die "systemctl show-environment ended with $rc\n" if $rc;
    for (split /\n/, $variables) {
        my ($name, $value) = /^(\w+)=(.*)/ or next;
        fact("environment of services: $name", $value);
        $hashed{"environment of services: $name"} = 1;
    }
};
# Which file the loader takes for each name; of several, in its order (hardware capabilities are
# left out: the order says what they decide).
class 'library' => sub {
    return unless -e '/etc/ld.so.cache';
    my ($tool) = grep { -x } '/usr/sbin/ldconfig', '/sbin/ldconfig';
    die "ldconfig is not installed\n" unless $tool;
    my ($text, $rc) = run($tool, '-p');
    die "ldconfig -p ended with $rc\n" if $rc;
    my %paths;
    for (split /\n/, $text) {
        my ($name, $kind, $path) = /^\t(\S+) \(([^)]*)\) => (\S+)$/ or next;
        $kind =~ s/, .*//;
        $path =~ s{^/(lib[^/]*/)}{/usr/$1};
        push @{ $paths{"$name ($kind)"} }, $path;
    }
    die "ldconfig -p says nothing\n" unless %paths;
    fact($_, join ' ', @{ $paths{$_} }) for keys %paths;
};
class 'alternative' => sub {
    for (entries('/var/lib/dpkg/alternatives')) {
        next if /\.dpkg-tmp$/;
        my ($mode) = (slurp("/var/lib/dpkg/alternatives/$_") || '') =~ /^(\w+)/;
        my $target = readlink "/etc/alternatives/$_";
        fact("/etc/alternatives/$_: alternative",
            ($mode || 'unknown') . ' -> ' . (defined $target ? $target : 'nothing'));
    }
    my @lines = split /\n/, slurp('/var/lib/dpkg/diversions') || '';
    while (my ($from, $to, $package) = splice @lines, 0, 3) {
        fact("$from: diversion", "to $to by " . (defined $package ? $package : '?'));
    }
    # Programs of one name: who stands first in the path is found, the others are not.
    my %found;
    for my $dir (grep { !-l } '/usr/local/sbin',
        '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin')
    {
        push @{ $found{$_} }, "$dir/$_" for entries($dir);
    }
    for (grep { @$_ > 1 } values %found) {
        my ($first, @hidden) = grep { -f && -x _ } @$_;
        fact("$first: program", "before @hidden") if @hidden;
    }
};

