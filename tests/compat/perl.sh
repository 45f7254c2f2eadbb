#!/bin/bash
# perl: hashes, regular expressions, sort, fork, backticks.
. "$(dirname "$0")/../lib.sh"
need perl
program perl perl --version

scenario() {
	PERL_HASH_SEED=0 perl -e '
		my %h; $h{$_ % 97} .= chr(65 + $_ % 26) for 1 .. 5000;
		print join(",", map { "$_:" . length $h{$_} } sort { $a <=> $b } keys %h), "\n";
		my $text = "abc" x 1000; my $n = () = $text =~ /b(c)/g; print "$n\n";
		my $pid = fork; if (!$pid) { my @x = (1) x 10000; exit scalar(@x) % 7 }
		waitpid $pid, 0; print $? >> 8, "\n"; print `echo from a shell`; exit 3'
}
STATUS=3
same scenario
