# Do the rules see what they are there for? Plants one sin at a time in a copy
# of the tree and asks the rule: it must fail and name the sin, which it did
# not name before. `cmake -DSCRATCH=DIR -P tests/rules/selftest.cmake`
cmake_minimum_required(VERSION 3.21)

if(NOT SCRATCH)
  message(FATAL_ERROR "selftest: say -DSCRATCH=DIR, a folder to copy to")
endif()
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(copy "${SCRATCH}/rules-selftest")
set(missed "")

function(ask rule out_status out_text)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DROOT=${copy}
      -P ${CMAKE_CURRENT_LIST_DIR}/${rule}.cmake
    RESULT_VARIABLE status ERROR_VARIABLE text OUTPUT_QUIET)
  string(REGEX REPLACE "[ \n]+" " " text "${text}") # CMake wraps lines
  set(${out_status} ${status} PARENT_SCOPE)
  set(${out_text} "${text}" PARENT_SCOPE)
endfunction()

# sin(RULE FILE TEXT EXPECTED)
function(sin rule file text expected)
  ask(${rule} status before)
  file(WRITE "${copy}/${file}" "${text}")
  ask(${rule} status after)
  file(REMOVE "${copy}/${file}")
  string(FIND "${before}" "${expected}" named_before)
  string(FIND "${after}" "${expected}" named_after)
  if(status EQUAL 0 OR named_after EQUAL -1 OR NOT named_before EQUAL -1)
    set(missed "${missed}\n  ${rule} does not say: ${expected}" PARENT_SCOPE)
  endif()
endfunction()

# virtue(RULE FILE TEXT): what a rule must leave alone.
function(virtue rule file text)
  file(WRITE "${copy}/${file}" "${text}")
  ask(${rule} status after)
  file(REMOVE "${copy}/${file}")
  string(FIND "${after}" "${file}" named)
  if(NOT named EQUAL -1)
    set(missed "${missed}\n  ${rule} objects to ${file}: ${text}" PARENT_SCOPE)
  endif()
endfunction()

# slip(RULE FILE FROM TO EXPECTED): one place of a file that is there changes.
function(slip rule file from to expected)
  file(READ "${copy}/${file}" before)
  string(REPLACE "${from}" "${to}" after "${before}")
  file(WRITE "${copy}/${file}" "${after}")
  ask(${rule} status text)
  file(WRITE "${copy}/${file}" "${before}")
  string(FIND "${text}" "${expected}" named)
  if(status EQUAL 0 OR named EQUAL -1)
    set(missed "${missed}\n  ${rule} does not say: ${expected}" PARENT_SCOPE)
  endif()
endfunction()

file(REMOVE_RECURSE "${copy}")
foreach(name launcher fixtures tests docs README.md)
  file(COPY "${root}/${name}" DESTINATION "${copy}")
endforeach()

sin(includes launcher/core/zz.c "#include <unistd.h>\n"
  "launcher/core/zz.c: core may not include 'unistd.h' (system)")
sin(includes launcher/core/zz.h "#include \"os/process.h\"\n"
  "launcher/core/zz.h: core may not include 'os/process.h' (os)")
sin(includes launcher/os/linux/zz.c "#include \"core/verdict.h\"\n"
  "launcher/os/linux/zz.c: os may not include 'core/verdict.h' (core)")
sin(includes launcher/base/zz.c "  #  include <cjson/cJSON.h>\n"
  "launcher/base/zz.c: base may not include 'cjson/cJSON.h' (cjson)")
sin(includes launcher/run/zz.c "#include <cjson/cJSON.h>\n"
  "launcher/run/zz.c: run may not include 'cjson/cJSON.h' (cjson)")
sin(includes launcher/report/zz.c "#include \"run/run.h\"\n"
  "launcher/report/zz.c: report may not include 'run/run.h' (run)")
sin(includes launcher/base/zz.c "#include <hbtest/protocol.h>\n"
  "launcher/base/zz.c: base may not include 'hbtest/protocol.h' (protocol)")
sin(includes launcher/core/zz.c "#include <hbtest/hbtest.h>\n"
  "launcher/core/zz.c: core may not include 'hbtest/hbtest.h' (hbtest)")
sin(includes fixtures/client/zz.c "#include \"base/error.h\"\n"
  "fixtures/client/zz.c: fixtures may not include 'base/error.h' (base)")
sin(includes tests/unit/zz.c "#include <windows.h>\n"
  "tests/unit/zz.c: unit may not include 'windows.h' (system)")
sin(includes launcher/helpers/zz.c "#include <stdio.h>\n"
  "launcher/helpers/zz.c: 'helpers' is no layer")
virtue(includes launcher/core/zz.c
  "#include <stdint.h>\n#include <hbtest/protocol.h>\n")
virtue(includes launcher/os/windows/zz.c
  "#include <windows.h>\n#include \"os/process.h\"\n")

string(REPEAT "int x;\n" 401 long_c)
string(REPEAT "int x;\n" 151 long_h)
sin(sizes launcher/core/zz.c "${long_c}" "launcher/core/zz.c: 401 lines")
sin(sizes fixtures/client/zz.h "${long_h}" "fixtures/client/zz.h: 151 lines")

sin(words launcher/core/zz.c "int f(void) { return atoi(\"1\"); }\n"
  "launcher/core/zz.c: atoi()")
sin(words launcher/os/linux/zz.c "void f(void) { sleep (1); }\n"
  "launcher/os/linux/zz.c: sleep()")
sin(words launcher/run/zz.c "void f(void)\n{\n    exit(1);\n}\n"
  "launcher/run/zz.c: exit()")
sin(words launcher/report/zz.c "void f(void) { printf(\"x\"); }\n"
  "launcher/report/zz.c: printf()")
sin(words launcher/core/zz.c "char *g(void) { return getenv(\"A\"); }\n"
  "launcher/core/zz.c: getenv()")
sin(words tests/unit/zz.c "void f(char *a) { strcpy(a, \"1\"); }\n"
  "tests/unit/zz.c: strcpy()")
sin(words launcher/core/zz.c "#ifdef _WIN32\n#endif\n"
  "launcher/core/zz.c: asks for _WIN32")
sin(words tests/unit/zz.c "# if !defined(__linux__)\n# endif\n"
  "tests/unit/zz.c: asks for __linux__")
virtue(words launcher/core/zz.c
  "/* not atoi(), not exit() */\nint f(void) { return my_atoi(1); }\n")
virtue(words launcher/os/linux/zz.c
  "#ifdef __linux__\nvoid f(void) { _exit(1); }\n#endif\n")
virtue(words fixtures/programs/zz.c "void f(void) { exit(sleep(1)); }\n")

set(page docs/protocol.md)
set(code fixtures/include/hbtest/protocol.h)
slip(protocol ${page} "| 40 | 8 | alive_ms" "| 40 | 4 | alive_ms"
  "${page}: 'Lanes' lacks 40:8:alive_ms")
slip(protocol ${page} "4, 4, 4 | lane_count" "4, 4, 8 | lane_count"
  "${page}: 'Header' has 72:8:lanes_offset")
slip(protocol ${page} "| 8 | GOODBYE |" "| 13 | GOODBYE |"
  "${page}: the kinds of records lacks 8:GOODBYE")
slip(protocol ${code} "    HBTEST_CASE_SKIPPED = 3" "    HBTEST_CASE_SKIPPED = 4"
  "${page}: CASE_END does not say")
slip(protocol ${code} "HBTEST_SLOT_COUNT 4096u" "HBTEST_SLOT_COUNT 8192u"
  "${page}: does not say '| 8192, 256, 8192 |'")
slip(protocol ${code} "    uint32_t threads" "    uint32_t more[2]"
  "${page}: 'Lanes' lacks 52:8:more")
slip(protocol ${code} "HBTEST_TEXT_BYTES 216u" "HBTEST_TEXT_BYTES 212u"
  "${page}: 'Slots' lacks 40:212:text")

slip(hosts docs/hosts.md "`TEST_TARGET`" "the target"
  "docs/hosts.md: TEST_TARGET is missing")
slip(hosts launcher/run/host_env.c "\"TEST_TIMEOUT\"" "\"TEST_LIMIT_S\""
  "docs/hosts.md: TEST_TIMEOUT is read nowhere")
slip(hosts launcher/os/linux/prepare.c "NOTIFY_SOCKET=" "NOTIFY_PLACE="
  "docs/hosts.md: NOTIFY_PLACE is missing")
slip(listing docs/cli.md "`--list-tags`, " ""
  "docs/cli.md: the listing word 'list-tags' is missing")
slip(listing launcher/core/options_ask.c "\"ltc\"" "\"lsc\""
  "docs/cli.md: the listing word 'lsc' is missing")
slip(statuses launcher/core/exit_status.c "STATUS_HANG = 124"
  "STATUS_HANG = 119" "docs/verdicts.md: does not say '| 119 | `hang`")
slip(statuses launcher/core/exit_status.c "STATUS_LEAK = 123"
  "STATUS_LEAK = 119" "launcher/programs/launch.c: does not say '120 ended")
slip(statuses README.md "| 120 |" "| 119 |"
  "README.md: 119 is no status of ours")

file(REMOVE_RECURSE "${copy}")
if(missed)
  message(FATAL_ERROR "the rules are blind:${missed}")
endif()
