# SPDX-License-Identifier: Apache-2.0
#
# Names that stand in several folders of a search path: the first is taken, the others are not. The
# table of families comes before this script, as lines of "family TAB names TAB depth TAB drop-ins
# TAB folder TAB folder …" in hexadecimal digits.

# The folders of a pattern that are there, each once: /lib is /usr/lib on most machines.
sub folders_of {
    my ($seen, $pattern) = @_;
    my @found = $pattern =~ /[*?\[]/ ? sort glob $pattern =~ s/ /\\ /gr : $pattern;
    return grep {
        my ($device, $inode) = stat $_;
        defined $inode && -d _ && !$seen->{"$device $inode"}++
    } @found;
}

# Name => its paths, in the order of the folders.
sub names_below {
    my ($folder, $names, $depth, $drop_ins, $paths, $inside) = @_;
    for (entries($folder)) {
        next if /[\s:]/;
        my $name = $inside eq '' ? $_ : "$inside/$_";
        if ($depth > 0 && !/\./ && -d "$folder/$_") {
            names_below("$folder/$_", $names, $depth - 1, 0, $paths, $name);
        } elsif ($drop_ins && /\.d\z/) {
            push @{ $paths->{"$name/$_"} }, "$folder/$name/$_"
                for grep { !/[\s:]/ } entries("$folder/$name");
        } elsif ($_ =~ $names) {
            push @{ $paths->{$name} }, "$folder/$_";
        }
    }
}

# As a regular expression. Only *, ? and […] are special.
sub pattern_of_names {
    my ($glob) = @_;
    my $pattern = join '',
        map { $_ eq '*' ? '.*' : $_ eq '?' ? '.' : /^\[/ ? $_ : quotemeta }
        $glob =~ /(\[[^\]]*\]|.)/g;
    return qr/^$pattern\z/s;
}

sub search_path {
    my ($family, $names, $depth, $drop_ins, @folders) = @_;
    my (%seen, %paths);
    my $wanted = pattern_of_names($names);
    for my $folder (map { folders_of(\%seen, $_) } @folders) {
        my %here;
        names_below($folder, $wanted, $depth, $drop_ins, \%here, '');
        push @{ $paths{$_} }, @{ $here{$_} } for keys %here;
    }
    for (grep { @$_ > 1 } values %paths) {
        my ($first, @hidden) = @$_;
        # two names of one file are no two files
        my $same = readlink $first;
        @hidden = grep { !defined $same || $_ ne $same } @hidden;
        fact("$first: $family", "before @hidden") if @hidden && !-d $first;
    }
}

sub search_paths {
    search_path(split /\t/) for split /\n/, pack 'H*', $search_paths;
}

