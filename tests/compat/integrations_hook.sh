#!/bin/bash
# The hooks of examples/ci refuse a commit with a new leak, and let others pass.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need git make gcc
export PATH=$build:$PATH HOME=$work GIT_CONFIG_NOSYSTEM=1

git init -q . && git config user.name a && git config user.email a@example.org
cp "$tests/compat/parts/one_leak.c" app.c && cp "$tests/compat/parts/one_leak.mk" Makefile
printf '%s\n' app log .git-env >.gitignore
cp "$root/examples/ci/pre-commit" .git/hooks/

commits() { # OPTIONS…: is a commit made?
	git add -A && git commit -qm x --allow-empty "$@" >log 2>&1
}

commits && fail 'a commit passes when no test is named'
grep -q 'no test to run' log || fail "without leak.test: $(cat log)"

git config leak.build 'make -s CFLAGS="-g -O0" -B'
git config leak.test 'env >.git-env; make -s check'
commits || fail "a clean commit is refused: $(cat log)"
grep '^GIT_\(DIR\|INDEX_FILE\)' .git-env && fail 'the test sees the variables of git'

sed -i 's/LEAK 0/LEAK 1/' app.c
commits && fail 'a commit with a leak passes'
grep -q 'lose.*app\.c:' log || fail "the place is not told: $(cat log)"

# What the hook says accepts the leak, so the next commit passes, and one with another leak does not.
accept=$(sed -n 's/^leak: to accept them: //p' log)
eval "$accept" >log2 2>&1 || fail "'$accept' fails: $(cat log2)"
commits || fail "a known leak is refused: $(cat log)"
git show --stat | grep -q leak-baseline || fail 'the baseline is not in the commit'
sed -i 's/\<lose\>/forget/' app.c
commits && fail 'another leak passes with the baseline'
grep -q 'forget.*app\.c:' log || fail "the place is not told: $(cat log)"
git mv -f .leak-baseline.jsonl elsewhere.jsonl
git checkout -q HEAD -- app.c && git config leak.baseline elsewhere.jsonl
commits || fail "leak.baseline is not read: $(cat log)"

git config leak.test './app 7'
commits && fail 'a test that fails passes'
grep -q 'ended with status 7' log || fail "the test's status is not told: $(cat log)"
git config leak.build false
commits && fail 'a build that fails passes'
commits --no-verify || fail 'commit --no-verify'

# The same by pre-commit.
rm .git/hooks/pre-commit
need pre-commit
cp "$root/examples/ci/pre-commit-config.yaml" .pre-commit-config.yaml
git add -A
pre-commit run --all-files >log 2>&1 && fail 'pre-commit passes a leak'
grep -q 'exit code: 23' log || fail "pre-commit: $(cat log)"
git mv elsewhere.jsonl .leak-baseline.jsonl
pre-commit run --all-files >log 2>&1 || fail "pre-commit refuses a known leak: $(cat log)"
echo 'counted: 11 commits'
