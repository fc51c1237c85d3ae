# SPDX-License-Identifier: Apache-2.0
#
# How the machine is configured: accounts, rights, jobs, trust, boot.

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
# What of a file with sections has an effect, each line with its section.
sub settings_of {
    my ($path) = @_;
    my $section = '';
    for (effective(slurp($path) || '')) {
        if (/^\[.*\]$/) { $section = "$_ " }
        fact("$path: $section$_", 'present') unless /^\[/;
    }
}
# Repositories of dnf and zypper, what they are told of all, and the keys in RPM's database.
sub rpm_sources {
    for my $dir ('/etc/yum.repos.d', '/etc/zypp/repos.d') {
        settings_of("$dir/$_") for grep { /\.repo$/ } entries($dir);
    }
    settings_of($_)
        for grep { -f } '/etc/dnf/dnf.conf', '/etc/zypp/zypp.conf',
        map { "/etc/dnf/vars/$_" } entries('/etc/dnf/vars');
    return if $has_dpkg;
    my ($text, $rc) = run('rpm', '-q', 'gpg-pubkey', '--qf', '%{VERSION}-%{RELEASE}\t%{SUMMARY}\n');
    return if $rc;    # none
    for (split /\n/, $text) {
        fact("/var/lib/rpm/gpg-pubkey-$1: trusted key", $2) if /^([0-9a-f-]+)\t(.*)$/;
    }
}
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
    rpm_sources();
};
class 'pam' => sub {
    lines_of("/etc/pam.d/$_") for grep { -f "/etc/pam.d/$_" } entries('/etc/pam.d');
    lines_of('/etc/pam.conf');
};
# When the machine's start was over, in microseconds; asked with what is asked of systemd anyway.
my $boot_finished;
# The words of a line as systemd writes it: those with blanks in quotes, with backslashes.
sub words_of {
    my ($line) = @_;
    my @words;
    while ($line =~ /\G\s*("(?:[^"\\]|\\.)*"|\$'(?:[^'\\]|\\.)*'|\S+)/g) {
        my $word = $1;
        if ($word =~ s/^"(.*)"\z/$1/s || $word =~ s/^\$'(.*)'\z/$1/s) { $word =~ s/\\(.)/$1/gs }
        push @words, $word;
    }
    return @words;
}
class 'preload' => sub {
    my $text = slurp('/etc/ld.so.preload');
    if (defined $text) { fact("/etc/ld.so.preload: $_", 'present') for split ' ', $text }
    # What each service that starts from now on is given; in no file.
    return unless -d '/run/systemd/system';
    my ($shown, $rc) = run('systemctl', 'show', '--property=Environment,FinishTimestampMonotonic');
    die "systemctl show ended with $rc\n" if $rc;
    ($boot_finished) = $shown =~ /^FinishTimestampMonotonic=(\d+)$/m;
    my ($variables) = $shown =~ /^Environment=(.*)$/m;
    for (words_of(defined $variables ? $variables : '')) {
        my ($name, $value) = /^(\w+)=(.*)/s or next;
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

# The same form everywhere; Debian keeps it elsewhere.
my ($alternatives_dir) = grep { -d } '/var/lib/dpkg/alternatives', '/var/lib/alternatives';
$alternatives_dir = '/var/lib/alternatives' unless defined $alternatives_dir;

sub alternatives {
    return grep { !/\.(?:dpkg-tmp|new)$/ } entries($alternatives_dir);
}
# Its mode; the links of it and of what follows it, by name; its candidates with their priorities.
my %alternatives;

sub alternative {
    my ($name) = @_;
    return $alternatives{$name} if $alternatives{$name};
    my ($mode, $link, @lines) = split /\n/, slurp("$alternatives_dir/$name") || '', -1;
    return undef unless defined $link;
    my %links = ($name => $link);
    while (@lines && $lines[0] ne '') {
        my ($follower, $its_link) = splice @lines, 0, 2;
        $links{$follower} = $its_link if defined $its_link;
    }
    shift @lines;
    my %candidates;
    while (@lines && $lines[0] ne '') {
        # a path, its priority, and one line for each follower
        my ($path, $priority) = splice @lines, 0, 1 + keys %links;
        $candidates{$path} = $priority if defined $priority;
    }
    return $alternatives{$name} = { mode => $mode, links => \%links, candidates => \%candidates };
}
# Where a file stood, where it was put aside, by which package.
sub diversions {
    my @lines = split /\n/, slurp('/var/lib/dpkg/diversions') || '';
    my @all;
    while (my @diversion = splice @lines, 0, 3) { push @all, \@diversion }
    return @all;
}
class 'alternative' => sub {
    for my $name (alternatives()) {
        my $alternative = alternative($name);
        my $target = readlink "/etc/alternatives/$name";
        fact(
            "/etc/alternatives/$name: alternative",
            ($alternative && $alternative->{mode} || 'unknown') . ' -> '
                . (defined $target ? $target : 'nothing')
        );
        next unless $alternative;
        my %candidates = %{ $alternative->{candidates} };
        fact("/etc/alternatives/$name: candidate $_", "priority $candidates{$_}")
            for keys %candidates;
    }
    for (split /\n/, slurp('/var/lib/dpkg/statoverride') || '') {
        my ($user, $group, $mode, $path) = split ' ', $_, 4;
        fact("$path: mode override", "$user $group $mode") if defined $path;
    }
    for (diversions()) {
        my ($from, $to, $package) = @$_;
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
    search_paths();
};

