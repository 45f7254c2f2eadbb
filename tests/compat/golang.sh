#!/bin/bash
# go: builds and runs a program with cgo, whose goroutines call malloc from many threads, on stacks of their own.
# pitfall: P45
# timeout: 900
. "$(dirname "$0")/../lib.sh"
need go gcc
program go go version

scenario() {
	local rounds=$1
	export GOCACHE=$PWD/cache.volatile GOPATH=$PWD/path.volatile GOFLAGS=-mod=mod GOPROXY=off GO111MODULE=off
	cat >a.go <<-'END'
		package main

		/*
		#include <stdlib.h>
		#include <string.h>
		static int work(int n) { char *p = malloc(n % 500 + 1); memset(p, n, n % 500 + 1); int r = p[0] & 1; free(p); return r; }
		static void *lose(void) { return malloc(123); }
		extern int back(int);
		static int through(int n) { char *p = malloc(40); int r = back(n) + (p != 0); free(p); return r; }
		*/
		import "C"

		import (
			"fmt"
			"os"
			"os/exec"
			"strconv"
			"sync"
		)

		//export back
		func back(n C.int) C.int {
			s := make([]string, 0)
			for i := 0; i < int(n)%50; i++ {
				s = append(s, strconv.Itoa(i))
			}
			return C.int(len(s)) + C.work(n)
		}

		func main() {
			rounds, _ := strconv.Atoi(os.Args[1])
			var group sync.WaitGroup
			sums := make([]int, 8)
			for n := range sums {
				group.Add(1)
				go func(n int) {
					defer group.Done()
					for i := 0; i < rounds; i++ {
						sums[n] += int(C.work(C.int(i*n))) + int(C.through(C.int(i)))
					}
				}(n)
			}
			group.Wait()
			C.lose()
			out, err := exec.Command("echo", "from a program").Output()
			fmt.Println(sums, string(out), err)
			defer func() { fmt.Println(recover()); os.Exit(7) }()
			var none *int
			fmt.Println(*none)
		}
	END
	go build -p 2 -o a.volatile a.go && ./a.volatile "$rounds"
}
STATUS=7
same scenario "$(by_length 2000 500000)"
