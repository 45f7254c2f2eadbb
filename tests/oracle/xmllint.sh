#!/bin/bash
# xmllint parses and formats.
. "$(dirname "$0")/valgrind.inc"
need xmllint

{ echo '<r>'; for i in $(seq 1 100); do echo "<e id='$i'>text $i</e>"; done; echo '</r>'; } >a.xml
oracle xmllint --format a.xml
