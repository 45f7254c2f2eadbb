#!/bin/bash
# java: javac compiles; threads, garbage, a stack overflow, a null pointer, processes, each collector.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need javac java
program java java -version

rounds=$(by_length 20 4000)
scenario() {
	cat >Main.java <<-'END'
		import java.util.*;
		import java.util.concurrent.*;
		import java.util.stream.*;
		public class Main {
			record Point(int x, int y) {}
			static int deep(int n) { return deep(n + 1) + 1; }
			public static void main(String[] args) throws Exception {
				int rounds = Integer.parseInt(args[0]);
				ExecutorService pool = Executors.newFixedThreadPool(4);
				List<Future<Long>> sums = new ArrayList<>();
				for (int t = 0; t < rounds; t++) {
					final int seed = t;
					sums.add(pool.submit(() -> {
						Map<String, Point> map = new HashMap<>();
						for (int i = 0; i < 20000; i++) map.put("k" + i % 3000, new Point(i, seed));
						return map.values().stream().collect(Collectors.summingLong(p -> p.x() + p.y()));
					}));
				}
				long total = 0;
				for (Future<Long> sum : sums) total += sum.get();
				System.out.println(total);
				pool.shutdown();
				try { deep(0); } catch (StackOverflowError e) { System.out.println("too deep"); }
				try { Object o = args.length > 99 ? "" : null; o.hashCode(); }
				catch (NullPointerException e) { System.out.println("null"); }
				Process child = new ProcessBuilder("sh", "-c", "echo from a child; exit 5").inheritIO().start();
				System.out.println(child.waitFor());
				java.util.zip.Deflater deflater = new java.util.zip.Deflater();
				deflater.setInput(new byte[1 << 20]);
				deflater.finish();
				System.out.println(deflater.deflate(new byte[1 << 16]));
				Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("the hook")));
				System.exit(6);
			}
		}
	END
	javac -J-XX:+UseSerialGC -d . Main.java || return
	for collector in Serial Parallel G1 Z; do
		java -XX:+Use${collector}GC -Xmx256m -XX:-UsePerfData -cp . Main "$rounds"
		echo "$collector $?"
	done
	java -Xint -XX:-UsePerfData -cp . Main 1
}
RECORDED="javac java"
STATUS=6
same scenario
