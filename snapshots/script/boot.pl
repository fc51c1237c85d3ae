# SPDX-License-Identifier: Apache-2.0
#
# What the machine starts with: the boot loader's menu and files, what the firmware starts.

# Text of the firmware: two bytes a character, up to a zero.
sub firmware_text {
    my ($bytes) = @_;
    my $text = '';
    for (unpack 'v*', $bytes) {
        last unless $_;
        $text .= $_ >= 32 && $_ < 127 ? chr : '?';
    }
    return $text;
}
# What a boot entry starts: its name, and the files in its device path (type 4, subtype 4).
sub firmware_entry {
    my ($entry) = @_;
    my ($active, $length) = unpack 'Vv', $entry;
    return 'broken' unless defined $length;
    my $name = firmware_text(substr $entry, 6);
    my $at = 6 + 2 * (1 + length $name);
    my $end = $at + $length;
    my @files;
    while ($at + 4 <= $end && $end <= length $entry) {
        my ($type, $kind, $size) = unpack 'CCv', substr $entry, $at, 4;
        last if $size < 4 || $type == 0x7f;
        push @files, firmware_text(substr $entry, $at + 4, $size - 4)
            if $type == 4 && $kind == 4;
        $at += $size;
    }
    return join ' ', $active & 1 ? 'active' : 'inactive', $name, @files;
}

sub firmware_value {
    my ($variable, $value) = @_;
    return join ',', map { sprintf '%04X', $_ } unpack 'v*', $value if $variable eq 'BootOrder';
    return ord $value ? 'on' : 'off' if $variable eq 'SecureBoot';
    return firmware_entry($value);
}
# What the firmware tries, and in which order; whether it asks for signatures.
sub firmware_entries {
    my $dir = '/sys/firmware/efi/efivars';
    for (entries($dir)) {
        my ($variable) = /^(Boot[0-9A-F]{4}|BootOrder|SecureBoot)-8be4df61/ or next;
        my $bytes = slurp("$dir/$_", 65536);
        next unless defined $bytes && length $bytes > 4;
        my $value = substr $bytes, 4;    # after the attributes
        fact("firmware: $variable", firmware_value($variable, $value));
    }
}
# The boot loaders on the firmware's own partition, by their digests.
sub loader_files {
    my ($dir, $depth) = @_;
    return if $depth > 6;
    for (entries($dir)) {
        my $path = "$dir/$_";
        next if -l $path;
        if (-f _) {
            next if -s _ > 64 << 20;
            my ($sum, $rc) = run('sha256sum', $path);
            fact("$path: content", $rc ? 'unreadable' : substr $sum, 0, 64);
        } elsif (-d _) {
            loader_files($path, $depth + 1);
        }
    }
}
class 'boot' => sub {
    for my $menu (grep { -f } '/boot/grub/grub.cfg', '/boot/grub2/grub.cfg') {
        for (split /\n/, slurp($menu) || '') {
            fact("$menu: kernel arguments: $1", 'present')
                if /^\s*linux\S*\s+\S+\s+(.*?)\s*$/;
            fact("$menu: default entry", $1)
                if /^\s*set default="?([^"\$]*)"?\s*$/ && $1 ne '';
        }
    }
    for my $file ('/etc/default/grub',
        map { "/etc/default/grub.d/$_" } grep { /\.cfg$/ } entries('/etc/default/grub.d'))
    {
        lines_of($file) if -f $file;
    }
    for ('/vmlinuz', '/initrd.img', '/boot/vmlinuz', '/boot/initrd.img') {
        my $target = readlink $_;
        fact("$_: link", $target) if defined $target;
    }
    lines_of("/boot/loader/entries/$_") for grep { /\.conf$/ } entries('/boot/loader/entries');
    firmware_entries();
    loader_files('/boot/efi', 0);
};
