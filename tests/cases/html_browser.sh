#!/bin/bash
# A browser shows the HTML report: each tab has what it is for, in both languages, without one complaint; with
# damaged data it still shows the report as text.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need gcc jq chromium

cat >p.c <<'END'
#include <stdlib.h>
struct node { struct node *next; char text[40]; } *kept;
struct node *make_node(void) { return malloc(sizeof(struct node)); }
__attribute__((noinline)) void lose(void)
{
	struct node *volatile lost = make_node();

	lost->next = make_node();
	lost->next->next = NULL;
	lost = malloc(1000);
}
__attribute__((noinline)) void overwrite(void)
{
	volatile char room[4096];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
}
int main(void)
{
	lose();
	kept = calloc(1, sizeof(*kept));
	overwrite();
	return 0;
}
END
gcc -g -O0 -o p p.c || fail 'cannot compile'
preloaded ./p || fail "status $?"
mapfile -t list < <(images)
run_leak report --format=html -o page.html "${list[@]}" || fail "leak report: $?"

# show PAGE#VIEW: its document as a browser has it after its script ran, in dom.html.
show() {
	HOME=$PWD chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --user-data-dir="$PWD/profile" --enable-logging=stderr \
		--virtual-time-budget=5000 --dump-dom "file://$PWD/$1" >dom.html 2>said || fail "chromium: $(tail -n 3 said)"
	! grep -E 'CONSOLE|Refused' said || fail "$1: the browser complains"
}

# has PATTERN…: the document of the last view has them, outside of the text that is there from the start.
has() {
	sed '/<style>/,/<\/style>/d; /<pre id="report"/,/<\/pre>/d; /<script/,/<\/script>/d' dom.html >shown
	local pattern
	for pattern; do
		grep -qE -- "$pattern" shown || fail "no '$pattern' in: $(head -c 3000 shown)"
	done
}

show page.html
has '<h1 class="definite">1,048 bytes in 2 blocks definitely lost at exit' 'make_node' 'p\.c:3' \
	'aria-pressed="true"[^>]*><span class="label">definitely lost' 'aria-pressed="false"[^>]*><span class="label">still reachable' \
	'1,096 B in 3 blocks at 2 call sites' '48 B directly'
expect_eq 'rows' 2 "$(grep -o '<tr class="row"' shown | wc -l)"

id=$(run_leak report --json "${list[@]}" | jq -r '[.sites[] | select(.class == "definite" and .bytes == 48)][0].id')
show "page.html#site=$id"
has '<tr class="detail">' 'Lost through these blocks' "<code>$id</code>" 'href="vscode://file/[^"]*p\.c:3"'

show 'page.html#tab=flame'
has '<svg[^>]*class="partition d3-flame-graph"' '<title>main: 1,096 B, 100% of all</title>'
show 'page.html#tab=processes'
has '<dt>Command</dt><dd><code>\./p</code>' 'threads stood still'
show 'page.html#tab=quality'
has 'Everything was recorded'
show 'page.html#tab=text'
has 'The report as JSON'
show 'page.html#text=make_node&group=file&language=zh'
has '<html lang="zh">' '确定泄漏' '<span class="function">p\.c</span>'
expect_eq 'groups' 1 "$(grep -o '<tr class="row"' shown | wc -l)"
show 'page.html#text=nobody'
has 'Nothing matches'

sed 's/\(id="data">..........\)./\1!/' page.html >damaged.html
show damaged.html
has 'The data in this page is damaged'
grep -q '<pre id="report">VERDICT  1,048 bytes in 2 blocks' dom.html || fail 'a damaged page has no text'
