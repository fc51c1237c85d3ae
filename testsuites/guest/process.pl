# SPDX-License-Identifier: Apache-2.0
#
# First part of the program that runs checks inside a guest (see testsuites/batch.hpp): bytes, time,
# and processes. It needs nothing but perl-base, which every Debian machine has (so neither
# Time::HiRes nor MIME::Base64 nor JSON), writes no file, and gets all of its data as base64 after
# __END__: no word of a definition is ever code here.
use strict;
use warnings;
use Errno ();
use Fcntl ();
use POSIX ();
# and no class on top of it: where machines are emulated, loading one takes as long as three checks
use Socket ();

my $max_output = 1 << 20;    # bytes kept of a stream of a checked command
my $max_detail = 4096;
my $grace = 5;               # seconds that a command has to clean up after its limit
my $max_lines = 300;         # of what a built-in observed

sub from_base64 {
    my ($text) = @_;
    $text =~ tr{A-Za-z0-9+/}{}cd;
    $text =~ tr{A-Za-z0-9+/}{ -_};
    return join '', map { unpack 'u', chr(32 + int(length($_) * 3 / 4)) . $_ } unpack '(A60)*',
        $text =~ s/ /`/gr;
}

sub to_base64 {
    my ($bytes) = @_;
    my $text = join '', map { s/^.//r =~ s/\n//r } split /(?<=\n)/, pack 'u', $bytes;
    $text =~ tr{` -_}{AA-Za-z0-9+/};
    my $padding = (3 - length($bytes) % 3) % 3;
    substr($text, -$padding) = '=' x $padding if $padding;
    return $text;
}

# The monotonic clock: the time of day may be set while checks run. Best source first; /proc/uptime
# has hundredths of a second.
my %clock_gettime = (
    x86_64 => 228,
    aarch64 => 113,
    riscv64 => 113,
    ppc64le => 246,
    s390x => 260,
    i686 => 265,
    i586 => 265,
    armv7l => 263,
);
my $clock_call = $clock_gettime{ (POSIX::uname())[4] };

sub now {
    if (defined $clock_call) {
        my $time = pack 'l!2', 0, 0;
        if (syscall($clock_call, 1, $time) == 0) {
            my ($seconds, $nanos) = unpack 'l!2', $time;
            return $seconds + $nanos / 1e9;
        }
        undef $clock_call;
    }
    open my $file, '<', '/proc/uptime' or return time;
    return (split ' ', scalar <$file>)[0];
}

sub pause { select undef, undef, undef, $_[0] if $_[0] > 0; return }

sub write_all {
    my ($handle, $bytes) = @_;
    while (length $bytes) {
        my $count = syswrite $handle, $bytes;
        next if !defined $count && $!{EINTR};
        return 0 if !defined $count;
        substr($bytes, 0, $count) = '';
    }
    return 1;
}

sub last_part {
    my ($text, $most) = @_;
    $text =~ s/\s+\z//;
    return length $text > $most ? '…' . substr($text, -$most) : $text;
}

sub find_program {
    for my $folder (split /:/, $ENV{PATH}) { return "$folder/$_[0]" if -x "$folder/$_[0]" && -f _ }
    return;
}

# Becomes a user with all of its groups. Dies with the reason.
sub become {
    my ($user) = @_;
    my ($uid, $gid, $home, $shell) = (getpwnam $user)[2, 3, 7, 8];
    die "there is no user '$user'\n" if !defined $uid;
    @ENV{qw(HOME USER LOGNAME SHELL)} = ($home, $user, $user, $shell);
    return if $> == $uid;
    my @groups = ($gid);
    while (my @group = getgrent) {
        push @groups, $group[2] if grep { $_ eq $user } split ' ', $group[3];
    }
    $) = join ' ', $gid, @groups;
    POSIX::setgid($gid);
    POSIX::setuid($uid);
    die "cannot become user '$user'\n" if $< != $uid || $> != $uid || $( + 0 != $gid;
    return;
}

# Runs a command to its end. Hash: exit or signal, or error when it could not be started; out, err,
# truncated. A daemon it leaves behind may keep the pipes open, so the end of the process counts,
# not the end of the streams.
sub spawn {
    my (%how) = @_;
    my $most = $how{most} // $max_output;
    pipe my $out_r, my $out_w or die "pipe: $!\n";
    pipe my $err_r, my $err_w or die "pipe: $!\n";
    pipe my $in_r, my $in_w or die "pipe: $!\n";
    pipe my $bad_r, my $bad_w or die "pipe: $!\n";
    pipe my $end_r, my $end_w or die "pipe: $!\n";
    fcntl $_, Fcntl::F_SETFL(), Fcntl::O_NONBLOCK() for $in_w, $end_w, $out_r, $err_r;
    local $SIG{PIPE} = 'IGNORE';
    # at its limit the command ends by it; this process then still says what was printed
    local $SIG{TERM} = 'IGNORE';
    local $SIG{CHLD} = sub { syswrite $end_w, 'x' };
    my $pid = fork // return { error => "cannot start a process: $!" };
    if (!$pid) {
        $SIG{$_} = 'DEFAULT' for qw(TERM PIPE CHLD);
        eval {
            POSIX::dup2(fileno $in_r, 0);
            POSIX::dup2(fileno $out_w, 1);
            POSIX::dup2(fileno $err_w, 2);
            become($how{user}) if length($how{user} // '');
            no warnings 'exec';
            exec { $how{argv}[0] } @{ $how{argv} } or die "cannot run $how{argv}[0]: $!\n";
        };
        syswrite $bad_w, $@;
        POSIX::_exit(127);
    }
    close $_ for $in_r, $out_w, $err_w, $bad_w;
    note('spawned', $pid);
    my %stream = (fileno $out_r => ['out', $out_r], fileno $err_r => ['err', $err_r]);
    my %result = (out => '', err => '');
    my $input = $how{input} // '';
    my $take = sub {    # reads what is there; false at the end of the stream
        my ($name, $handle) = @_;
        my $count = sysread $handle, my $bytes, 65536;
        return $!{EAGAIN} || $!{EINTR} if !defined $count;
        my $room = $most - length $result{$name};
        $result{truncated} = 1 if $count > $room;
        $result{$name} .= substr $bytes, 0, $room if $room > 0;
        return $count > 0;
    };
    my $ended = 0;
    until ($ended) {
        if ($in_w && !length $input) { close $in_w; undef $in_w }
        my ($reads, $writes) = ('', '');
        vec($reads, $_, 1) = 1 for keys %stream, fileno $end_r;
        vec($writes, fileno $in_w, 1) = 1 if $in_w;
        # the signal can slip in just before select, hence the limit
        my $ready = select $reads, $writes, undef, 0.2;
        $ended = waitpid($pid, POSIX::WNOHANG()) == $pid;
        $result{status} = $? if $ended;
        next if $ready <= 0;
        for my $fd (grep { vec $reads, $_, 1 } keys %stream) {
            delete $stream{$fd} if !$take->(@{ $stream{$fd} });
        }
        if ($in_w && vec $writes, fileno $in_w, 1) {
            my $count = syswrite $in_w, $input, 65536;
            if (defined $count) { substr($input, 0, $count) = '' }
            elsif (!$!{EAGAIN}) { $input = '' }
        }
    }
    # what is still in the pipes; bounded, since a daemon may write on
    for my $stream (values %stream) {
        for (1 .. 64) { last if !$take->(@$stream) || $!{EAGAIN} }
    }
    sysread $bad_r, my $error, 500;
    if (length($error // '')) { chomp $error; $result{error} = $error }
    $result{signal} = $result{status} & 127;
    $result{exit} = $result{signal} ? -1 : $result{status} >> 8;
    return \%result;
}

# What a helper of a built-in check printed; dies when it cannot be had.
sub output_of {
    my (@argv) = @_;
    my $done = spawn(argv => \@argv);
    die "$done->{error}\n" if defined $done->{error};
    die "$argv[0] was ended by signal $done->{signal}\n" if $done->{signal};
    return wantarray ? ($done->{out}, $done->{exit}, $done->{err}) : $done->{out};
}

# Runs $body in a process group of its own, with a limit. The body reports through note() on a pipe
# that no command inherits. Hash: what was noted, and `overrun` when the limit passed (the group is
# asked to end, so that its traps clean up, then killed).
my $notes;

sub note {
    my ($key, $value) = @_;
    write_all($notes, $key . ' ' . to_base64($value) . "\n");
    return;
}

sub bounded {
    my ($seconds, $body) = @_;
    pipe my $read, my $write
        or return { outcome => ['unknown'], detail => ["cannot make a pipe: $!"] };
    my $end = now() + $seconds;
    my $pid = fork // return { outcome => ['unknown'], detail => ["cannot start a process: $!"] };
    if (!$pid) {
        POSIX::setpgid(0, 0);
        close $read;
        $notes = $write;
        my @answer = eval { $body->() };
        @answer = ('unknown', "the check itself failed: $@") if $@;
        note('outcome', $answer[0]);
        note('detail', $answer[1] // '');
        POSIX::_exit(0);
    }
    close $write;
    POSIX::setpgid($pid, $pid);
    my ($told, $overrun, $open) = ('', 0, 1);
    while ($open) {
        my $left = $end - now();
        if ($left <= 0) {
            last if $overrun;
            $overrun = 1;
            $end = now() + $grace;
            kill 'TERM', -$pid;
            next;
        }
        vec(my $ready = '', fileno $read, 1) = 1;
        next if select($ready, undef, undef, $left) <= 0;
        my $count = sysread $read, my $bytes, 65536;
        next if !defined $count && $!{EINTR};
        $open = 0 if !$count;
        $told .= $bytes if $count && length $told < 4 << 20;
    }
    kill 'KILL', -$pid;
    waitpid $pid, 0;
    my %answer = (overrun => $overrun);
    for my $line (split /\n/, $told) {
        my ($key, $value) = split / /, $line, 2;
        push @{ $answer{$key} }, from_base64($value);
    }
    # a script that had to be killed could not remove its folder
    if (my @left = grep { -d } map { "/run/patchlab-check.$_" } @{ $answer{spawned} // [] }) {
        require File::Path;
        File::Path::remove_tree($_, { safe => 1 }) for @left;
    }
    return \%answer;
}
