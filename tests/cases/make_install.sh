#!/bin/bash
# make install puts everything where leak finds it, also below a name with a space, and make uninstall
# removes just that.
. "$(dirname "$0")/../lib.sh"

need make gcc
[ "$build" = "$root/build" ] || skip "only of the usual build"
(cd "$root" && make -q all) || skip "what is built is not up to date"
destination="$PWD/a place"
mkdir -p "$destination/usr/bin" && echo kept >"$destination/usr/bin/other"

(cd "$root" && make -s install DESTDIR="$destination" PREFIX=/usr) >out 2>&1 || fail "install: $(cat out)"
expect_eq "what is installed" "usr/bin/leak
usr/bin/leak-valgrind
usr/bin/other
usr/include/leak.h
usr/lib/libleak.so
usr/share/man/man1/leak.1
usr/share/man/man7/libleak.7" "$(cd "$destination" && find . ! -type d | sed 's,^\./,,' | sort)"

# It is used from there, by a name without what LD_PRELOAD cannot take.
echo 'int main(void) { return 0; }' >p.c
gcc -o p p.c || fail "cannot compile"
cp -r "$destination" moved
moved/usr/bin/leak run -q -o p.leak -- ./p || fail "cannot be used from where it was installed"
moved/usr/bin/leak report p.leak >out || fail "no report"
moved/usr/bin/leak-valgrind --version | grep -q '^valgrind-' || fail "no leak-valgrind"

(cd "$root" && make -s uninstall DESTDIR="$destination" PREFIX=/usr) >out 2>&1 || fail "uninstall: $(cat out)"
expect_eq "what is left" "usr/bin/other" "$(cd "$destination" && find . ! -type d | sed 's,^\./,,')"
