#!/bin/bash
# luajit: traces, tables, strings, coroutines; malloc and callbacks by its foreign functions; with and without the compiler.
# pitfall: P13
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need luajit
program luajit luajit -v

scenario() {
	cat >a.lua <<-'END'
		local ffi = require("ffi")
		ffi.cdef[[
		void *malloc(size_t n); void free(void *p);
		void qsort(void *base, size_t n, size_t size, int (*order)(const int *, const int *));
		]]
		local rounds, t, sum = tonumber(arg[1]), {}, 0
		for i = 1, rounds do t[i % 1000 + 1] = ("x"):rep(i % 50) .. i; sum = sum + #t[i % 1000 + 1] end
		print(#t, sum)
		for i = 1, rounds do
			local p = ffi.cast("char *", ffi.C.malloc(i % 100 + 1))
			p[0] = i % 100; sum = sum + p[0]
			if i % 1000 ~= 0 then ffi.C.free(p) end
		end
		print(sum)
		local a = ffi.new("int[?]", 500)
		for i = 0, 499 do a[i] = i * 7919 % 503 end
		ffi.C.qsort(a, 500, 4, function(x, y) local s = ("s"):rep(x[0] % 20); return x[0] - y[0] + #s * 0 end)
		print(a[0], a[250], a[499])
		local c = coroutine.wrap(function() for i = 1, rounds do coroutine.yield({ i }) end end)
		for i = 1, rounds / 10 do sum = sum + c()[1] end
		collectgarbage()
		print(sum, pcall(error, { code = 3 }))
		print(io.popen("echo from a shell"):read("*a"))
		os.exit(4)
	END
	luajit a.lua "$1" | sed 's/0x[0-9a-f]*/ADDRESS/'
	luajit -j off a.lua "$1" | sed 's/0x[0-9a-f]*/ADDRESS/'
	luajit -e 'os.exit(4)'
}
STATUS=4
same scenario "$(by_length 50000 3000000)"
