#!/bin/bash
# sudo, su, passwd, ssh-agent, chage: set-user-id and set-group-id programs run on, unrecorded; leak run and leak doctor say so.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need sudo su passwd chage ssh-agent setpriv
[ "$(id -u)" = 0 ] || skip 'needs root, which becomes a user without rights'
program sudo sudo --version
user=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# Between programs that are recorded, as their parents and as their children.
scenario() {
	local rounds=$1
	for ((; rounds > 0; rounds--)); do
		"${user[@]}" bash -c '
			sudo -n true; echo "sudo $?"
			sudo -V | head -1
			su -c true nobody </dev/null; echo "su $?"
			passwd -S; echo "passwd $?"
			chage -l nobody; echo "chage $?"
			expiry -c; echo "expiry $?"
			ssh-agent bash -c "ssh-add -l; echo ssh-add \$?; kill \$SSH_AGENT_PID"
			mount /nonexistent /mnt; echo "mount $?"
			awk "BEGIN { print 6 * 7 }"'
		# Of root, it is an ordinary program, and a daemon may run as somebody else.
		su -s /bin/sh -c 'echo "$((6 * 7)) as $(id -u)"' nobody
		echo "preloads of sudo's program: $(sudo -n -u nobody env | grep -c ^LD_PRELOAD)"
	done
}

# Nothing of those that the loader takes the recorder from, nor of what they start.
unrecorded() {
	local names recorded
	names=$(images | sed 's/.*leak\.\(.*\)\.[0-9]*\.leak/\1/' | sort | uniq -c | awk '{ print $2 }' | tr '\n' ' ')
	[[ " $names" == *' bash '* ]] || fail "no image of bash: $names"
	for recorded in passwd chage expiry ssh-agent mount; do
		[[ " $names" != *" $recorded "* ]] || fail "an image of $recorded"
	done
}
SHARED=1 CHECK=unrecorded same scenario "$(by_length 1 20)"

# shared FILE…: where the other user can read them.
mkdir "$work/shared" && cp "$lib" "$leak" "$work/shared" && chmod -R a+rX "$work/shared" || exit 1
said=$("${user[@]}" "$work/shared/leak" run -o "$work/run/x.leak" -- sudo -n true 2>&1)
[[ $said == *'sudo: is set-user-id or set-group-id: the loader ignores LD_PRELOAD for it'* ]] || fail "leak run says: $said"
said=$("${user[@]}" "$work/shared/leak" doctor ssh-agent 2>&1) && fail "leak doctor has no objection: $said"
[[ $said == *'is set-user-id or set-group-id'* ]] || fail "leak doctor says: $said"
