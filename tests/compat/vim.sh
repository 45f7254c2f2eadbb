#!/bin/bash
# vim in ex mode edits a file by script.
. "$(dirname "$0")/../lib.sh"
need vim
program vim vim --version

scenario() {
	export HOME=$PWD TERM=dumb
	seq 1 3000 >text
	vim -es -u NONE -i NONE -n text <<-'END'
		%s/7/seven/g
		g/9/d
		1,10sort!
		call append(0, map(range(5), 'string(v:val * v:val)'))
		wq
	END
	echo $? && tail -2 text
}
same scenario
