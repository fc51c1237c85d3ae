# SPDX-License-Identifier: Apache-2.0
#
# The advisories of updates, made of the changelogs that the updates bring.

# Updates of these take effect after a reboot.
my $needs_reboot = qr{^(?:linux|linux-signed-amd64|glibc|systemd|dbus)$};
my %severities = (low => 'Low', medium => 'Moderate', high => 'Important', emergency => 'Critical');

sub plain_xml {
    my ($text) = @_;
    $text =~ s/[^\x09\x0a\x20-\x7e]/?/g;
    $text =~ s/&/&amp;/g;
    $text =~ s/</&lt;/g;
    $text =~ s/>/&gt;/g;
    $text =~ s/"/&quot;/g;
    return $text;
}

# The entries of a changelog above the version that was there: a list of version, urgency, suite,
# date and text.
sub new_entries {
    my ($changelog, $before) = @_;
    my (@entries, $now);
    for (split /\n/, $changelog) {
        if (/^\S+ \(([^)]+)\) ([^;]+);.*\burgency=(\w+)/) {
            last if $1 eq $before || @entries >= 40;
            $now = { version => $1, suite => $2, urgency => lc $3, text => '', date => '' };
            push @entries, $now;
        } elsif ($now && /^ -- .*>  (.+)$/) {
            $now->{date} = $1;
        } elsif ($now) {
            $now->{text} .= "$_\n";
        }
    }
    return @entries;
}

my %months;
@months{qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec)} = map { sprintf '%02d', $_ } 1 .. 12;

# "Mon, 02 Mar 2026 10:11:12 +0100", as advisories write it.
sub issued_at {
    my ($date) = @_;
    my ($day, $month, $year, $time) = $date =~ /(\d+) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d)/
        or return '1970-01-01 00:00:00';
    return sprintf '%s-%s-%02d %s', $year, $months{$month} || '01', $day, $time;
}

# Among the new entries: the highest severity there is a word for.
sub severity_of {
    my (@entries) = @_;
    for my $urgency (qw(emergency high medium)) {
        return $severities{$urgency} if grep { $_->{urgency} eq $urgency } @entries;
    }
    return 'Low';
}

sub package_xml {
    my ($package) = @_;
    my ($epoch, $version, $release, $arch) =
        @{$package}{qw(epoch version release architecture)};
    return sprintf '   <package name="%s" epoch="%s" version="%s" release="%s" arch="%s" src="%s">'
        . "<filename>%s</filename>%s</package>\n",
        $package->{name}, $epoch, $version, $release, $arch, $package->{source_rpm},
        $package->{file}, $package->{reboot} ? '<reboot_suggested>True</reboot_suggested>' : '';
}

sub reference_xml {
    my ($cve) = @_;
    my $address = "https://www.cve.org/CVERecord?id=$cve";
    return qq(   <reference href="$address" id="$cve" type="cve" title="$cve"/>\n);
}

# $update: source, entries, packages
sub advisory_xml {
    my ($update, $number) = @_;
    my @entries = @{ $update->{entries} };
    my $text = join "\n", map { "$_->{version}:\n$_->{text}" } @entries;
    my %cves = map { $_ => 1 } $text =~ /\b(CVE-\d{4}-\d{4,7})\b/g;
    my $type = %cves || grep({ $_->{suite} =~ /security/ } @entries) ? 'security' : 'bugfix';
    my $date = issued_at(@entries ? $entries[0]{date} : '');
    my $id = sprintf 'SY%sA-%s:%04d', $type eq 'security' ? 'S' : 'B', substr($date, 0, 4), $number;
    my $what = $type eq 'security' ? 'security update' : 'bug fix update';
    my $references = join '', map { reference_xml($_) } sort keys %cves;
    my $reboot = $update->{source} =~ $needs_reboot;
    $_->{reboot} = $reboot for @{ $update->{packages} };
    return join '', qq( <update from="synthetic-el" status="final" type="$type" version="1">\n),
        "  <id>$id</id>\n  <title>$update->{source} $what</title>\n",
        '  <severity>' . severity_of(@entries) . "</severity>\n",
        qq(  <issued date="$date"/>\n  <updated date="$date"/>\n),
        "  <references>\n$references  </references>\n",
        '  <description>' . plain_xml(substr $text, 0, 20000) . "</description>\n",
        qq(  <pkglist><collection short="updates"><name>Updates</name>\n),
        (map { package_xml($_) } sort { $a->{name} cmp $b->{name} } @{ $update->{packages} }),
        "  </collection></pkglist>\n </update>\n";
}

sub updateinfo_xml {
    my (%updates) = @_;
    my $number = 0;
    return
          qq(<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n)
        . join('', map { advisory_xml($updates{$_}, ++$number) } sort keys %updates)
        . "</updates>\n";
}
