# leak_add_test: a test that fails when its command leaks. CMake 3.13 or later.
#
#	include(Leak.cmake)
#	leak_add_test(NAME parser COMMAND parser_test --all
#		[MAX_BYTES 64K]             # more bytes lost than this fail; K, M, G are powers of 1024
#		[FAIL_ON new blocks>10 ...] # other limits, as `leak ci --fail-on` takes them
#		[BASELINE known.jsonl]      # known leaks, made by `leak baseline save`
#		[SUPPRESSIONS file ...]     # in LeakSanitizer's or valgrind's format
#		[OPTIONS --junit=... ...]   # more options of `leak ci`
#		[WORKING_DIRECTORY dir] [CONFIGURATIONS Debug ...])
#
# Without a limit, anything new counts with a BASELINE, and anything lost at all without one. Limits
# add up: the test fails when any is passed. A command that fails itself keeps its exit status;
# ctest shows 23 for leaks and 3 for what could not be measured as failures as well.
#
# COMMAND may begin with an executable target that exists already. FILEs are relative to the current
# source directory. The test has the label `leak`: `ctest -L leak`. Tests that exist can be run as they
# are: `ctest -T memcheck` with leak-valgrind, see README.md.
#
# LEAK_EXECUTABLE is found in PATH, or given: -DLEAK_EXECUTABLE=/opt/libleak/bin/leak. Without it
# configuring fails, since a test of leaks that looks for none would always pass;
# -DLEAK_OPTIONAL=ON adds the commands as plain tests then, with a warning.

cmake_minimum_required(VERSION 3.13)

option(LEAK_OPTIONAL "run the commands of leak_add_test without leak where it is missing" OFF)
find_program(LEAK_EXECUTABLE leak DOC "the command of libleak")
if(NOT LEAK_EXECUTABLE)
	if(NOT LEAK_OPTIONAL)
		message(FATAL_ERROR "leak is not in PATH: set LEAK_EXECUTABLE, or LEAK_OPTIONAL=ON")
	endif()
	message(WARNING "leak is not in PATH: leak_add_test does not look for leaks")
endif()

function(leak_add_test)
	cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;MAX_BYTES;BASELINE;WORKING_DIRECTORY"
		"COMMAND;FAIL_ON;SUPPRESSIONS;OPTIONS;CONFIGURATIONS")
	if(arg_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "leak_add_test: unknown: ${arg_UNPARSED_ARGUMENTS}")
	endif()
	if(NOT arg_NAME OR NOT arg_COMMAND)
		message(FATAL_ERROR "leak_add_test needs NAME and COMMAND")
	endif()

	set(limits ${arg_FAIL_ON})
	if(DEFINED arg_MAX_BYTES)
		list(APPEND limits "bytes>${arg_MAX_BYTES}")
	endif()
	set(options ${arg_OPTIONS})
	foreach(limit IN LISTS limits)
		list(APPEND options "--fail-on=${limit}")
	endforeach()
	if(arg_BASELINE)
		get_filename_component(file "${arg_BASELINE}" ABSOLUTE)
		list(APPEND options "--baseline=${file}")
	endif()
	foreach(suppressions IN LISTS arg_SUPPRESSIONS)
		get_filename_component(file "${suppressions}" ABSOLUTE)
		list(APPEND options "--suppressions=${file}")
	endforeach()

	# add_test knows targets in the first place only, and that is leak's.
	list(GET arg_COMMAND 0 program)
	if(TARGET "${program}")
		# By text: list() would take the escape from a ';' within an argument.
		string(LENGTH "${program}" length)
		string(SUBSTRING "${arg_COMMAND}" ${length} -1 arguments)
		set(arg_COMMAND "$<TARGET_FILE:${program}>${arguments}")
	endif()
	set(under)
	if(LEAK_EXECUTABLE)
		set(under "${LEAK_EXECUTABLE}" ci ${options} --)
	endif()
	set(more)
	if(arg_WORKING_DIRECTORY)
		list(APPEND more WORKING_DIRECTORY "${arg_WORKING_DIRECTORY}")
	endif()
	if(arg_CONFIGURATIONS)
		list(APPEND more CONFIGURATIONS ${arg_CONFIGURATIONS})
	endif()
	add_test(NAME "${arg_NAME}" COMMAND ${under} ${arg_COMMAND} ${more})
	set_tests_properties("${arg_NAME}" PROPERTIES LABELS leak)
endfunction()
