#!/bin/bash
# ctest -T memcheck finds the same defects with leak-valgrind as with valgrind, in ten tests.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need cmake ctest valgrind python3

mkdir project && cp "$tests"/compat/parts/leaky/* "$tests/classes/parts/far.h" project
cmake -S project -B bin >log 2>&1 || fail "cmake: $(tail -5 log)"
cmake --build bin >log 2>&1 || fail "build: $(tail -5 log)"

# memcheck TOOL OPTIONS: runs the tests, prints "TEST STATUS [(DEFECT, COUNT), ...]" for those that
# ctest lists, with defects or failed, and its own status.
memcheck() {
	rm -rf bin/Testing
	(cd bin && ctest -T memcheck --overwrite MemoryCheckCommand="$1" \
		--overwrite MemoryCheckCommandOptions="$2") >log 2>&1
	echo "status $?"
	! grep WARNING log || fail "ctest with $1 warns"
	python3 - bin/Testing/*/DynamicAnalysis.xml <<-'END'
		import sys, xml.etree.ElementTree as tree
		for test in tree.parse(sys.argv[1]).iter('Test'):
		    if test.find('Name') is None:
		        continue
		    defects = [(d.get('type'), d.text) for d in test.iter('Defect')]
		    print(test.find('Name').text, test.get('Status'), sorted(defects))
	END
}

# The options that ctest has by itself, without still reachable ones, and gates.
for options in '' '--leak-check=full' '-q --leak-check=full --show-leak-kinds=all --num-callers=3' \
	'--leak-check=full --error-exitcode=9 --errors-for-leak-kinds=definite'; do
	memcheck "$(command -v valgrind)" "$options" >expected
	memcheck "$build/leak-valgrind" "$options" >found
	[ "$(grep -c Leak expected)" -ge 7 ] || fail "valgrind found too little with '$options': $(cat expected)"
	diff expected found || fail "the defects differ with '$options': valgrind (<), leak-valgrind (>)"
done
echo "counted: 10 tests, $(grep -c Leak found) with defects"
