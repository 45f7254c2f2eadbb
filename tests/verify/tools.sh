#!/bin/bash
# git, gawk, jq, xmllint, openssl, curl, bash: a little of each.
# timeout: 170
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need git gawk jq xmllint openssl curl bash

export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b \
	GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
scenario() {
	git -c init.defaultBranch=m init -q r && cd r || return 1
	seq 1 3000 >f && git add f && git commit -qm one && seq 1 2 3000 >f && git commit -qam two
	git log --stat -p | tail -1 && git gc -q && git fsck && cd ..
	gawk 'BEGIN { for (i = 0; i < 20000; i++) { a[i % 700] = a[i % 700] "x" i; gsub(/7/, "y", a[i % 700]) }
		n = asorti(a, b); print n, length(a[3]) }'
	jq -n '[range(3000) | {a: ., b: (. * 7 % 13 | tostring)}] | group_by(.b) | map(length) | @json'
	seq 1 3000 | sed 's|.*|<a i="&"><b>&amp;</b></a>|; 1i <r>
		$a </r>' >x.xml && xmllint --xpath 'count(//a[@i mod 3 = 0]/b)' x.xml && xmllint --format x.xml | tail -1
	openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=x -keyout k.volatile -out c.volatile 2>&1 | grep -c Error
	openssl x509 -in c.volatile -noout -subject
	seq 1 500 | openssl enc -aes-128-cbc -pass pass:x -pbkdf2 -S 0011223344556677 | openssl dgst -sha256
	curl -s file://"$PWD"/x.xml | tail -1
	bash -c 'for i in {1..3000}; do a[i]=${i//1/x}; done; echo ${#a[@]} $(echo nested $(echo more))'
}
verify_same 'events>=150000' scenario
