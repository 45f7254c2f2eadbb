#!/bin/bash
# erlang: ten thousand processes that send messages, binaries, tables, a port; with few and with many schedulers.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need erl
program erlang erl -noshell -eval 'io:format("~s.0~n",[erlang:system_info(otp_release)]),halt().'

scenario() {
	local rounds=$1 schedulers
	cat >a.erl <<-'END'
		-module(a).
		-export([main/1]).
		worker(Parent, N) -> receive {add, B} -> Parent ! {N, byte_size(B) + N} end.
		main([Arg]) ->
			Rounds = list_to_integer(Arg), Self = self(),
			Pids = [spawn(fun() -> worker(Self, N) end) || N <- lists:seq(1, Rounds)],
			[P ! {add, binary:copy(<<"x">>, 100)} || P <- Pids],
			Sum = lists:sum([receive {N, V} -> V end || N <- lists:seq(1, Rounds)]),
			Table = ets:new(t, [set]),
			[ets:insert(Table, {I, integer_to_binary(I)}) || I <- lists:seq(1, Rounds)],
			Words = erlang:phash2(lists:sort(ets:tab2list(Table))),
			Port = open_port({spawn, "cat"}, [binary]), port_command(Port, <<"piped">>),
			Text = receive {Port, {data, D}} -> D end, port_close(Port),
			Crash = (catch list_to_atom([])),
			io:format("~p ~p ~s ~p ~s~n", [Sum, Words, Text, Crash, os:cmd("echo from a shell")]),
			halt(5).
	END
	erl -noshell -eval '{ok, a} = compile:file("a.erl", [deterministic, {outdir, "."}]), halt().' || return
	for schedulers in 1 2 8; do
		erl +S $schedulers +A 4 -noshell -pa . -run a main "$rounds"
		echo "erl $?"
	done
}
same scenario "$(by_length 10000 200000)"
