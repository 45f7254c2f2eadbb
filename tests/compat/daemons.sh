#!/bin/bash
# Daemons: fork twice, setsid, all descriptors closed, readiness told to NOTIFY_SOCKET; dbus-daemon with its clients.
# pitfall: P16 P17
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need gcc dbus-daemon dbus-send python3
program dbus-daemon dbus-daemon --version

gcc -g -O1 -pthread -o "$work/classic" "$tests/compat/parts/daemon.c" || fail 'cannot compile'

# As systemd does it: a datagram socket in NOTIFY_SOCKET, of which this says what came. /usr/bin/python3: no shim.
listen() {
	env -u LD_PRELOAD /usr/bin/python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify.volatile"); s.settimeout(20)
print("listening", file=open("listening.volatile", "w"))
for _ in range(int(sys.argv[1])):
    print(*s.recv(4096).decode().split("\n"), sep="\n")' "$1" &
}

classic() {
	local rounds=$1
	listen 3
	wait_for 10 test -s listening.volatile
	export NOTIFY_SOCKET=$PWD/notify.volatile
	"$work/classic" "$rounds" "$PWD/log" "$PWD/pid.volatile" || return
	wait_for 20 test -s pid.volatile || return
	kill -HUP "$(cat pid.volatile)" && wait_for 20 grep -q reloaded log || return
	kill -TERM "$(cat pid.volatile)"
	wait && cat log
}

systemd_notify() {
	type systemd-notify >/dev/null 2>&1 || return 0
	listen 2
	wait_for 10 test -s listening.volatile
	NOTIFY_SOCKET=$PWD/notify.volatile systemd-notify --ready --status='all is well' --no-block || return
	NOTIFY_SOCKET=$PWD/notify.volatile systemd-notify --no-block STOPPING=1
	wait
}

dbus() {
	local calls=$1 i pid to='--print-reply=literal --dest=org.freedesktop.DBus /org/freedesktop/DBus'
	cat >bus.conf <<-END
		<busconfig><type>session</type><listen>unix:path=$PWD/bus.volatile</listen><auth>EXTERNAL</auth>
		<fork/><pidfile>$PWD/pid.volatile</pidfile>
		<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
	END
	dbus-daemon --config-file=bus.conf || return
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$PWD/bus.volatile
	for ((i = 0; i < calls; i++)); do
		# shellcheck disable=SC2086 # words
		dbus-send --session $to org.freedesktop.DBus.ListNames &
		dbus-send --session --type=signal / a.b.Signal "string:$(printf '%*s' $((i * 100 % 5000)) x)" &
		[ $((i % 8)) != 7 ] || wait
	done | sed 's/:1\.[0-9]*/:1.N/g;s/ \+/ /g' | tr -s ' ' '\n' | sort -u
	wait
	dbus-send --session --print-reply --dest=a.b / a.b.NoSuch 2>&1 | cut -d : -f 1
	pid=$(cat pid.volatile) && kill "$pid" && wait_for 20 test ! -e "/proc/$pid"
	rm bus.conf
}

same classic "$(by_length 2000 200000)"
same systemd_notify
same dbus "$(by_length 40 2000)"
