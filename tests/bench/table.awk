# Prints one row of the table. Input: lines `COLUMN ROUND VALUE`. Variables:
#   title, columns (in their order, the first is what the others are compared with), narrow (its width)
#   kind    added: value - bare, per round; ratio: value / bare; plain: the value itself
#   bare    the format of the first column; unit: what its values are divided by
#   extra   a field that is printed after the columns, as it is
#   derived columns whose added cost is printed once more, as a multiple of libleak's
#   means   a file that gets the figures of the row, for geometric means
# A figure is the median over the rounds; a ratio or a difference is taken within each round first.

function median(list, n,    i, j, x) {
	for (i = 2; i <= n; i++) {
		x = list[i]
		for (j = i - 1; j > 0 && list[j] > x; j--)
			list[j + 1] = list[j]
		list[j + 1] = x
	}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

{
	value[$1, $2] = $3 / unit
	if ($2 > last)
		last = $2
}

# The figure of a column, or "-".
function figure(column, how,    n, round, list) {
	for (round = 0; round <= last; round++) {
		if (!((column, round) in value) || (how != "plain" && !((name[1], round) in value)))
			continue
		if (how == "added")
			list[++n] = value[column, round] - value[name[1], round]
		else if (how == "ratio")
			list[++n] = value[column, round] / value[name[1], round]
		else
			list[++n] = value[column, round]
	}
	return n ? median(list, n) : "-"
}

END {
	n = split(columns, name, " ")
	printf "%-22s" bare, title, figure(name[1], "plain")
	for (i = 2; i <= n; i++) {
		x = figure(name[i], kind)
		if (x == "-")
			printf "%11s", "-"
		else
			printf kind == "added" ? (unit > 1 ? "%+11.3f" : "%+11.1f") : \
				kind == "ratio" ? "%11.3f" : "%11.1f", x
		cost[name[i]] = kind == "ratio" && x != "-" ? x - 1 : x
		if (means && x != "-")
			print name[i], x >>means
	}
	if (extra)
		printf "%9s", extra
	n = split(derived, name, " ")
	for (i = 1; i <= n; i++) {
		x = cost[name[i]]
		if (x == "-" || cost["libleak"] == "-" || cost["libleak"] <= 0) {
			printf "%7s", "-"
			continue
		}
		printf "%7.1f", x / cost["libleak"]
		if (means && x > 0)
			print "times:" name[i], x / cost["libleak"] >>means
	}
	printf "\n"
}
