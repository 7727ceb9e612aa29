#!/bin/sh
# Records what GNU patch makes of each case: `gnu/` where its bytes are other ones than `after/`, nothing where they are
# the same. Prints the cases of which `gnu = ` in `case.toml` says otherwise. Needs GNU patch; the tests do not.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
value() { sed -n "s/^$2 = //p" "$1/case.toml"; }
for case in */; do
    case=${case%/}
    rm -rf "$case/gnu" "$work/tree"
    mkdir "$work/tree"
    [ ! -d "$case/before" ] || cp -R "$case/before/." "$work/tree"
    strip=$(value "$case" strip)
    fuzz=$(value "$case" fuzz)
    set -- "-p${strip:-1}" "-F${fuzz:-2}" -f -N --no-backup-if-mismatch -r -
    [ "$(value "$case" reverse)" != true ] || set -- "$@" -R
    (cd "$work/tree" && patch "$@") <"$case/x.patch" >/dev/null 2>&1 || true
    mkdir -p "$work/none"
    after=$case/after
    [ -d "$after" ] || after=$work/none
    said=$(value "$case" gnu)
    if diff -r "$work/tree" "$after" >/dev/null; then
        [ "$said" = '"same"' ] || echo "$case: GNU patch gives the same bytes"
    else
        cp -R "$work/tree" "$case/gnu"
        # A link is recorded as a file that says where it leads.
        find "$case/gnu" -type l | while read -r link; do
            readlink "$link" >"$link.link"
            rm "$link"
        done
        [ "$said" != '"same"' ] || echo "$case: GNU patch gives other bytes"
    fi
done
