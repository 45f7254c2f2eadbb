#!/bin/bash
# xmllint: parse, format, XPath, a broken document.
. "$(dirname "$0")/../lib.sh"
need xmllint
program xmllint dpkg-query -W libxml2-utils

scenario() {
	{ echo '<r>'; for i in $(seq 1 500); do echo "<e id='$i'><t>text $i &amp; more</t></e>"; done; echo '</r>'; } >a.xml
	xmllint --format a.xml | tail -3 && xmllint --xpath 'count(//e[@id > 250])' a.xml && echo
	xmllint --noout --stream a.xml && echo '<a><b></a>' >bad.xml
	xmllint bad.xml
}
STATUS=1
same scenario
