# What ci/test and ci/demo share; sourced by them, in the root of the checkout.

# build FOLDER OPTIONS TARGET ARGUMENTS...: configures build/FOLDER with
# ci/options/OPTIONS.cmake and builds the target: "all", or "tests/all" for
# tests that start none of the specimens.
build() {
  local folder=build/$1 options=$2 target=$3
  shift 3
  cmake -S . -B "$folder" -G Ninja -C "ci/options/$options.cmake" "$@" &&
    cmake --build "$folder" --parallel "$jobs" --target "$target"
}

# run_tests FOLDER ARGUMENTS...: CTest in build/FOLDER. What it found goes to
# build/results, where closing_line adds it up, and explain_skips finds what
# tests that passed left out: CTest would cut their output. Two at a time for
# each core, since most of a test is waiting.
run_tests() {
  local folder=$1 arguments=()
  shift
  [ "${quick:-no}" = yes ] && arguments=(-LE slow -E '^e2e_output$')
  ctest --test-dir "build/$folder" --parallel $((jobs * 2)) --output-on-failure \
    --no-tests=error --test-output-size-passed 65536 --output-junit "$root/build/results/$folder.xml" \
    "${arguments[@]}" "$@"
}

# start_ahead: once, runs all that wanted steps have to make, in their order and
# behind everything else; it ends with this script. `made NAME` waits for a
# part of it, shows its output and fails as it did.
start_ahead() {
  [ -z "${ahead:-}" ] || return 0
  set -m # a process group of its own, to be ended as a whole
  make_ahead </dev/null &
  ahead=$!
  set +m
  trap 'kill -- -"$ahead" 2>/dev/null' EXIT
}

make_ahead() {
  renice -n 10 -p "$BASHPID" >/dev/null
  for_wanted aside make_aside
  for_wanted make make_one
  wait
}

# for_wanted WAY FUNCTION: calls it with each wanted step that is made that way.
for_wanted() {
  local line name
  for line in "${steps[@]}"; do
    name=${line%% *}
    is_wanted "$name" && [ "$(way_ahead "$name")" = "$1" ] && "$2" "$name"
  done
}

make_aside() { make_one "$1" & }

# "make", "aside", or nothing: how the step NAME is made ahead.
way_ahead() {
  local way
  for way in make aside; do
    [ "$(type -t "${way}_$1")" = function ] && echo $way
  done
}

make_one() {
  local status=0
  "$(way_ahead "$1")_$1" >"build/logs/$1.make.log" 2>&1 || status=$?
  echo $status >"build/logs/$1.made"
}

made() {
  local made=build/logs/$1.made
  until [ -e "$made" ] || ! kill -0 "$ahead" 2>/dev/null; do sleep 0.2; done
  cat "build/logs/$1.make.log"
  [ "$(cat "$made")" = 0 ]
}

# run_step NAME TITLE: runs the function step_NAME, prints one line.
run_step() {
  local name=$1 title=$2 log=build/logs/$1.log start=$SECONDS status=0
  title=${title#"${title%%[! ]*}"}
  (set -e; "step_$name") >"$log" 2>&1 </dev/null || status=$?
  printf '%-8s %-34s %4d s  %s\n' "$name" "$title" $((SECONDS - start)) \
    "$(step_outcome "$name" $status)"
  [ $status -eq 0 ] && return 0
  { show_failures "build/results/$name.xml" || tail -n 40 "$log"; } |
    sed 's/^/    | /'
  echo "    all of it: $log"
  return 1
}

# show_failures FILE: the end of what each failed test of CTest's report
# printed; false if none failed there, and something else went wrong.
show_failures() {
  grep -qs '<failure' "$1" || return 1
  awk '
    /<testcase / { name = $0; sub(/.*name="/, "", name); sub(/".*/, "", name)
                   failed = count = 0 }
    /<failure/ { failed = 1 }
    /<system-out>/ { inside = failed; sub(/.*<system-out>/, "") }
    inside { line = $0; sub(/<\/system-out>.*/, "", line); text[count++] = line }
    /<\/system-out>/ { inside = 0 }
    /<\/testcase>/ && failed {
      print "---- " name
      for (i = count > 60 ? count - 60 : 0; i < count; i++) print text[i]
    }' "$1" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'
}

# "ok", or "FAILED", and the counts if there are any.
step_outcome() {
  local counts
  counts=$(count_results "build/results/$1.xml")
  [ "$2" -eq 0 ] && echo "ok${counts:+: $counts}" ||
    echo "FAILED${counts:+: $counts}"
}

# count_results FILE...: "N passed, N failed, N skipped" over CTest's reports;
# nothing if there is no such file.
count_results() {
  [ -e "${1:-}" ] || return 0
  awk '
    function number(name, value) {
      if (match($0, name "=\"[0-9]+\"") == 0) return 0
      value = substr($0, RSTART, RLENGTH)
      gsub(/[^0-9]/, "", value)
      return value + 0
    }
    /<testsuite / { in_suite = 1 }
    in_suite {
      tests += number("tests"); failed += number("failures")
      skipped += number("skipped") + number("disabled")
    }
    in_suite && />/ { in_suite = 0 }
    END {
      printf "%d passed, %d failed, %d skipped\n",
        tests - failed - skipped, failed, skipped
    }' "$@"
}

# Names each skipped test with the last line that it printed, and each line by
# which a test that passed tells what it could not show here.
explain_skips() {
  local file
  for file in build/results/*.xml; do
    [ -e "$file" ] || continue
    awk -v step="$(basename "$file" .xml)" '
      function tell(text) { print "not shown: " step "/" name ": " text }
      /<testcase / { name = $0; sub(/.*name="/, "", name); sub(/".*/, "", name)
                     skipped = 0; last = "" }
      /<skipped/ { skipped = 1 }
      /<system-out>/ { inside = 1; sub(/.*<system-out>/, "") }
      inside { line = $0; sub(/<\/system-out>.*/, "", line)
               if (line ~ /[^ \t]/) last = line
               if (line ~ /^(unproven|skip:|skip) /) tell(line) }
      /<\/system-out>/ { inside = 0 }
      /<\/testcase>/ && skipped { tell(last) }
    ' "$file" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g' | uniq
  done
}

# The end of a run. A step that failed without a failed test counts as one.
closing_line() {
  local counts passed failed skipped
  explain_skips
  counts=$(count_results build/results/*.xml)
  read -r passed failed skipped <<<"$(tr -dc '0-9 ' <<<"${counts:-0 0 0}")"
  [ $failed_steps -gt 0 ] && [ "$failed" -eq 0 ] && failed=$failed_steps
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
