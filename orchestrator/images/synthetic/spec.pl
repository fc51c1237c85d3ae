# SPDX-License-Identifier: Apache-2.0
#
# What RPM is told of a package. Pure functions.

# Fields of Debian → tags of RPM.
my @relation_fields = (
    ['Depends', 'Requires'],
    ['Pre-Depends', 'Requires'],
    ['Recommends', 'Recommends'],
    ['Suggests', 'Suggests'],
    ['Enhances', 'Enhances'],
    ['Conflicts', 'Conflicts'],
    ['Breaks', 'Conflicts'],
    ['Provides', 'Provides'],
);

# What a package does after its files are there, by its name.
my %after = (
    'ca-certificates' => ['update-ca-certificates >/dev/null 2>&1 || :'],
    'grub-efi-amd64-bin' => [
        '[ -d /sys/firmware/efi ] || exit 0',
        'mountpoint -q /boot/efi || exit 0',
        'grub-install --target=x86_64-efi --efi-directory=/boot/efi --removable --no-nvram'
            . ' >/dev/null'
    ],
);

# What a package does when any package brought files below these folders.
my %file_triggers = (
    'libc-bin' => ['-P 2000000', '/usr/lib /usr/lib64 /usr/local/lib', '/sbin/ldconfig'],
    'systemd' => [
        '-P 1000500',
        '/usr/lib/systemd/system /etc/systemd/system',
        '[ ! -d /run/systemd/system ] || systemctl daemon-reload || :'
    ],
);

sub quoted { return $_[0] =~ s/%/%%/gr }

sub relation_lines {
    my ($package) = @_;
    my @lines;
    for (@relation_fields) {
        my ($field, $tag) = @$_;
        for my $relation (relations_of($package->{fields}{$field})) {
            next if $tag eq 'Conflicts' && $relation =~ /^\Q$package->{name}\E(?: |$)/;
            # Without a version it would match any versioned conflict.
            $relation .= ' = ' . related_version($package->{fields}{Version})
                if $tag eq 'Provides' && $relation !~ / /;
            push @lines, "$tag: $relation";
        }
    }
    push @lines, map { ("Provides: /bin/$_", "Provides: /usr/bin/$_") } @{ $package->{shells} };
    push @lines, 'Provides: /sbin/ldconfig' if $package->{name} eq 'libc-bin';
    return @lines;
}

sub kernel_scriptlets {
    my ($kernel) = @_;
    return (
        posttrans => [
            "depmod $kernel || :",
            "update-initramfs -c -k $kernel >/dev/null || :",
            'synthetic-boot-menu || :'
        ],
        postun => [
            '[ "$1" -eq 0 ] || exit 0',
            "rm -rf /boot/initrd.img-$kernel /lib/modules/$kernel",
            'synthetic-boot-menu || :'
        ]
    );
}

sub scriptlets_of {
    my ($package) = @_;
    return kernel_scriptlets($1) if $package->{name} =~ /^linux-image-(\d.*)$/;
    my @after = @{ $after{ $package->{name} } || [] };
    if (my @units = @{ $package->{units} }) {
        push @after, '[ -d /run/systemd/system ] || exit 0', 'systemctl daemon-reload || :',
            map { "systemctl try-restart $_ || :" } @units;
    }
    return @after ? (posttrans => \@after) : ();
}

sub scriptlet_lines {
    my ($package, $which) = @_;
    my %scripts = scriptlets_of($package);
    my @lines;
    for my $when (sort keys %scripts) {
        push @lines, "%$when$which", @{ $scripts{$when} };
    }
    if (my $trigger = $file_triggers{ $package->{name} }) {
        my ($options, $folders, $command) = @$trigger;
        push @lines, "%transfiletriggerin$which $options -- $folders", $command;
    }
    return @lines;
}

# $package: name, fields, units, shells, files (lines of %files)
sub spec_of {
    my ($package) = @_;
    my ($name, $fields) = @{$package}{qw(name fields)};
    my ($source, $source_version) = source_of($fields);
    my ($epoch, $version, $release) = evr_of($fields->{Version});
    my @own = (
        "Version: $version",
        'Release: ' . (length $release ? $release : '0'),
        $epoch ? "Epoch: $epoch" : ()
    );
    my ($summary, @text) = split /\n/, quoted($fields->{Description} || 'none');
    my @about = (
        "Summary: $summary",
        'License: see /usr/share/doc',
        'Group: ' . ($fields->{Section} || 'misc'),
        'Vendor: synthetic-el',
        'AutoReqProv: no',
        $fields->{Architecture} eq 'all' ? 'BuildArch: noarch' : ()
    );
    my $which = $source eq $name ? '' : " -n $name";
    my (undef, $upstream, $revision) = evr_of($source_version);
    # A package of another name is a part of its source's, whose name and version it then records.
    my @head =
        $which
        ? (
        "Name: $source",
        "Version: $upstream",
        'Release: ' . (length $revision ? $revision : '0'),
        "Summary: $source",
        'License: see /usr/share/doc',
        'Vendor: synthetic-el',
        '%description',
        $source,
        "%package$which"
        )
        : ("Name: $name");
    return join "\n", @head, @own, @about, relation_lines($package), "%description$which",
        ($summary, @text), scriptlet_lines($package, $which), "%files$which",
        @{ $package->{files} }, '';
}
