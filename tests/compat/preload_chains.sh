#!/bin/bash
# libfaketime, libeatmydata, libgtk3-nocsd: preloaded before the recorder and after it, one at a time and all three.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need perl git tar awk
program libfaketime faketime --version

# place NAME: of a library that is preloaded; empty where it is not.
place() {
	local path
	for path in "${library_places[@]/%//$1}" "${library_places[@]/%//faketime/$1}"; do
		[ -e "$path" ] && echo "$path" && return
	done
}
faketime=$(place libfaketime.so.1)
eatmydata=$(place libeatmydata.so)
nocsd=$(place libgtk3-nocsd.so.0)
[ -n "$faketime$eatmydata$nocsd" ] || skip 'none of libfaketime, libeatmydata, libgtk3-nocsd here'
export FAKETIME='@2001-02-03 04:05:06' FAKETIME_DONT_RESET=1 FAKETIME_NO_CACHE=1 GTK_CSD=0

scenario() {
	local rounds=$1 i
	export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_CONFIG_NOSYSTEM=1
	perl -e 'my @a = map { { n => $_ } } 1 .. 5000; my $p = fork; if (!$p) { @a = (); exit 7 } waitpid $p, 0;
		print scalar(@a), " ", $? >> 8, "\n"'
	git init -q -b main made && cd made || return
	for ((i = 1; i <= rounds; i++)); do
		seq $i $((i * 50)) >file && git add file && git commit -q -m "change $i" || return
	done
	git -c pack.threads=1 gc -q && git log --format=%s | wc -l
	git log -1 --format=%ad --date=format:%Y
	cd .. && seq 1 20000 | sort -S 1M -n | tail -1 && tar -cf a.tar made/file --mtime=@0 --owner=0 --group=0 && sync a.tar &&
		rm -rf made
	awk 'BEGIN { while (("echo a; echo b" | getline line) > 0) print line; exit 3 }'
}
STATUS=3
rounds=$(by_length 3 100)

# chain BEFORE AFTER: what is preloaded before the recorder, and after it.
chain() {
	PRELOAD_BEFORE=$1 PRELOAD_MORE=$2 same scenario "$rounds"
	[[ $1:$2 != *faketime* ]] || grep -qx 2001 "$work/preloaded.out" || fail 'the time is not faked'
}
for other in $faketime $eatmydata $nocsd; do
	chain "$other" ''
	chain '' "$other"
done
all=$(tr -s ' ' : <<<"$faketime $eatmydata $nocsd" | sed 's/^://;s/:$//')
chain "$all" '' && chain '' "$all"
