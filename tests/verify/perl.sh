#!/bin/bash
# perl: hashes, sorts with callbacks, substitutions with code, closures, recursion, a signal handler.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need perl

scenario() {
	PERL_HASH_SEED=0 perl -e '
		my %h; $h{$_} = [1 .. $_ % 20] for 1 .. 20000;
		my @k = sort { $#{$h{$a}} <=> $#{$h{$b}} || $a <=> $b } keys %h;
		s/(\d+)/"<" . ($1 + 1) . ">"/e for @k;
		sub down { my $n = shift; my @a = (1 .. 3); $n ? down($n - 1) + 1 : 0 }
		my $seen = 0; $SIG{ALRM} = sub { my @b = map { "x" x $_ } 1 .. 20; $seen++ };
		kill ALRM => $$ for 1 .. 50;
		my @subs = map { my $n = $_; sub { $n * 2 } } 1 .. 1000;
		my $sum = 0; $sum += $_->() for @subs;
		print scalar(@k), " ", down(90), " $seen $sum ", join(",", sort map { eval { die [$_] } or $@->[0] } 1 .. 5), "\n";'
}
verify_same 'events>=100000' scenario
