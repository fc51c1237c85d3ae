# SPDX-License-Identifier: Apache-2.0
#
# perl -e PROGRAM FOLDER: runs the tests of a Debian source tree (DEP-8, debian/tests/control) on
# this machine, as root, against what is installed, and reports in TAP. What cannot run here is
# skipped, with the reason. Where the tests cannot be read, no plan is printed: the result is
# unknown.
use strict;
use warnings;
my ($tree) = @ARGV;
my $work = (-w '/run' ? '/run' : '/tmp') . "/patchlab-check.$$";
my $parent = $$;
my $most_tests = 200;
my %fine = map { $_ => 1 }
    qw(needs-root allow-stderr isolation-container isolation-machine rw-build-tree superficial
    skippable flaky needs-recommends skip-not-installable skip-foreign-architecture);
my %not_here = (
    'breaks-testbed' => 'it would leave the machine broken for what follows',
    'build-needed' => 'it needs a built source tree',
    'needs-internet' => 'it needs the internet, which a lab does not have',
    'needs-reboot' => 'it reboots the machine',
    'needs-sudo' => 'it needs sudo',
);

sub unreadable {
    my ($why) = @_;
    print "# $why\n";
    exit 0;
}

# the paragraphs of a control file: name in small letters => value
sub paragraphs {
    my ($file) = @_;
    open my $in, '<', $file or return;
    my (@all, $last);
    my $open = 0;
    while (my $line = <$in>) {
        chomp $line;
        next if $line =~ /^#/;
        if ($line =~ /^\s*$/) { $open = 0 }
        elsif ($line =~ /^[ \t]+(.*)$/ && $open) { $all[-1]{$last} .= "\n$1" }
        elsif ($line =~ /^([A-Za-z0-9-]+):[ \t]*(.*)$/) {
            push @all, {} unless $open;
            ($open, $last) = (1, lc $1);
            $all[-1]{$last} = $2;
        } else {
            return;
        }
    }
    close $in;
    return @all;
}

sub words {
    my ($text) = @_;
    return grep { length } split /[\s,]+/, $text // '';
}

sub output_of {
    my @command = @_;
    open my $pipe, '-|', @command or return '';
    local $/ = undef;
    my $text = <$pipe> // '';
    close $pipe;
    return $text;
}

my (%version, %provided);
for my $line (
    split /\n/,
    output_of('dpkg-query', '-W', '-f', '${db:Status-Status}|${Package}|${Version}|${Provides}\n')
    )
{
    my ($state, $name, $is, $provides) = split /\|/, $line, 4;
    next unless ($state // '') eq 'installed';
    $version{$name} = $is;
    $provided{$_} = 1 for map { /^\s*([a-z0-9][a-z0-9+.-]*)/ ? $1 : () } split /,/, $provides // '';
}
my $architecture = output_of('dpkg', '--print-architecture');
$architecture =~ s/\s+//g;

sub fits_architecture {
    my @list = @_;
    return 1 unless @list;
    my @no = grep { /^!/ } @list;
    if (@no) {
        return !grep { $_ eq "!$architecture" || $_ eq '!linux-any' || $_ eq '!any' } @no;
    }
    return grep { $_ eq $architecture || $_ eq 'any' || $_ eq 'linux-any' || $_ eq 'all' } @list;
}

# whether one alternative of a dependency holds; undef: it says nothing about this machine
sub holds {
    my ($text) = @_;
    my $version = qr/\(\s*([<>=]+)\s*([^)\s]+)\s*\)/;
    my ($name, $op, $wanted, $list) =
        $text =~
        /^\s*([a-z0-9][a-z0-9+.-]*)(?::\w+)?\s*(?:$version)?\s*(?:\[([^\]]*)\])?\s*(?:<.*)?$/
        or return 0;
    return undef if defined $list && !fits_architecture(split ' ', $list);
    return $provided{$name} ? 1 : 0 unless defined $version{$name};
    return 1 unless defined $op;
    return system('dpkg', '--compare-versions', $version{$name}, $op, $wanted) == 0 ? 1 : 0;
}

# what is missing for a test; empty: nothing
sub missing {
    my ($depends) = @_;
    my @binaries = map { $_->{package} }
        grep { ($_->{'package-type'} // $_->{'xc-package-type'} // '') ne 'udeb' }
        grep { defined $_->{package} && fits_architecture(words($_->{architecture})) }
        paragraphs("$tree/debian/control");
    $depends =~ s/\n/ /g;
    for my $clause (split /,/, $depends) {
        next if $clause =~ /^\s*$/;
        return 'what the source is built with' if $clause =~ /\@builddeps\@/;
        if ($clause =~ /^\s*\@recommends\@\s*$/) { next }
        if ($clause =~ /^\s*\@\s*$/) {
            return 'a debian/control that names packages' unless @binaries;
            for my $name (@binaries) { return $name unless defined $version{$name} }
            next;
        }
        my @told = grep { defined } map { holds($_) } split /\|/, $clause;
        next if !@told || grep { $_ } @told;
        $clause =~ s/^\s+|\s+$//g;
        return $clause;
    }
    return '';
}

sub reason_to_skip {
    my ($test) = @_;
    for my $restriction (sort keys %{ $test->{restrictions} }) {
        return $not_here{$restriction} if $not_here{$restriction};
        return "the restriction $restriction is not known" unless $fine{$restriction};
    }
    return 'it is for other architectures'
        unless fits_architecture(@{ $test->{architectures} });
    my $missing = missing($test->{depends});
    return $missing ? "it needs $missing, which is not installed" : '';
}

sub last_lines {
    my ($file) = @_;
    open my $in, '<', $file or return;
    my $size = -s $in;
    seek $in, $size - 8192, 0 if $size > 8192;
    my @lines = <$in>;
    close $in;
    chomp @lines;
    s/[^\x20-\x7e]/?/g for @lines;
    return map { substr $_, 0, 200 } @lines > 10 ? @lines[-10 .. -1] : @lines;
}

# ends with the exit code of the test; -1: it could not be started
sub run_test {
    my ($test) = @_;
    my $tmp = "$work/tmp";
    system 'rm', '-rf', $tmp, "$work/tree", "$work/artifacts";
    mkdir $tmp, 0755;
    mkdir "$work/artifacts", 0755;
    my $folder = $tree;
    if ($test->{restrictions}{'rw-build-tree'}) {
        $folder = "$work/tree";
        return -1 if system('cp', '-a', $tree, $folder) != 0;
    }
    my $child = fork;
    return -1 unless defined $child;
    if ($child == 0) {
        $ENV{$_} = $tmp for qw(AUTOPKGTEST_TMP ADT_TMP ADTTMP);
        $ENV{$_} = "$work/artifacts" for qw(AUTOPKGTEST_ARTIFACTS ADT_ARTIFACTS);
        $ENV{DEBIAN_FRONTEND} = 'noninteractive';
        chdir $folder or exit 126;
        open STDIN, '<', '/dev/null' or exit 126;
        open STDOUT, '>', "$work/out" or exit 126;
        open STDERR, '>', "$work/err" or exit 126;
        my @command =
            defined $test->{command} ? ('/bin/bash', '-ec', $test->{command}) : ("./$test->{file}");
        chmod 0755, $test->{file} if defined $test->{file} && !-x $test->{file};
        exec { $command[0] } @command or exit 126;
    }
    waitpid $child, 0;
    return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}

sub report {
    my ($number, $test) = @_;
    my $skip = reason_to_skip($test);
    if ($skip) { print "ok $number - $test->{name} # SKIP $skip\n"; return }
    my $code = run_test($test);
    if ($code == 77 && $test->{restrictions}{skippable}) {
        print "ok $number - $test->{name} # SKIP the test itself says that it cannot run here\n";
        return;
    }
    my $why = $code != 0 ? "exit code $code" : '';
    $why = 'it wrote to standard error'
        if !$why && -s "$work/err" && !$test->{restrictions}{'allow-stderr'};
    if ($why && $test->{restrictions}{flaky}) {
        print "ok $number - $test->{name} # SKIP flaky, and failed: $why\n";
        return;
    }
    print $why ? "not ok $number - $test->{name}\n# $why\n" : "ok $number - $test->{name}\n";
    print map { "# $_\n" } last_lines("$work/err"), last_lines("$work/out") if $why;
    return;
}

sub plain { my ($name) = @_; $name =~ s/[^A-Za-z0-9_.+:-]/_/g; return substr $name, 0, 80 }

my @paragraphs = paragraphs("$tree/debian/tests/control")
    or unreadable('debian/tests/control is not there, empty or malformed');
my @tests;
for my $paragraph (@paragraphs) {
    my %common = (
        restrictions => { map { $_ => 1 } words($paragraph->{restrictions}) },
        architectures => [words($paragraph->{architecture})],
        depends => $paragraph->{depends} // '@',
    );
    my @names = words($paragraph->{tests});
    if (defined $paragraph->{'test-command'} && !@names) {
        my ($given) = ($paragraph->{features} // '') =~ /test-name=([^\s,]+)/;
        push @tests,
            {
            %common,
            command => $paragraph->{'test-command'},
            name => plain($given // 'command' . (1 + @tests))
            };
    } elsif (@names && !defined $paragraph->{'test-command'}) {
        my $folder = $paragraph->{'tests-directory'} // 'debian/tests';
        push @tests, map { +{ %common, file => "$folder/$_", name => plain($_) } } @names;
    } else {
        unreadable('a paragraph has neither tests nor a command, or both');
    }
}
@tests = grep { !$_->{restrictions}{'hint-testsuite-triggers'} } @tests;
unreadable('it names too many tests') if @tests > $most_tests;
local $| = 1;
if (!@tests) { print "1..0 # SKIP it names no test\n"; exit 0 }
mkdir $work, 0755 or unreadable("cannot make $work: $!");
print '1..', scalar @tests, "\n";
report($_ + 1, $tests[$_]) for 0 .. $#tests;
END { system 'rm', '-rf', $work if $work && $$ == $parent && -d $work }
