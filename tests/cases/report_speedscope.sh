#!/bin/bash
# --format=speedscope is valid by speedscope's schema: a profile for each class, weighted by the JSON report's bytes.
. "$(dirname "$0")/../lib.sh"
need gcc jq
. "$(dirname "$0")/ci.inc"

gcc -g -O1 -o app "$tests/cases/parts/profiled.c" -lpthread || fail "cannot compile"
preloaded ./app && preloaded ./app
mapfile -t list < <(images)

valid_profile() { # FILE
	"$python" - "$tests/schemas/speedscope-1.25.0.json" "$1" <<-'END2' || fail "$1 is not valid"
		import json, sys
		import jsonschema
		schema, profile = (json.load(open(name, encoding='utf-8')) for name in sys.argv[1:3])
		jsonschema.Draft4Validator(schema).validate(profile)
		frames = profile['shared']['frames']
		assert len({json.dumps(frame, sort_keys=True) for frame in frames}) == len(frames)
		assert profile['profiles']
		for part in profile['profiles']:
		    assert len(part['samples']) == len(part['weights']), part['name']
		    assert part['startValue'] == 0 and part['endValue'] == sum(part['weights']), part['name']
		    assert all(0 <= frame < len(frames) for sample in part['samples'] for frame in sample)
	END2
}
"$leak" report "${list[@]}" --format=speedscope >out.json || fail "status $?"
valid_profile out.json
report
expect_eq "bytes by class" "$(field '[.sites[] | (if .kind == "heap" then .class else "region" end) as $class | {$class, bytes}]
	| group_by(.class)[] | "\(.[0].class) \(map(.bytes) | add)"' | sort)" \
	"$(jq -r '.profiles[] | "\({"definitely lost": "definite", "still reachable": "reachable", "still mapped": "region"}[.name]) \(.endValue)"' out.json | sort)"
expect_eq "the stack of what is lost" 'main spend make inlined malloc' \
	"$(jq -r '. as $all | .profiles[] | select(.name == "definitely lost") | .samples[0] |
		map($all.shared.frames[.].name) | .[index("main"):] | join(" ")' out.json)"
expect_eq "where the call is" "$tests/cases/parts/profiled.c" "$(jq -r '.shared.frames[] | select(.name == "spend") | .file' out.json)"
expect_eq "status with --group" 2 "$("$leak" report "${list[@]}" --format=speedscope --group=file >/dev/null 2>&1; echo $?)"

"$leak" report "${list[@]}" --format=speedscope --kinds=possible >out.json || fail "status $?"
valid_profile out.json
expect_eq "profiles of nothing" '["nothing"]' "$(jq -c '.profiles | map(.name)' out.json)"
