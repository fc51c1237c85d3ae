# SPDX-License-Identifier: Apache-2.0
#
# What starts by itself: the closure of what a start of the machine (or a login) pulls in, whoever
# put the link there, and of what starts at an event (timers, sockets, paths, a shutdown, a device).
# And how units run, as systemd puts it together from a unit's file and all that amends it.

# A unit by the name of its file: aliases lead to it, instances have the file of their template.
sub unit_of_name {
    my ($read, $name) = @_;
    for (1 .. 5) {
        my $path = $read->{units}{$name};
        if (!defined $path) {
            my $template = $name =~ s/^([^\@]+\@).+(\.\w+)\z/$1$2/r;
            return ($name, $read->{units}{$template});
        }
        my $target = readlink $path;
        return ($name, $path) if !defined $target;
        return () if $target eq '/dev/null';
        my $file = $target =~ s{.*/}{}r;
        return ($name, $path) if $file eq $name || $file !~ $any_unit;
        # an instance that is a link to its template
        return ($name, $path) if $file =~ /\@\./ && $name =~ /\@/;
        $name = $file;
    }
    return ();
}

# The folders NAME.d that amend a unit, the least telling name first, as systemd reads them.
sub amending_names {
    my ($unit) = @_;
    my ($stem, $type) = $unit =~ /^(.*)\.(\w+)\z/ or return ();
    my @names = ("$type.d");
    my $start = '';
    my @parts = split /-/, $stem, -1;
    pop @parts;
    for (@parts) { $start .= "$_-"; push @names, "$start.$type.d"; }
    push @names, "$1$2.d" if $unit =~ /^([^\@]+\@).+(\.\w+)\z/;
    return (@names, "$unit.d");
}

# "Section Key" => values of a unit in effect.
my %amended_unit;

sub unit_in_effect {
    my ($read, $unit, $path) = @_;
    my $of = unit_at($path) || {};
    my %file;   # of drop-ins of one name, the more telling folder's, and the first place's, is read
    for my $name (grep { $read->{amended}{$_} } amending_names($unit)) {
        my %here;
        for my $folder (@{ $read->{amended}{$name} }) {
            if (!exists $amended_unit{$folder}) {
                $amended_unit{$folder} = [grep { /\.conf\z/ } entries($folder)];
            }
            $here{$_} ||= "$folder/$_" for @{ $amended_unit{$folder} };
        }
        @file{ keys %here } = values %here;
    }
    return $of unless %file;
    my %copy = map { $_ => [@{ $of->{$_} }] } keys %$of;
    for (sort keys %file) {
        my $text = slurp($file{$_});
        parse_unit($text, \%copy) if defined $text;
    }
    return \%copy;
}

my @at_events = map { "$_.target" } 'ctrl-alt-del', 'reboot', 'poweroff', 'halt', 'kexec',
    'shutdown', 'umount', 'final', 'sleep', 'suspend', 'hibernate', 'hybrid-sleep',
    'suspend-then-hibernate', 'emergency', 'rescue', 'kbrequest', 'sigpwr', 'bluetooth', 'printer',
    'smartcard', 'sound', 'usb-gadget', 'system-update', 'exit', 'graphical-session',
    'graphical-session-pre', 'xdg-desktop-autostart';

# Unit => $at_start or 'event', of all units that start by themselves.
sub what_starts {
    my ($read, $at_start) = @_;
    my (%starts, @todo);
    my $add = sub {
        my ($name, $how) = @_;
        my ($unit, $path) = unit_of_name($read, $name);
        return unless defined $path;
        return if exists $starts{$unit} && ($starts{$unit} eq $at_start || $how eq 'event');
        $starts{$unit} = $how;
        push @todo, [$unit, $path, $how];
    };
    # a folder of links may be that of an alias
    my %pulled;
    for my $entry (keys %{ $read->{pulled} }) {
        my ($name) = $entry =~ /^(.*)\.\w+\z/;
        my ($unit) = unit_of_name($read, $name);
        my $links = $read->{pulled}{$entry};
        push @{ $pulled{ defined $unit ? $unit : $name } },
            grep { $links->{$_} ne '/dev/null' } keys %$links;
    }
    $add->($read->{units}{'default.target'} ? 'default.target' : 'graphical.target', $at_start);
    $add->($_, 'event') for @at_events, map { @{ $pulled{$_} } } grep { /\.device\z/ } keys %pulled;
    while (my $next = pop @todo) {
        my ($unit, $path, $how) = @$next;
        my $of = unit_in_effect($read, $unit, $path);
        $add->($_, $how) for @{ $pulled{$unit} || [] };
        for my $key ('Wants', 'Requires', 'BindsTo', 'Upholds') {
            $add->($_, $how) for map { split ' ' } @{ $of->{"Unit $key"} || [] };
        }
        $add->($_, 'event')
            for map { split ' ' } map { @{ $of->{"Unit $_"} || [] } } 'OnFailure', 'OnSuccess';
        my ($stem, $type) = $unit =~ /^(.*)\.(timer|path|socket)\z/ or next;
        my $names = $of->{ $type eq 'socket' ? 'Socket Service' : ucfirst($type) . ' Unit' };
        my $each = ($of->{'Socket Accept'} || [''])->[-1] =~ /^(?:1|y|yes|t|true|on)$/i;
        $add->($_, 'event')
            for $names && @$names ? $names->[-1] : $each ? "$stem\@.service" : "$stem.service";
    }
    return %starts;
}

# How a unit runs: three facts, each of all its settings of a kind. Not what only orders or
# describes.
my $rights = qr/^(?:User|Group|DynamicUser|SupplementaryGroups|PAMName|CapabilityBoundingSet
    |AmbientCapabilities|SecureBits|NoNewPrivileges|(?:Protect|Private|Restrict|SystemCall)\w+
    |(?:ReadOnly|Lock)\w+|InaccessiblePaths|TemporaryFileSystem|BindPaths|NoExecPaths
    |MemoryDenyWriteExecute|RootDirectory|RootImage|RemoveIPC|AppArmorProfile|SELinuxContext
    |SmackProcessLabel|DevicePolicy|DeviceAllow|IPAddress\w+|Delegate|SocketUser|SocketGroup
    |SocketMode|UMask|PermissionsStartOnly)$/x;
my $limits = qr/^(?:Limit|Memory|CPU|IO|Tasks|OOM|BlockIO|Startup|Numa)\w+$|^(?:Nice|Slice)$/;
my $no_matter = qr/^(?:Description|Documentation|After|Before|Wants|WantedBy|Also|Alias|RequiredBy
    |UpheldBy|DefaultInstance|SourcePath|SyslogIdentifier|StandardOutput|StandardError)$/x;

sub settings_of_unit {
    my ($unit, $of) = @_;
    my %told;
    for (sort keys %$of) {
        my ($key) = /^\w+ (\w+)$/ or next;
        next if $key =~ $no_matter || !@{ $of->{$_} };
        my $values = $of->{$_};
        # of what cannot be said twice, the last counts
        $values = [$values->[-1]]
            if @$values > 1
            && $key =~ /^(?:User|Group|Type|DynamicUser|NoNewPrivileges|Nice|Slice|UMask
                |Protect(?!\w*Paths)\w+|Private\w+|Limit\w+|Memory\w+|CPU\w+|Tasks\w+|Restart)$/x;
        my $kind = $key =~ $rights ? 'rights' : $key =~ $limits ? 'limits' : 'commands';
        push @{ $told{$kind} }, "$key=" . join ' ;; ', @$values;
    }
    fact("$unit: $_", join ' | ', @{ $told{$_} }) for keys %told;
}

