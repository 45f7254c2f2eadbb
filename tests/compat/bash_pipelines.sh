#!/bin/bash
# bash with pipelines, subshells, command substitutions and here-documents.
# pitfall: P33
. "$(dirname "$0")/../lib.sh"
need bash sort
program bash bash --version

scenario() {
	bash -c '
		for i in $(seq 1 20); do echo "$(echo "$i" | tr 0-9 a-j)"; done | sort -r | head -7
		(cd / && echo "$(pwd)"; exit 3) || echo "subshell said $?"
		while read -r word; do printf "%s." "$word"; done < <(printf "%s\n" x y z)
		cat <<END
$(printf "%03d " 1 2 3)
END
		declare -A map=([one]=1 [two]=2); echo "${map[two]}"
		coproc cat; echo through >&"${COPROC[1]}"; read -r line <&"${COPROC[0]}"; echo "$line"
		exit 5'
}
STATUS=5
same scenario
