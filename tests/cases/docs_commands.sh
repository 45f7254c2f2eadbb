#!/bin/bash
# leak.1 lists exactly the commands and options that `leak --help` and `leak COMMAND --help` print.
. "$(dirname "$0")/../lib.sh"

page=$root/analyzer/leak.1

# help_options [COMMAND]: "-f, --format=ARG" and so on, as the program prints them.
help_options() {
	"$leak" "$@" --help | sed -n '/^options:/,/^$/s/^ *\(\(-[A-Za-z], \)\{0,1\}--[^ ]*\).*/\1/p'
}

# page_options HEADING: the same from the list items of a section (.Sh) or subsection (.Ss).
page_options() {
	awk -v heading="$1" '/^\.S[hs] / { inside = $0 == heading } inside' "$page" | sed -n '/^\.It Fl /{
		s/^\.It //
		s/Fl -\([a-z]\)/--\1/g
		s/Fl \([A-Za-z]\) , /-\1, /
		s/ Ns Oo = Ns Ar \(.*\) Oc$/[=\1]/
		s/ Ns = Ns Ar /=/
		p
	}'
}

help_options >global
[ -s global ] || fail "found no options in leak --help"
page_options '.Sh OPTIONS' >page_global
diff global page_global || fail "the options of every command differ: leak --help (<), leak.1 (>)"

"$leak" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' >commands
[ -s commands ] || fail "found no commands in leak --help"
sed -n '/^\.Sh COMMANDS/,/^\.Sh THE/s/^\.Ss //p' "$page" >page_commands
diff commands page_commands || fail "the commands differ: leak --help (<), leak.1 (>)"

while read -r command; do
	[ "$command" != help ] || continue
	help_options "$command" | grep -vxFf global >own
	page_options ".Ss $command" >page_own
	diff own page_own || fail "options of $command differ: leak $command --help (<), leak.1 (>)"
done <commands

# Formats, groups and the like stand in the option's own line; exit statuses are in a list.
for status in 0 2 3 23; do
	grep -qx "\\.It $status" "$page" || fail "leak.1 does not explain exit status $status"
done
