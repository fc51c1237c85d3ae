# SPDX-License-Identifier: Apache-2.0
#
# Runs on a host of a rollout; it only looks. Plain words on stdout; the last line is "told".
#   perl - watched TOUCHED SOAKED   what the journal says of the day before TOUCHED (so many
#                                   seconds ago) and of the time since SOAKED
#       history SECONDS, watched SECONDS      how much of both the journal has
#       vital NAME BEFORE AFTER MOST          counts; MOST: the most in a time as long as the
#                                             watched one within the day before
#   perl - outage FILE              how long services were away since FILE was written
#       outage SECONDS              the longest of them; no line: nothing is known
use strict;
use warnings;
$ENV{LC_ALL} = 'C';
my $most_entries = 200_000;
my %known = (
    'd9b373ed55a64feb8242e02dbe79a49c' => 'failed-units',
    '5eb03494b6584870a536b337290809b3' => 'restarts',
    'fc2e22bc6ee647b6b90729ab34a250b1' => 'crashes',
);

sub journal {
    my @words = @_;
    open my $pipe, '-|', 'journalctl', '-q', '--no-pager', @words or return;
    return $pipe;
}

# when the first entry of the journal was written; undef: there is none
sub first_time {
    my $pipe = journal('-o', 'short-unix') or return;
    my $line = <$pipe>;
    close $pipe;
    return defined $line && $line =~ /^(\d{9,11})\./ ? $1 : undef;
}

sub watched {
    my ($touched_ago, $soaked_ago) = @_;
    my $now = time;
    my ($touched, $soaked) = ($now - $touched_ago, $now - $soaked_ago);
    my $length = $soaked_ago > 0 ? $soaked_ago : 1;
    my $from = $touched - 86400;
    my $first = first_time();
    exit 0 unless defined $first;
    $from = $first if $first > $from;
    my %count = map { $_ => { before => 0, after => 0, most => 0, bins => {} } }
        (values %known, 'kernel-errors', 'traps');
    my $note = sub {
        my ($name, $time) = @_;
        my $of = $count{$name};
        if ($time >= $soaked) { $of->{after}++ }
        elsif ($time < $touched) {
            $of->{before}++;
            my $bin = ++$of->{bins}{ int(($touched - $time) / $length) };
            $of->{most} = $bin if $bin > $of->{most};
        }
    };
    my $pipe = journal(
        '-o', 'json', '--output-fields=MESSAGE_ID,_TRANSPORT,PRIORITY,MESSAGE',
        '--since', "\@$from", (map { ("MESSAGE_ID=$_", '+') } sort keys %known),
        '_TRANSPORT=kernel'
    ) or exit 0;
    my $entries = 0;
    while (my $line = <$pipe>) {
        exit 0 if ++$entries > $most_entries;
        my ($time) = $line =~ /"__REALTIME_TIMESTAMP"\s*:\s*"(\d{9,11})\d{6}"/ or next;
        if ($line =~ /"MESSAGE_ID"\s*:\s*"([0-9a-f]{32})"/ && $known{$1}) {
            $note->($known{$1}, $time);
        } elsif ($line =~ /"_TRANSPORT"\s*:\s*"kernel"/) {
            $note->('kernel-errors', $time) if $line =~ /"PRIORITY"\s*:\s*"[0-3]"/;
            $note->('traps', $time)
                if $line =~ /segfault at|general protection fault|trap invalid opcode/;
        }
    }
    close $pipe or exit 0;
    # the kernel tells of the same crashes where something collects their cores
    my $crashes = $count{crashes};
    $crashes = $count{traps} if $crashes->{before} + $crashes->{after} == 0;
    $count{crashes} = $crashes;
    print 'history ', ($touched > $from ? $touched - $from : 0), "\nwatched $soaked_ago\n";
    print "vital $_ $count{$_}{before} $count{$_}{after} $count{$_}{most}\n"
        for sort(values %known, 'kernel-errors');
    return;
}

sub uptime {
    open my $file, '<', '/proc/uptime' or return;
    my $line = <$file>;
    close $file;
    return defined $line && $line =~ /^(\d+(?:[.]\d+)?)/ ? $1 : undef;
}

# microseconds after the boot, in seconds; undef: never
sub moment {
    my $text = shift // '';
    return $text =~ /^([1-9]\d*)$/ ? $1 / 1e6 : undef;
}

sub units {
    my @names = @_;
    open my $pipe, '-|', 'systemctl', 'show', '--no-pager', '-p',
        'Id,Type,ActiveState,ActiveEnterTimestampMonotonic,ActiveExitTimestampMonotonic', @names
        or return;
    local $/ = '';
    my @all;
    while (my $block = <$pipe>) {
        push @all, { map { /^(\w+)=(.*)$/ ? ($1, $2) : () } split /\n/, $block };
    }
    close $pipe;
    return @all;
}

sub outage {
    my ($file) = @_;
    my $began = (stat $file)[9];
    my $up = uptime();
    exit 0 unless defined $began && defined $up;
    my $now = time;
    my $since = $up - ($now - $began);
    if ($since < 0) {    # it was rebooted: from the last word before to the end of the start
        my $pipe = journal('-b', '-1', '-n', '1', '-o', 'short-unix') or exit 0;
        my $line = <$pipe>;
        close $pipe;
        my ($last) = ($line // '') =~ /^(\d{9,11})\./ or exit 0;
        my ($target) = units('multi-user.target');
        my $up_again = moment($target && $target->{ActiveEnterTimestampMonotonic});
        exit 0 unless defined $up_again;
        my $seconds = $now - $up + $up_again - $last;
        printf "outage %.3f\n", $seconds > 0 ? $seconds : 0;
        return;
    }
    my $longest = 0;
    for my $unit (units('*.service')) {
        next if ($unit->{Type} // 'oneshot') eq 'oneshot';
        my $away = moment($unit->{ActiveExitTimestampMonotonic}) // next;
        next if $away < $since || $unit->{Id} =~ /^patchlab-/;
        my $back = moment($unit->{ActiveEnterTimestampMonotonic});
        my $state = $unit->{ActiveState} // '';
        # one that ended and was not wanted back was no outage
        next if (!defined $back || $back < $away) && $state eq 'inactive';
        my $seconds = (defined $back && $back >= $away ? $back : $up) - $away;
        $longest = $seconds if $seconds > $longest;
    }
    printf "outage %.3f\n", $longest;
    return;
}

my ($what, @words) = @ARGV;
if ($what eq 'watched') { watched(@words) }
else { outage(@words) }
print "told\n";
