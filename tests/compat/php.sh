#!/bin/bash
# php: arrays, regular expressions, JSON, generators, exceptions, a child; its allocator of its own and libc's.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need php
program php php --version

scenario() {
	cat >a.php <<-'END'
		<?php
		$rounds = (int)$argv[1];
		$map = [];
		for ($i = 0; $i < $rounds; $i++)
			$map["k" . $i % 997][] = str_repeat("x", $i % 60);
		echo count($map), " ", strlen(json_encode($map)), "\n";
		echo array_sum(preg_split('/\D+/', implode(",", array_keys($map)), -1, PREG_SPLIT_NO_EMPTY)), "\n";
		class Node { public $other; public $text; }
		for ($i = 0; $i < $rounds / 10; $i++) { $a = new Node; $b = new Node; $a->other = $b; $b->other = $a; $a->text = "t$i"; }
		echo gc_collect_cycles() > 0 ? "cycles\n" : "none\n";
		function numbers($n) { for ($i = 0; $i < $n; $i++) yield $i => "v$i"; }
		foreach (numbers($rounds) as $k => $v) $last = $v;
		echo $last, "\n";
		try { throw new RuntimeException("thrown"); } catch (Exception $e) { echo $e->getMessage(), "\n"; }
		$p = proc_open(["cat"], [["pipe", "r"], ["pipe", "w"]], $pipes);
		fwrite($pipes[0], "piped"); fclose($pipes[0]); echo stream_get_contents($pipes[1]), proc_close($p), "\n";
		echo shell_exec("echo from a shell");
		exit(6);
	END
	php -n -d memory_limit=-1 a.php "$1"
	echo "php $?"
	USE_ZEND_ALLOC=0 php -n -d memory_limit=-1 a.php "$1"
}
STATUS=6
same scenario "$(by_length 20000 1000000)"
