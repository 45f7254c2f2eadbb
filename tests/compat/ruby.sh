#!/bin/bash
# ruby: collections, regular expressions, threads, fibers, fork, compaction.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need ruby
program ruby ruby --version

scenario() {
	cat >a.rb <<-'END'
		rounds = ARGV[0].to_i
		hash = Hash.new { |h, k| h[k] = [] }
		rounds.times { |i| hash["key #{i % 997}"] << "x" * (i % 60) }
		puts hash.size, hash.values.map { |v| v.join.size }.sum
		puts hash.keys.join(",").scan(/\d+/).map(&:to_i).sum
		threads = 4.times.map { |n| Thread.new { (1..rounds / 10).map { |i| (i * n).to_s }.join.size } }
		puts threads.map(&:value).inspect
		fibers = 200.times.map { |n| Fiber.new { 3.times { |i| Fiber.yield [n] * (i + 1) }; :done } }
		puts 4.times.map { fibers.map(&:resume).flatten.size }.inspect
		GC.start
		GC.compact if GC.respond_to?(:compact)
		3.times do |n|
		  pid = fork { a = Array.new(10000) { |i| i.to_s }; exit!(a.size % 7 + n) }
		  Process.wait(pid)
		  puts $?.exitstatus
		end
		pid = fork { at_exit { puts "bye" }; hash.clear; GC.start; exit 9 }
		Process.wait(pid)
		puts $?.exitstatus, `echo from a shell`, IO.popen(%w[cat], "r+") { |io| io.write "piped"; io.close_write; io.read }
		exit 3
	END
	ruby --disable-gems a.rb "$1"
}
STATUS=3
same scenario "$(by_length 50000 5000000)"
