#!/bin/bash
# mandoc finds nothing to warn about in the man pages.
. "$(dirname "$0")/../lib.sh"

need mandoc
for page in preload/libleak.7 analyzer/leak.1; do
	mandoc -T lint -W warning "$root/$page" >found 2>&1 || fail "$page: $(cat found)"
	expect_eq "what mandoc says of $page" '' "$(cat found)"
done
