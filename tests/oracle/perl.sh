#!/bin/bash
# perl: hashes, arrays, regular expressions.
. "$(dirname "$0")/valgrind.inc"
need perl

oracle perl -e 'my %h; $h{$_ % 97} .= chr(65 + $_ % 26) for 1 .. 3000; print join(",", map { "$_:$h{$_}" } sort keys %h), "\n"; my @m = ("abc" x 300) =~ /b(c)/g; print scalar(@m), "\n"'
