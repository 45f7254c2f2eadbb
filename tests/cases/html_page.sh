#!/bin/bash
# The HTML report is one file that asks for nothing from outside: its security policy lets run the scripts that
# are in it and no others, names cannot become markup, and its data has the sums of the JSON report.
. "$(dirname "$0")/../lib.sh"
need gcc jq python3

# A program and a library whose names are markup.
evil='<img src=x onerror=alert(1)>' program='<script>alert(1)'
mkdir "$evil" && cat >"$evil/<b>&amp;.c" <<'END' && cat >lib.c <<'END2'
#include <stdlib.h>
#include <string.h>
void *from_library(size_t size);
struct node { struct node *next; char text[40]; } *kept;
int main(void)
{
	struct node *volatile lost = malloc(sizeof(*lost));

	lost->next = malloc(sizeof(*lost));
	memset(lost->next, 0, sizeof(*lost));
	for (int i = 0; i < 3; i++) {
		lost = from_library(100);
	}
	kept = malloc(sizeof(*kept));
	lost = NULL;
	return 0;
}
END
#include <stdlib.h>
void *from_library(size_t size) { return malloc(size); }
END2
gcc -g -O0 -shared -fPIC -o "$evil/lib<script>.so" lib.c &&
	gcc -g -O0 -o "$evil/$program" "$evil/<b>&amp;.c" -L"$evil" '-l:lib<script>.so' '-Wl,-rpath,$ORIGIN' || fail 'cannot compile'
(cd "$evil" && preloaded "./$program") || fail "status $?"
report_options=(--kinds=all)
report
mapfile -t list < <(images)
run_leak report --format=html -o page.html "${list[@]}" || fail "leak report: $?"
run_leak report --html=beside.html "${list[@]}" >/dev/null || fail "leak report --html: $?"
cmp page.html beside.html || fail '--html=FILE and --format=html differ'
"$leak" check -q --html=gate.html "${list[@]}" >/dev/null
expect_eq 'status of leak check' 23 $?
cmp page.html gate.html || fail '--html=FILE of leak check differs'

# unpack PAGE: its data.
unpack() { sed -n 's/.*id="data">\([^<]*\)<.*/\1/p' "$1" | base64 -d | gunzip; }
unpack page.html >data.json || fail 'the data cannot be unpacked'
expect_eq 'schema' leak-page/1 "$(jq -r .schema data.json)"
expect_eq 'verdict' "$(field .verdict)" "$(jq -r .verdict data.json)"
sums='[.sites[] | {kind, class, bytes, blocks, indirect, total_allocs}] | sort_by(tostring)'
expect_eq 'sums of the call sites' "$(field "$sums")" "$(jq -r "$sums" data.json)"
expect_eq 'processes' "$(field .processes)" "$(jq -r .processes data.json)"
# Its stacks are those of the JSON report, frame by frame.
stacks='. as $page | def stack: if . == 0 then empty else $page.frames[.] as $f
	| ([range(4; $f | length; 5)] | .[] | [$page.texts[$f[.]], $page.texts[$f[. + 1]], $f[. + 2]]), ($f[0] | stack) end;
	[.sites[] | [.frame | stack]] | sort_by(tostring)'
expect_eq 'stacks' "$(field '[.sites[] | [.frames[] | select(.function) | [.function, .file, .line // 0]]] | sort_by(tostring)')" \
	"$(jq "$stacks" data.json | jq '[.[] | [.[] | select(.[0])]]')"
expect_eq 'classes listed first' 'definite possible unknown suppressed' "$(jq -r '.kinds | join(" ")' data.json)"

cat >look.py <<'END'
import base64, hashlib, html.parser, re, sys
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.scripts, self.text, self.inside = [], [], "", None
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.inside = tag, attributes
        for name in ("src", "href", "action"):
            assert name not in attributes, f"<{tag}> asks for {attributes[name]}"
        assert not any(name.startswith("on") for name in attributes), f"<{tag}> has a handler"
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
    def handle_endtag(self, tag):
        self.inside = None
    def handle_data(self, data):
        tag, attributes = self.inside or (None, {})
        if tag == "script" and "type" not in attributes:
            self.scripts.append(data)
        if tag == "pre":
            self.text += data
        if tag == "title":
            self.title = data
page = Page()
page.feed(open("page.html", encoding="utf-8").read())
allowed = dict(re.findall(r"([a-z-]+)((?: [^;]*)?)", page.policy))
assert "default-src 'none'" in page.policy, page.policy
digests = ["'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'" for script in page.scripts]
assert re.search(r"script-src ([^;]*)", page.policy).group(1).split() == digests, (page.policy, digests)
assert page.tags.count("script") == 4 and not {"img", "b", "i"} & set(page.tags), page.tags
assert page.title == "<script>alert(1) - leak", page.title
assert "<script>alert(1) [" in page.text and "lib<script>.so" in page.text, page.text
END
python3 look.py || fail 'the page is not as it should be'

"$leak" report --format=html --group=function "${list[@]}" >out 2>err
expect_eq 'status with --group' 2 $?
grep -q 'lists call sites and cannot be grouped' err || fail "no reason: $(cat err)"

# The classes and the text that were asked for.
run_leak report --format=html --kinds=reachable --filter=main.c --filter=nothing -o page.html "${list[@]}" || fail "leak report: $?"
unpack page.html >data.json
expect_eq 'classes with --kinds' reachable "$(jq -r '.kinds | join(" ")' data.json)"
expect_eq 'sites with --filter' 0 "$(jq -r '.sites | length' data.json)"

# With --filter the data is whole, whichever call sites match.
cat >three.c <<'END'
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
__attribute__((noinline)) static void lose_a(void) { ((volatile char *)malloc(10))[0] = 1; }
__attribute__((noinline)) static void lose_b(void) { ((volatile char *)malloc(20))[0] = 1; }
__attribute__((noinline)) static void lose_c(void) { ((volatile char *)malloc(30))[0] = 1; }
__attribute__((noinline)) static void hold(void) { ((volatile char *)malloc(40))[0] = 1; }
int main(int count, char **arguments)
{
	if (count == 1) {
		hold();
		execl("./three", arguments[0], "1", NULL);
	}
	lose_a();
	lose_b();
	lose_c();
	memset(__builtin_alloca(4096), 0, 4096);
	return 0;
}
END
gcc -g -O0 -w -o three three.c || fail 'cannot compile'
rm -rf "$work/images" && mkdir "$work/images"
preloaded ./three x
sites() { unpack page.html | jq -c '[.sites[].bytes] | sort'; }
for filter in 'lose_a [10]' 'lose_b [20]' 'lose_c [30]' 'lose_ [10,20,30]' 'none []'; do
	"$leak" report --format=html --filter="${filter% *}" -o page.html "$work/images" || fail "filter $filter: $?"
	expect_eq "sites with ${filter% *}" "${filter#* }" "$(sites)"
done

# What went with a program that became another one by exec is there when it is asked for.
rm -rf "$work/images" && mkdir "$work/images"
preloaded ./three
"$leak" report --format=html -o page.html "$work/images" || fail "exec: $?"
expect_eq 'sites beside exec' '[10,20,30]' "$(sites)"
"$leak" report --format=html --kinds=all -o page.html "$work/images" || fail "exec: $?"
expect_eq 'sites with exec' '[10,20,30,40]' "$(sites)"

# What each process has of a call site.
cat >forks.c <<'END'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	for (int i = 1; i <= 3; i++)
		if (fork() == 0) {
			for (int n = 0; n < i; n++) {
				void *volatile block = malloc(100);
				block = NULL;
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
END
gcc -g -O0 -o forks forks.c || fail 'cannot compile'
rm -f "$work"/images/*
preloaded ./forks || fail "status $?"
run_leak report --format=html --kinds=all -o page.html "$work/images" || fail "leak report: $?"
unpack page.html >data.json
expect_eq 'shares of three processes' '100 1, 200 2, 300 3' "$(jq -r '[.sites[] | select(.shares and .bytes == 600) | .shares
	| [range(0; length; 3) as $at | "\(.[$at + 1]) \(.[$at + 2])"] | sort[]] | join(", ")' data.json)"
expect_eq 'processes with shares that are there' true "$(jq '[.sites[] | select(.shares) | .processes == (.shares
	| [foreach (range(0; length; 3) as $at | .[$at]) as $step (0; . + $step)])] | all' data.json)"
