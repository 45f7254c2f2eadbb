# Checks a report against the `expect:` lines of a case (tests/README.md has the language).
# Input: a leak-report/1. $expect: the lines. $source: the case's file name. Prints what fails.

def base: if . == null then "" else split("/") | last end;

# "a.b=5" -> {path: ["a","b"], op: "=", value: "5"}
def term: capture("^(?<path>[a-z_.]+)(?<op><=|>=|!=|=)(?<value>.*)$");

def holds($op; $value):
	if ($op == "<=") then . <= ($value | tonumber)
	elif ($op == ">=") then . >= ($value | tonumber)
	elif ($op == "!=") then tostring != $value
	else tostring == $value end;

# The frame a site is told by: the first one in FILE; when none has a line there, the first with
# a function of that name.
def own_frame($file): ([.frames[] | select((.file | base) == $file)] | first) // {};

def site_matches($terms; $source):
	. as $site
	| (($terms | map(select(.path == "file")) | first | .value) // $source) as $file
	| own_frame($file) as $own
	| all($terms[];
		. as $t
		| if $t.path == "function" then ($own.function // "" | sub("\\(.*$"; "")) == $t.value
		  elif $t.path == "line" then ($own.line | tostring) == $t.value
		  elif $t.path == "module" then any($site.frames[]; (.module | base) == $t.value)
		  elif $t.path == "frame" then
			any($site.frames[]; (.function // "" | sub("\\(.*$"; "")) == $t.value)
		  elif $t.path == "top" then
			($site.frames[0].function // "" | sub("\\(.*$"; "")) == $t.value
		  elif $t.path == "depth" then ($site.frames | length) | holds($t.op; $t.value)
		  elif $t.path == "kind" or $t.path == "class" then $site[$t.path] == $t.value
		  elif $t.path == "allocator" then ($site.allocator | gsub(" "; "_")) == $t.value
		  else true end);

def check_sites($terms; $source; $line):
	[.sites[] | select(site_matches($terms; $source))] as $found
	| if ($found | length) == 0 then "no such site: \($line)"
	  else
		($terms[] | select(.path == "bytes" or .path == "blocks") | . as $t
		| ([$found[][$t.path]] | add)
		| select(holds($t.op; $t.value) | not)
		| "\($line): \($t.path) is \(.)")
	  end;

def check_process($terms; $index; $line):
	# The root process first, then by pid.
	[.processes[].pid] as $pids
	| (.processes | sort_by([(.ppid | IN($pids[])), .pid])) as $sorted
	| if $sorted[$index] == null then "no process \($index): \($line)"
	  else $terms[] | . as $t
		| $sorted[$index] | getpath($t.path | split("."))
		| select(holds($t.op; $t.value) | not)
		| "\($line): \($t.path) is \(.)"
	  end;

. as $report
| $expect | split("\n")[] | select(length > 0) | . as $line
| [splits("[[:space:]]+") | select(length > 0)] as $words
| ([$words[] | select(test("[=<>]")) | term]) as $terms
| $report
| if $words[0] == "site" then check_sites($terms; $source; $line)
  elif $words[0] == "nosite" then
	([.sites[] | select(site_matches($terms; $source))] | length)
	| select(. != 0) | "\($line): there is one"
  elif $words[0] == "process" then check_process($terms; $words[1] | tonumber; $line)
  elif ($words[0] | startswith("images=")) then
	(.processes | length) | select(holds("="; $words[0] | ltrimstr("images=")) | not)
	| "\($line): there are \(.)"
  elif ($words[0] | startswith("processes=")) then
	[.processes[] | . as $process
		| select(all($terms[1:][]; . as $t
			| $process | getpath($t.path | split(".")) | holds($t.op; $t.value)))]
	| length | select(holds("="; $words[0] | ltrimstr("processes=")) | not)
	| "\($line): there are \(.)"
  elif ($words[0] | startswith("sites=")) then
	(.sites | length) | select(holds("="; $words[0] | ltrimstr("sites=")) | not)
	| "\($line): there are \(.)"
  else check_process($terms; 0; $line) end
