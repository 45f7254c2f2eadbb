#!/bin/bash
# libleak.7 lists exactly the options of options.def, with their defaults, in the same order.
. "$(dirname "$0")/../lib.sh"

def=$root/preload/options.def
sed -n 's/^OPTION(\([a-z_]*\), [A-Z]*, "\{0,1\}\([^",|]*\)[^",]*"\{0,1\},.*/\1=\2/p' "$def" >expected
expect_eq "rows understood of options.def" "$(grep -c '^OPTION(' "$def")" "$(wc -l <expected)"
sed -n '/^\.Sh OPTIONS$/,/^\.Sh IMAGE/{
	s/^\.It Cm \([a-z_]*\) Ns = Ns Li \(.*\)$/\1=\2/p
	s/^\.It Cm \([a-z_]*\) Ns = Ns Ar .*$/\1=/p # without a default
}' \
	"$root/preload/libleak.7" >page
diff expected page || fail "preload/libleak.7 does not list the options of preload/options.def (<)"

# What was not recorded: the page has a line for each counter, with the words of the report.
sed -n '/^#define IMAGE_LOST_TABLE/,/^$/s/.*X([A-Z_]*, "\([a-z_]*\)", "\([^"]*\)").*/\1: \2/p' \
	"$root/preload/image_format.h" >expected
[ -s expected ] || fail "found no counters in preload/image_format.h"
sed -n '/^\.It Li /{s/^\.It Li //;N;s/\n/: /p}' "$root/preload/libleak.7" >page
diff expected page || fail "preload/libleak.7 does not list the counters of image_format.h (<)"

# leak.h: the page has each function.
grep -o '\bleak_[a-z_]*(' "$root/preload/leak.h" | tr -d '(' | sort -u >expected
sed -n 's/^\.It Ft .* Fn \(leak_[a-z_]*\).*/\1/p' "$root/preload/libleak.7" | sort -u >page
diff expected page || fail "preload/libleak.7 does not describe the functions of preload/leak.h (<)"
