#!/bin/bash
# ssh-keygen: keys of three kinds with and without passphrase, fingerprints, signatures, certificates, revocation lists.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need ssh-keygen ssh
program OpenSSH ssh -V

scenario() {
	local kind
	mkdir keys.volatile && cd keys.volatile && echo 'a text' >text || return
	for kind in ed25519 ecdsa "rsa -b $(by_length 2048 4096)"; do
		# shellcheck disable=SC2086 # words
		ssh-keygen -q -t $kind -N '' -C "${kind%% *}" -f "${kind%% *}" && ssh-keygen -y -f "${kind%% *}" | cut -d ' ' -f 1,3 &&
			ssh-keygen -l -f "${kind%% *}.pub" | cut -d ' ' -f 1,3- &&
			ssh-keygen -q -Y sign -f "${kind%% *}" -n file text 2>/dev/null &&
			ssh-keygen -q -Y check-novalidate -n file -s text.sig <text | cut -d ' ' -f 1-6 &&
			rm text.sig || return
	done
	ssh-keygen -q -p -P '' -N 'a passphrase' -a 4 -f ed25519 && ssh-keygen -y -P wrong -f ed25519 2>&1 | cut -c 1-40
	ssh-keygen -q -s ecdsa -I name -n user -V 20200101:20300101 -z 7 rsa.pub && ssh-keygen -L -f rsa-cert.pub | grep -E 'Serial|Valid|Key ID'
	ssh-keygen -q -k -f revoked rsa.pub && ssh-keygen -Q -f revoked rsa.pub | cut -d ' ' -f 1,3-
	echo "host $(cut -d ' ' -f 1,2 ecdsa.pub)" >known && ssh-keygen -q -H -f known >/dev/null 2>&1 && ssh-keygen -F host -f known | wc -l
	ssh -G -F /dev/null somewhere | sort | head -3
	ssh-keygen -l -f nosuch
}
STATUS=255
same scenario
