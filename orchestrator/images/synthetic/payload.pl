# SPDX-License-Identifier: Apache-2.0
#
# The files of a package, as the installed system has them: its postinst gave some of them to other
# owners, and /usr is merged.

# Written when the system is made ready, so no package owns them.
my %not_owned = map { $_ => 1 } qw(/etc/dnf/dnf.conf /etc/dnf/plugins/local.conf
    /usr/lib/os-release /etc/os-release /etc/debian_version);
my $not_owned_below =
    qr{^/(?:etc/(?:apt|dpkg)|var/(?:lib/(?:dpkg|apt)|cache/(?:apt|debconf)))(?:/|$)};
my %merged = map { $_ => "usr/$_" } qw(bin sbin lib lib32 lib64 libx32);

# Their services are the system itself, or what carries this conversation.
my $never_restarted = qr{^(?:systemd|dbus|udev|rpm$|qemu-guest-agent$|libpam|login$|util-linux$)};

# Of a unit for emergencies.
my $shell = qr{/(?:ba|da)?sh$};

# The program of each unit that runs one all the time → the unit.
sub program_units {
    my %units;
    for my $file (glob '/usr/lib/systemd/system/*.service') {
        next if $file =~ /@/ || -l $file || !open my $unit, '<', $file;
        my $text = do { local $/ = undef; <$unit> };
        next if $text =~ /^Type\s*=\s*oneshot/m;
        my ($program) = $text =~ m{^ExecStart\s*=\s*[-@:+!]*(/\S+)}m or next;
        next if $program =~ $shell;
        $program =~ s{^/(s?bin|lib)/}{/usr/$1/};
        push @{ $units{$program} }, $file =~ s{.*/}{}r;
    }
    return \%units;
}

sub output {
    my (@command) = @_;
    open my $from, '-|', @command or die "$command[0]: $!\n";
    my $text = do { local $/ = undef; <$from> };
    close $from or die "@command ended with $?\n";
    return defined $text ? $text : '';
}

sub must_run {
    my (@command) = @_;
    system(@command) == 0 or die "@command ended with $?\n";
}

sub entries_of {
    my ($folder) = @_;
    opendir my $open, $folder or die "$folder: $!\n";
    my @names = sort grep { $_ ne '.' && $_ ne '..' } readdir $open;
    return @names;
}

# What is in $from, into $to, where some of it may be.
sub merge_folders {
    my ($from, $to) = @_;
    for my $name (entries_of($from)) {
        my ($a, $b) = ("$from/$name", "$to/$name");
        if (-d $a && !-l $a && -d $b) { merge_folders($a, $b) }
        else { rename $a, $b or die "$b: $!\n" }
    }
    rmdir $from or die "$from: $!\n";
}

sub merge_usr {
    my ($root) = @_;
    for my $name (sort keys %merged) {
        my ($from, $to) = ("$root/$name", "$root/$merged{$name}");
        next if -l $from || !-d $from;
        mkdir "$root/usr", 0755;
        mkdir $to, 0755;
        merge_folders($from, $to);
    }
}

# Every path below, folders first, without the root.
sub paths_below {
    my ($root) = @_;
    my (@found, @folders);
    @folders = ('');
    while (defined(my $folder = shift @folders)) {
        for my $name (entries_of("$root$folder")) {
            my $path = "$folder/$name";
            push @found, $path;
            push @folders, $path if !-l "$root$path" && -d _;
        }
    }
    return @found;
}

# The folders that belong to the base system alone; every package of Debian lists them.
sub base_folders {
    my ($deb) = @_;
    my %folders;
    for (split /\n/, output('dpkg-deb', '-c', $deb)) {
        my ($path) = m{^d\S+\s+\S+\s+\S+\s+\S+\s+\S+\s+\./(.*?)/?$} or next;
        my ($first, $rest) = $path =~ m{^([^/]+)(/.*)?$} or next;
        $folders{ '/' . ($merged{$first} || $first) . (defined $rest ? $rest : '') } = 1;
    }
    return \%folders;
}

# What Python compiles when a package is installed is part of it, as in packages of RPM.
sub add_compiled {
    my ($root, $baseline) = @_;
    my @modules = grep { m{^/usr/lib/python3[^/]*/.*\.py$} } paths_below($root);
    return unless @modules;
    my %folders;
    for my $module (@modules) {
        my ($folder, $name) = $module =~ m{^(.*)/([^/]+)\.py$};
        my @compiled = grep { -f } glob "\Q$folder/__pycache__/$name\E.cpython-*.pyc";
        $folders{$folder} = 1 if @compiled;
        next unless $baseline && @compiled;
        mkdir "$root$folder/__pycache__", 0755;
        must_run('cp', '-p', @compiled, "$root$folder/__pycache__/");
    }
    return if $baseline || !%folders;
    must_run('python3', '-m', 'compileall', '-q', '-l', '-s', $root, '-p', '/',
        map { "$root$_" } sort keys %folders);
}

# Gives $path in the payload the mode and the owner that it has in the system. False: the system
# has no such path, or another kind of thing there.
sub as_installed {
    my ($root, $path) = @_;
    my @here = lstat $path or return 0;
    my @file = lstat "$root$path";
    return 0 if POSIX::S_ISDIR($file[2]) && !POSIX::S_ISDIR($here[2]);
    return 1 if ($file[2] & 0170000) != ($here[2] & 0170000);
    if ("@file[4, 5]" ne "@here[4, 5]") {
        POSIX::lchown($here[4], $here[5], "$root$path");
    }
    return 1 if ($file[2] & 0170000) == 0120000;
    chmod $here[2] & 07777, "$root$path";
    utime @file[8, 9], "$root$path" unless POSIX::S_ISDIR($file[2]);
    return 1;
}

# One line of %files. RPM 4.18 has no escape within quotes: its pattern finds what cannot be said.
sub file_line {
    my ($root, $path, $configuration) = @_;
    my @file = lstat "$root$path";
    my $link = ($file[2] & 0170000) == 0120000;
    my $line = '';
    if ($file[4] || $file[5]) {
        $line = sprintf '%%attr(%s,%s,%s) ', $link ? '-' : sprintf('%o', $file[2] & 07777),
            scalar getpwuid $file[4], scalar getgrgid $file[5];
    }
    $line .= '%dir ' if ($file[2] & 0170000) == 0040000;
    $line .= '%config(noreplace) ' if $configuration;
    return $line . '"' . ($path =~ s/[\[\]*?{}"\\]/?/gr =~ s/%/%%/gr) . '"';
}

# The lines of %files. $baseline: the package is the one that is installed.
sub file_lines {
    my ($root, $package, $base, $baseline) = @_;
    my %configuration = map { $_ => 1 } @{ $package->{conffiles} };
    my @lines;
    for my $path (paths_below($root)) {
        next if $not_owned{$path} || $path =~ $not_owned_below;
        my $folder = !-l "$root$path" && -d _;
        next if $folder && $base->{$path} && $package->{name} ne 'base-files';
        my $known = as_installed($root, $path);
        next if !$known && ($baseline || ($folder && -l $path));
        chmod 0555, "$root$path" if $path eq '/proc' || $path eq '/sys';
        push @lines, file_line($root, $path, $configuration{$path});
    }
    @lines = sort @lines;
    return @lines;
}

# The services that the package's files are the program of, or that it brings.
sub units_of {
    my ($root, $package, $programs) = @_;
    return [] if $package->{name} =~ $never_restarted;
    my %units;
    for my $program (keys %$programs) {
        next unless -e "$root$program";
        $units{$_} = 1 for @{ $programs->{$program} };
    }
    return [sort keys %units];
}
