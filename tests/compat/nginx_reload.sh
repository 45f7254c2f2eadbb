#!/bin/bash
# nginx under load is reloaded again and again: every request is answered, old workers end, and so does it.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
PATH=$PATH:/usr/sbin
need nginx curl
program nginx nginx -v

port=$(unused_port)
reloads=$(by_length 8 300)
scenario() {
	mkdir -p logs.volatile html && seq 1 20000 >html/big.txt && echo hello >html/index.html
	cat >nginx.conf <<-END
		daemon on; worker_processes 2; pid $PWD/pid.volatile; error_log $PWD/error.volatile;
		events { worker_connections 256; }
		http { access_log off; client_body_temp_path $PWD/b; proxy_temp_path $PWD/p; fastcgi_temp_path $PWD/f;
			uwsgi_temp_path $PWD/u; scgi_temp_path $PWD/s; gzip on; gzip_types text/plain;
			server { listen 127.0.0.1:$port; root $PWD/html; default_type text/plain;
				location /proxied/ { proxy_pass http://127.0.0.1:$port/; } } }
	END
	local nginx=(nginx -p "$PWD" -e error.volatile -c "$PWD/nginx.conf") load=()
	"${nginx[@]}" && wait_for 20 curl -sf "http://127.0.0.1:$port/" || return 1
	# A new connection for each, and one for all that can be kept.
	(while [ ! -e stop.volatile ]; do
		curl -s -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$port/"
		curl -s --compressed "http://127.0.0.1:$port/proxied/big.txt" | tail -1
	done | sort -u) &
	load+=($!)
	(while [ ! -e stop.volatile ]; do
		curl -s -o /dev/null -w '%{http_code} %{size_download}\n' \
			"http://127.0.0.1:$port/big.txt?[1-50]"
	done | sort -u) >kept &
	load+=($!)
	for i in $(seq "$reloads"); do
		sed -i "s/worker_processes [0-9]/worker_processes $((i % 3 + 1))/" nginx.conf
		"${nginx[@]}" -s reload || echo "reload $i: $?"
		sleep 0.1
	done
	touch stop.volatile && wait "${load[@]}" && rm stop.volatile
	"${nginx[@]}" -s quit
	wait_for 20 test ! -e pid.volatile && echo ended
	rmdir b p f u s 2>/dev/null
	rm -f nginx.conf
}
# Its workers are another user's.
RECORDED=nginx
SHARED=1
same scenario
