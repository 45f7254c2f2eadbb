#!/bin/bash
# nginx: master and workers, requests, reload, quit.
. "$(dirname "$0")/../lib.sh"
PATH=$PATH:/usr/sbin
need nginx curl
program nginx nginx -v

port=$(unused_port)
scenario() {
	mkdir -p logs.volatile html && echo hello >html/index.html && seq 1 5000 >html/big.txt
	chmod 755 "$work" . html
	cat >nginx.conf <<-END
		user root; daemon off; worker_processes 2; pid $PWD/pid.volatile; error_log $PWD/error.volatile;
		events { worker_connections 64; }
		http { access_log off; client_body_temp_path $PWD/b; proxy_temp_path $PWD/p; fastcgi_temp_path $PWD/f;
			uwsgi_temp_path $PWD/u; scgi_temp_path $PWD/s; gzip on; gzip_types text/plain;
			server { listen 127.0.0.1:$port; root $PWD/html; default_type text/plain;
				location /gone { return 410 gone; } } }
	END
	[ "$(id -u)" = 0 ] || sed -i 's/^user root;//' nginx.conf
	nginx -p "$PWD" -e error.volatile -c "$PWD/nginx.conf" &
	local master=$!
	wait_for 10 curl -s "http://127.0.0.1:$port/" || return 1
	for i in $(seq 1 20); do curl -s "http://127.0.0.1:$port/"; done
	curl -s --compressed "http://127.0.0.1:$port/big.txt" | tail -1
	curl -s -w '%{http_code}\n' "http://127.0.0.1:$port/gone" "http://127.0.0.1:$port/none" | grep -v nginx
	nginx -p "$PWD" -e error.volatile -c "$PWD/nginx.conf" -s reload && sleep 0.5
	wait_for 10 curl -s "http://127.0.0.1:$port/" && curl -s "http://127.0.0.1:$port/"
	nginx -p "$PWD" -e error.volatile -c "$PWD/nginx.conf" -s quit
	wait $master
	echo "ended with $?"
	rmdir b p f u s 2>/dev/null
	return 0
}
same scenario
