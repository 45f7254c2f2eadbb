#!/bin/bash
# The files for GitHub Actions and GitLab CI in examples/ci are YAML whose steps run: they build, fail
# for a leak, and leave the reports that they upload.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need git make gcc jq xmllint
python=/usr/bin/python3
$python -c 'import yaml' 2>/dev/null || skip 'no yaml for python3 here'

# Stands for libleak's repository: its `make install` copies what is built. Nothing is installed on
# this system: apt-get only notes that it was called.
mkdir -p source/tests stubs
cp "$tests/deps" source/tests
cat >source/Makefile <<END
install:
	install -D $leak \$(PREFIX)/bin/leak
	install -D $lib \$(PREFIX)/lib/libleak.so
END
(cd source && git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm x) || fail 'git'
printf '#!/bin/sh\necho "apt-get $*" >>%q\n' "$PWD/apt" >stubs/apt-get
chmod +x stubs/apt-get
export LEAK_SOURCE=file://$PWD/source PATH=$PWD/stubs:$PATH

# project NAME: a scratch project that begins in a state of its own.
project() {
	rm -rf "${work:?}/$1" && mkdir "$work/$1" && cd "$work/$1" || exit 1
	cp "$tests/compat/parts/one_leak.c" app.c && cp "$tests/compat/parts/one_leak.mk" Makefile
}

github() { # the steps, each in a shell as GitHub starts it
	local step
	export RUNNER_TEMP=$PWD/temp GITHUB_PATH=$PWD/path GITHUB_STEP_SUMMARY=$PWD/summary
	rm -rf temp && mkdir temp && : >"$GITHUB_PATH" && : >"$GITHUB_STEP_SUMMARY"
	for step in "${steps[@]}"; do
		PATH=$(tac "$GITHUB_PATH" | tr '\n' :)$PATH \
			bash --noprofile --norc -eo pipefail "$step" >>log 2>&1 || return
	done
}

gitlab() { # one shell for all lines; what is outside the container's own directories is moved
	sed "s,/tmp/libleak,$PWD/libleak,g; s,/opt/leak,$PWD/leak,g" "${steps[@]}" >script
	rm -rf libleak leak
	bash -eo pipefail script >>log 2>&1
}

check_reports() { # of a run with one leak
	grep -q 'lose' leak.xml || fail "$service: no leak in leak.xml"
	xmllint --noout leak.xml || fail "$service: leak.xml"
	grep -q '<pre id="report">VERDICT  .*lose' leak.html || fail "$service: no leak in leak.html"
	compgen -G 'leak-images/app.*.leak' >/dev/null || fail "$service: no images are kept"
}

for service in github gitlab; do
	case $service in
	github) file=$root/examples/ci/github-actions.yml ;;
	gitlab) file=$root/examples/ci/gitlab-ci.yml ;;
	esac
	project $service
	$python "$tests/compat/parts/ci_steps.py" $service "$file" || fail "$service: not as it must be"
	mapfile -t steps < <(printf '%s\n' step.* | sort -V)
	# Where the source is, this test says; the others are the example's.
	expect_eq "$service: variables" 'BUILD LEAK_SOURCE TESTS' "$(cut -d= -f1 variables | sort | xargs)"
	sed -i /^LEAK_SOURCE=/d variables
	set -a
	# shellcheck source=/dev/null
	. ./variables
	set +a

	$service || fail "$service: clean tests fail: $(tail -20 log)"
	rm -rf leak-images app
	LEAK=1 $service
	expect_eq "$service: exit status with a leak" 23 $?
	check_reports
	if [ $service = github ]; then
		expect_eq 'results in leak.sarif' 1 "$(jq '[.runs[].results[]] | length' leak.sarif)"
		grep -q lose "$GITHUB_STEP_SUMMARY" || fail 'no leak in the summary'
	else
		expect_eq 'places in gl-code-quality-report.json' app.c \
			"$(jq -r '.[].location.path' gl-code-quality-report.json)"
		grep -q 'install.* make' "$work/run/apt" || fail 'apt-get is not called'
	fi

	# What the tests return themselves, and a baseline.
	rm -rf leak-images
	TESTS='./app 5' $service
	expect_eq "$service: exit status of tests that fail" 5 $?
	rm -rf leak-images app
	LEAK=1 make -s CFLAGS='-g -O1' && "$leak" run -q -o known.leak -- ./app
	"$leak" baseline save -q known.leak || fail 'leak baseline'
	LEAK=1 $service || fail "$service: a known leak fails: $(tail -20 log)"
done
echo 'counted: 2 files, 8 runs'
