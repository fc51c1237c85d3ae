# SPDX-License-Identifier: Apache-2.0
#
# The conversion itself.

my ($top, $jobs) = @ARGV;
$jobs = 2 unless defined $jobs;
$ENV{PATH} = '/usr/sbin:/usr/bin:/sbin:/bin';
$ENV{LC_ALL} = 'C.UTF-8';
$ENV{HOME} = '/root';

my %rpm_macros = (
    '__os_install_post' => '%{nil}',
    '__check_files' => '%{nil}',
    'debug_package' => '%{nil}',
    '_build_id_links' => 'none',
    '_binary_payload' => 'w1.zstdio',
    '_unpackaged_files_terminate_build' => '0',
    '_binaries_in_noarch_packages_terminate_build' => '0',
    '_buildhost' => 'synthetic',
    'use_source_date_epoch_as_buildtime' => '1',
    'clamp_mtime_to_source_date_epoch' => '0',
    '_dbpath' => '/var/lib/rpm',
);

sub newest_below {
    my ($root) = @_;
    my $newest = 0;
    for (paths_below($root)) {
        my $time = (lstat "$root$_")[9];
        $newest = $time if $time > $newest;
    }
    return $newest;
}

sub write_text {
    my ($file, $text) = @_;
    open my $to, '>', $file or die "$file: $!\n";
    print {$to} $text or die "$file: $!\n";
    close $to or die "$file: $!\n";
}

sub changelog_in {
    my ($root, $name) = @_;
    for my $file (map { "$root/usr/share/doc/$name/$_" } qw(changelog.Debian.gz changelog.gz)) {
        return output('gzip', '-dc', $file) if -f $file && !-l $file;
    }
    return '';
}

sub package_in {
    my ($deb) = @_;
    my $fields = fields_of(output('dpkg-deb', '-f', $deb));
    my $name = $fields->{Package};
    die "$deb: is no package\n" unless defined $name && $name =~ /^[a-z0-9][a-z0-9+.-]+$/;
    return { name => $name, fields => $fields };
}

# A folder of $work with the payload; adds to $package what the spec needs.
sub unpack_package {
    my ($package, $deb, $work, $base, $baseline, $programs) = @_;
    my $root = "$work/root";
    mkdir $work, 0755;
    mkdir $root, 0755;
    must_run('dpkg-deb', '-x', $deb, $root);
    must_run('dpkg-deb', '-e', $deb, "$work/control");
    $package->{conffiles} = [];
    if (open my $list, '<', "$work/control/conffiles") {
        $package->{conffiles} = [map { m{^(/.*\S)\s*$} ? $1 : () } <$list>];
    }
    merge_usr($root);
    add_compiled($root, $baseline);
    $package->{changelog} = $baseline ? '' : changelog_in($root, $package->{name});
    $package->{shells} = [grep { scalar lstat "$root/usr/bin/$_" } qw(bash dash sh)];
    $package->{units} = units_of($root, $package, $programs);
    $package->{files} = [file_lines($root, $package, $base, $baseline)];
    return $root;
}

# Converts one package; gives the name of its file in $out, '' for one that is dropped.
sub convert_package {
    my ($deb, $out, $base, $baseline, $programs) = @_;
    my $package = package_in($deb);
    my ($name, $fields) = @{$package}{qw(name fields)};
    return ('', $package) if $dropped{$name};
    my $work = "$top/work-$name";
    my $root = unpack_package($package, $deb, $work, $base, $baseline, $programs);
    write_text("$work/package.spec", spec_of($package));
    $ENV{SOURCE_DATE_EPOCH} = newest_below($root);
    my %macros = (%rpm_macros, '_topdir' => $work, '_rpmdir' => "$work/rpms");
    must_run('rpmbuild', '-bb', '--quiet', '--noclean', '--buildroot', $root, '--target', 'x86_64',
        (map { ('--define', "$_ $macros{$_}") } sort keys %macros),
        "$work/package.spec");
    my ($made) = glob "$work/rpms/*/*.rpm";
    defined $made or die "$name: rpmbuild made no package\n";
    my $file = $made =~ s{.*/}{}r;
    rename $made, "$out/$file" or die "$out/$file: $!\n";
    must_run('rm', '-rf', $work);
    return ($file, $package);
}

# What an advisory says of a package: one line, for the process that writes them.
sub fact_line {
    my ($file, $package) = @_;
    my ($source, $source_version) = source_of($package->{fields});
    my ($epoch, $version, $release) = evr_of($package->{fields}{Version});
    my (undef, $upstream, $revision) = evr_of($source_version);
    return join "\t", $file, $package->{name}, $epoch, $version, length $release ? $release : 0,
        $package->{fields}{Architecture} eq 'all' ? 'noarch' : 'x86_64', $source, $source_version,
        "$source-$upstream-" . (length $revision ? $revision : 0) . '.src.rpm';
}

# Every $jobs-th package of the list, from $first on, in a process of its own.
sub start_worker {
    my ($first, $debs, $out, $base, $baseline, $programs) = @_;
    my $pid = fork;
    defined $pid or die "cannot start a process: $!\n";
    return $pid if $pid;
    my $ended = eval {
        my $facts = '';
        for (my $i = $first ; $i < @$debs ; $i += $jobs) {
            my ($file, $package) =
                convert_package($debs->[$i], $out, $base, $baseline, $programs);
            next unless length $file;
            print "converted $file\n";
            $facts .= fact_line($file, $package) . "\n";
            write_text("$top/changelogs/$package->{name}", $package->{changelog})
                if length $package->{changelog};
        }
        write_text("$top/facts-$first", $facts);
        1;
    };
    print STDERR $@ unless $ended;
    POSIX::_exit($ended ? 0 : 1);
}

# Converts the packages of a folder; gives a line of facts for each.
sub convert_folder {
    my ($from, $out, $base, $baseline) = @_;
    $| = 1;
    mkdir $_, 0755 for $out, "$top/changelogs";
    my @debs = sort { -s $b <=> -s $a } glob "$from/*.deb";
    my $programs = program_units();
    my $failed = 0;
    my @workers =
        map { start_worker($_, \@debs, $out, $base, $baseline, $programs) } 0 .. $jobs - 1;
    for (@workers) { waitpid $_, 0; $failed = 1 if $? }
    exit 1 if $failed;
    my @facts;

    for my $file (map { "$top/facts-$_" } 0 .. $jobs - 1) {
        open my $lines, '<', $file or die "$file: $!\n";
        push @facts, map { chomp; [split /\t/] } <$lines>;
    }
    return @facts;
}

# The updates, by source package.
sub updates_from {
    my (@facts) = @_;
    my %updates;
    for (@facts) {
        my %package;
        @package{qw(file name epoch version release architecture source source_version source_rpm)}
            = @$_;
        my $update = $updates{"$package{source} $package{source_version}"} ||=
            { source => $package{source}, entries => [], packages => [] };
        push @{ $update->{packages} }, \%package;
        next if @{ $update->{entries} };
        my $installed = installed_source_version($package{source});
        open my $changelog, '<', "$top/changelogs/$package{name}" or next;
        $update->{entries} =
            [new_entries(do { local $/ = undef; <$changelog> }, $installed)];
    }
    return %updates;
}

my %source_versions;

sub installed_source_version {
    my ($source) = @_;
    unless (%source_versions) {
        for (split /\n/, output('dpkg-query', '-W', '-f', '${source:Package}\t${source:Version}\n'))
        {
            my ($name, $version) = split /\t/;
            $source_versions{$name} = $version;
        }
    }
    return $source_versions{$source} || '';
}

sub main {
    my ($base_files) = glob "$top/debs/base-files_*.deb";
    defined $base_files or die "there is no base-files among the packages\n";
    my $base = base_folders($base_files);
    convert_folder("$top/debs", "$top/rpms", $base, 1);
    my @updates = convert_folder("$top/updates", "$top/updates-rpms", $base, 0);
    write_text("$top/updateinfo.xml", updateinfo_xml(updates_from(@updates)));
}
main() unless caller;
