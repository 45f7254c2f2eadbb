#!/bin/bash
# nginx, its master and workers, some requests and a reload: nothing is lost.
# timeout: 240
. "$(dirname "$0")/definite.inc"
PATH=$PATH:/usr/sbin
need nginx curl

scenario() {
	mkdir html && echo hello >html/index.html && seq 1 5000 >html/big.txt && chmod 755 "$work" . html
	cat >nginx.conf <<-END
		user root; daemon off; worker_processes 2; pid $PWD/pid; error_log $PWD/error notice;
		events { worker_connections 64; }
		http { access_log off; client_body_temp_path $PWD/b; proxy_temp_path $PWD/p; fastcgi_temp_path $PWD/f;
			uwsgi_temp_path $PWD/u; scgi_temp_path $PWD/s; gzip on; gzip_types text/plain;
			server { listen unix:$PWD/socket; root $PWD/html; default_type text/plain;
				location /gone { return 410 gone; } } }
	END
	[ "$(id -u)" = 0 ] || sed -i 's/^user root;//' nginx.conf
	recorded nginx -p "$PWD" -e error -c "$PWD/nginx.conf" &
	local master=$!
	trap 'kill "$(cat pid)" 2>/dev/null' EXIT
	local get=(curl -s -o /dev/null --compressed --unix-socket "$PWD/socket")
	wait_for 20 "${get[@]}" http://x/ || return 1
	"${get[@]}" http://x/ http://x/big.txt http://x/gone http://x/none
	kill -HUP "$(cat pid)"
	wait_for 20 sh -c 'grep -q gracefully error && [ "$(pgrep -P "$(cat pid)" | wc -l)" = 2 ]' || return 1
	"${get[@]}" http://x/
	kill -QUIT "$(cat pid)"
	wait $master
}
fifty scenario
[ "$(checked nginx)" -ge $((runs * 3)) ] || fail "only $(checked nginx) processes were checked"
none_lost
