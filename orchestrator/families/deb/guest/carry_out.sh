# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # install.sh, which stands behind, sets dir
# Put before install.sh: how packages of this family are installed from the patch disk. Sets functions only.

# No source but the disk's index, named to apt below: read as it is, there is nothing to update,
# which would cost a second.
prepare_install() {
    (umask 022 && mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial") || return
    cat >"$dir/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "-";
Dir::State::lists "$dir/lists";
Dir::Cache "$dir/cache";
Dir::Cache::archives "archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
END
    [ ! -s "$dir/answers" ] || debconf-set-selections <"$dir/answers"
}

# plain_names WORD...: the packages without their versions
plain_names() {
    for word; do
        word=${word%%=*}
        printf '%s\n' "${word%-}"
    done
}

# carry_out OPTION PACKAGE...
#   OPTION   of apt-get ("--allow-downgrades"), or empty
#   PACKAGE  "name=version", or "name-" for one to remove
carry_out() {
    option=$1
    shift
    # shellcheck disable=SC2046 # a list of words
    remember_marks $(plain_names "$@")
    apt_get -c "$dir/apt.conf" --with-source "$dir/disk/repo/Packages" --allow-change-held-packages \
        ${option:+"$option"} install "$@"
    code=$?
    restore_marks 2>/dev/null
    return $code
}
