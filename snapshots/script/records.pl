# SPDX-License-Identifier: Apache-2.0
#
# Prints the live state of this machine as length-framed records (read by capture_parse.cpp). Runs
# in the guest, as root, from stdin, with nothing but perl-base: under emulation a process costs far
# more than a file read, so nearly all of it is read from /proc and /etc here.
#   argument 1: a nonce that frames the answer
#   argument 2: seconds to wait for units that are still starting
# Records: "F class subject-bytes value-bytes\n<subject><value>\n"   a fact
#          "H …"  as F, but the value is secret or long: the reader keeps its sha256 only
#          "U class 0 value-bytes\n<why>\n"                          the class could not be read
#          "D class 0 0\n\n"                                         the class is complete
#          "R registry subject-bytes value-bytes\n…"                an entry (registries.pl)
#          "M measure name value-bytes\n<name><number>\n"            a measure
#          "L list 0 value-bytes\n<line>\n"                          a line of a health list
# The parts of the script are sent as one text, in the order of capture.cpp; before them stands the
# table of search paths.
use strict;
use warnings;
no warnings qw(utf8 portable);
use Fcntl;

our $search_paths;    # hexadecimal digits: the table is put before this script
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
    while (($got = sysread($fh, $text, 65536, length $text))) {
        last if length $text > ($max || 4 << 20);
    }
    return undef unless defined $got;
    close $fh;
    return $text;
}
sub must { my $text = slurp($_[0]); defined $text or die "$_[0]: $!\n"; return $text; }

sub entries {
    opendir(my $dh, $_[0]) or return ();
    my @names = sort grep { $_ ne '.' && $_ ne '..' } readdir $dh;
    return @names;
}
# The lines of a configuration file that have an effect.
sub effective {
    my ($text) = @_;
    $text =~ s/\\\n/ /g;
    return map { s/\s+/ /gr =~ s/^ | $//gr } grep { !/^\s*(#(?!include)|;|$)/ } split /\n/, $text;
}

sub fact {
    my ($subject, $value) = @_;
    # The same subject twice is one fact that says both, whatever the order in which they were met.
    my %all = map { $_ => 1 } (exists $facts{$subject} ? split(/ \| /, $facts{$subject}, -1) : ()),
        $value;
    $facts{$subject} = join ' | ', sort keys %all;
}
# What a program prints, and its exit code.
sub run {
    my @command = @_;
    my $pid = open(my $pipe, '-|');
    defined $pid or die "fork: $!\n";
    if (!$pid) {
        open STDERR, '>', '/dev/null';
        open STDIN, '<', '/dev/null';
        exec @command or do { require POSIX; POSIX::_exit(127); }
    }
    local $/;
    my $text = <$pipe>;
    close $pipe;
    # killed by a signal is no success
    return (defined $text ? $text : '', $? & 127 ? 128 + ($? & 127) : $? >> 8);
}

sub record {
    my ($kind, $class, $subject, $value) = @_;
    $out .= "$kind $class " . length($subject) . ' ' . length($value) . "\n$subject$value\n";
    $records++;
}

sub class {
    my ($class, $read) = @_;
    %facts = ();
    %hashed = ();
    if (
        !eval {
            local $SIG{ALRM} = sub { die "took too long\n" };
            alarm 120;
            $read->();
            alarm 0;
            1;
        }
        )
    {
        my $why = $@ || 'no reason';
        alarm 0;
        $why =~ s/\s+$//;
        return record('U', $class, '', $why);
    }
    return record('U', $class, '', 'too many facts: ' . keys %facts) if keys(%facts) > $max_facts;
    for (sort keys %facts) {
        return record('U', $class, '', 'a subject of ' . length($_) . ' bytes')
            if length > $max_subject;
        record($hashed{$_} || length $facts{$_} > $max_value ? 'H' : 'F',
            $class, $_, substr($facts{$_}, 0, 4 << 20));
    }
    record('D', $class, '', '');
}

sub lines {
    my ($list, @lines) = @_;
    record('L', $list, '', substr($_, 0, 1000)) for @lines > 500 ? @lines[-500 .. -1] : @lines;
    record('D', $list, '', '');
}

sub lines_of {
    my ($path) = @_;
    my $text = slurp($path);
    return unless defined $text;
    fact("$path: $_", 'present') for effective($text);
}

