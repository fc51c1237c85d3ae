# SPDX-License-Identifier: Apache-2.0
#
# Converts packages of Debian into packages of RPM: the same payload, so that a guest in which rpm
# and dnf are in charge can be made where no RPM distribution can be downloaded. Runs in the new
# system's own root folder, as its root, with what stands there: perl-base, dpkg-deb, rpmbuild.
#   argument 1: the folder with debs/, updates/ and where rpms/ and updates-rpms/ are made
#   argument 2: how many packages to convert at once
# The parts are sent as one text: control.pl, spec.pl, payload.pl, advisories.pl, convert.pl.
#
# This part reads what Debian's packages say of themselves. Pure functions.
use strict;
use warnings;
use POSIX ();

# What the synthetic system has no use for; its release package provides the names.
our %dropped = map { $_ => 1 } qw(apt dpkg libapt-pkg6.0 debian-archive-keyring);

sub fields_of {
    my ($text) = @_;
    my (%fields, $name);
    for (split /\n/, $text) {
        if (/^[ \t]/) { $fields{$name} .= "\n$_" if defined $name }
        elsif (/^([\w-]+):[ \t]*(.*)$/) { ($name, $fields{$1}) = ($1, $2) }
    }
    return \%fields;
}

# Epoch, version and release as RPM has them; an upstream version may hold no "-" there.
sub evr_of {
    my ($version) = @_;
    my $epoch = $version =~ s/^(\d+):// ? $1 : 0;
    my ($upstream, $revision) = $version =~ /^(.*)-([^-]*)$/ ? ($1, $2) : ($version, '');
    return ($epoch, $upstream =~ tr/-/_/r, $revision);
}

# The version of a relation.
sub related_version {
    my ($version) = @_;
    my ($epoch, $upstream, $revision) = evr_of($version);
    return ($epoch ? "$epoch:" : '') . $upstream . (length $revision ? "-$revision" : '');
}
my %operators = ('>=' => '>=', '<=' => '<=', '=' => '=', '>>' => '>', '<<' => '<');

sub relation_of {
    my ($text) = @_;
    my ($name, $operator, $version) =
        $text =~ m{^\s*([a-z0-9][a-z0-9+.-]*)(?::\w+)?(?:\s*\((<<|<=|=|>=|>>)\s*([^)\s]+)\))?}
        or return undef;
    return $name unless defined $operator;
    # To Debian 2.36-9 is newer than 2.36; to RPM, which then compares no release, it is the same.
    $operator = '>=' if $operator eq '>>' && $version !~ /-/;
    $operator = '<<' if $operator eq '<=' && $version !~ /-/;
    return "$name $operators{$operator} " . related_version($version);
}

# "a (>= 1) | b, c" as RPM writes each requirement.
sub relations_of {
    my ($field) = @_;
    my @all;
    for (split /,/, defined $field ? $field : '') {
        my (%seen, @ways);
        for my $way (map { relation_of($_) } split /\|/) {
            push @ways, $way if defined $way && !$seen{$way}++;
        }
        push @all, @ways > 1 ? '(' . join(' or ', @ways) . ')' : @ways;
    }
    return @all;
}

# The source package and its version.
sub source_of {
    my ($fields) = @_;
    my ($name, $version) =
        ($fields->{Source} || $fields->{Package}) =~ /^(\S+)(?:\s+\(([^)]+)\))?/;
    return ($name, defined $version ? $version : $fields->{Version});
}
