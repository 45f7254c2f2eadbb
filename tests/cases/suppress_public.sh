#!/bin/bash
# Suppression files that other projects publish load without an error, with all their leak entries.
. "$(dirname "$0")/../lib.sh"
need gcc valgrind

echo 'int main(void) { return 0; }' >p.c
gcc -o p p.c || fail "cannot compile"
preloaded ./p
image=$(images)

# Those of GLib and GTK, where their packages are not installed, can be looked at without.
fetch() { # PACKAGE FILE
	[ -e "$2" ] && return
	mkdir -p "$work/fetched" && cd "$work/fetched" || exit 1
	if timeout 60 apt-get download "$1" >/dev/null 2>&1; then
		dpkg-deb -x "$1"_*.deb . 2>/dev/null
	fi
	cd "$work/run" || exit 1
}
fetch libglib2.0-dev /usr/share/glib-2.0/valgrind/glib.supp
fetch libgtk-4-bin /usr/share/gtk-4.0/valgrind/gtk.supp
[ -e "$work/fetched/usr/share/gtk-4.0/valgrind/gtk.supp" ] || fetch libgtk-4-dev /usr/share/gtk-4.0/valgrind/gtk.supp

# leak_entries FILE: counted without our parser.
leak_entries() {
	awk '/^[ \t]*\{[ \t]*$/ { line = 0 } { line++ } line == 3 && /^[ \t]*([A-Za-z]*,)*Memcheck(,[A-Za-z]*)*:[ \t]*Leak[ \t]*$/' "$1" | wc -l
}

files=0 entries=0 names=
for file in /usr/lib/valgrind/*.supp /usr/libexec/valgrind/*.supp /usr/share/*/valgrind/*.supp \
	"$work"/fetched/usr/share/*/valgrind/*.supp; do
	[ -e "$file" ] || continue
	"$leak" report -v --no-default-suppressions --suppressions="$file" "$image" >out 2>err ||
		fail "$file: $(head -3 err)"
	expected=$(leak_entries "$file")
	expect_eq "what is said of $file" \
		"leak: $file: $expected suppression$([ "$expected" = 1 ] || echo s) read" "$(cat err)"
	"$leak" suppress lint "$file" >out 2>err
	[ $? -lt 2 ] || fail "lint of $file: $(cat err)"
	files=$((files + 1)) entries=$((entries + expected)) names="$names ${file##*/}"
done
[ $files -gt 0 ] || skip "no public suppression file here"
echo "counted: $files public files with $entries leak entries:$names"
