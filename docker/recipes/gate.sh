# What a pipeline needs of the gate, for any POSIX shell with curl 7.76 or newer. Source it beside your own
# `deploy.sh RELEASE RING`.
#
#   walk RING                  enter, deploy, report, exit; ends with 0 for promote, 20 for rollback, 1 for anything else
#   roll_back                  puts back every ring that the answers to `walk` named; without an answer it asks the gate
#   roll_back RING             puts back this ring alone, for rings that are walked side by side
#   gate STAGE RING            asks one question; ends like `walk`
#   report RELEASE RING STATE  makes one report
#
#   GATE, RELEASE              the address of the gate, and service@version
#   GATE_TOKEN                 a token of the role pipeline, once tokens exist
#   ARTIFACT                   the digest of what is deployed, where there is one
#   GATE_TIMEOUT               seconds that a question is repeated while the gate holds or is away (7200)
#   GATE_REPORT_TIMEOUT        seconds that anything else is repeated while the gate is away (600)
#   GATE_ANSWER_TIMEOUT        seconds that one answer may take (30)
#   GATE_PAUSE                 seconds before the next try where the answer names none (15)
#
# A promote counts only with curl's status 0, 200, exactly `Gate-Verdict: promote` and the `Gate-Question` that was asked: no
# proxy, login page or strange version can promote. A rollback is 409 with `rollback`, and goes back only to another release of
# the same service. Each call has a shell and files of its own, which end with the shell that called
# it. The token is in one of these files and on no command line. `walk` leaves a rollback in rollback/RELEASE/RING.json.
walk() { gate_alone gate_walk "$@"; }
roll_back() { gate_alone gate_roll_back "$@"; }
gate() { gate_alone gate_ask "$@"; }
report() { gate_alone gate_report "$@"; }

gate_walk() { # RING
  gate_ask enter "$1" || return
  gate_still_stands || return
  began=$(gate_field checkedAt) # by the gate's own clock
  if ./deploy.sh "$RELEASE" "$1"; then state=deployed; else state=failed; fi
  gate_report "$RELEASE" "$1" "$state" "$began" || return
  gate_ask exit "$1" && [ "$state" = deployed ]
}

gate_ask() { # STAGE RING
  gate_fits "$RELEASE" "$2" || return
  topic="$RELEASE $2 $1"
  # An answer of an earlier run is not the last word: without one roll_back asks.
  if [ "$1" = enter ]; then rm -f "rollback/$RELEASE/"*.json; else rm -f "rollback/$RELEASE/$2.json"; fi
  gate_repeat "GATE_TIMEOUT=$GATE_TIMEOUT" gate_decides "/gates/$RELEASE/$2" -G --data-urlencode "stage=$1" \
    ${ARTIFACT:+--data-urlencode "artifact=$ARTIFACT"}
  code=$?
  if [ "$code" = 20 ]; then mkdir -p "rollback/$RELEASE" && cp "$own/body" "rollback/$RELEASE/$2.json" || return 1; fi
  return "$code"
}

gate_still_stands() { # whether nobody has recalled the promote that was just given
  topic="the promise for $topic"
  gate_repeat "GATE_REPORT_TIMEOUT=$GATE_REPORT_TIMEOUT" gate_stands "/decisions/$(gate_header gate-decision)/validity"
}

gate_report() { # RELEASE RING STATE [STARTED_AT]
  gate_fits "$1" "$2" || return
  topic="the report that $1 is $3 in $2"
  release=$1 ring=$2 state=$3 more=${4:+,\"startedAt\":\"$4\"}
  if [ "$1 $3" = "$RELEASE deployed" ]; then more=$more${ARTIFACT:+,\"artifact\":\"$ARTIFACT\"}; fi
  gate_repeat "GATE_REPORT_TIMEOUT=$GATE_REPORT_TIMEOUT" gate_recorded "/releases/$1/rings/$2" \
    -X PUT -H 'Content-Type: application/json' -d "{\"state\":\"$3\"$more}"
}

gate_roll_back() { # [RING]
  gate_fits "$RELEASE" "${1:-any}" || return
  bad=0
  for file in "rollback/$RELEASE/"*.json; do
    if [ -f "$file" ] && [ "$file" = "rollback/$RELEASE/${1:-$(basename "$file" .json)}.json" ]; then
      gate_targets "$file" && continue
      gate_say "$file does not say where $RELEASE goes back to: without that file the gate is asked"
      bad=1
    fi
  done
  if [ ! -f "$own/targets" ]; then
    gate_say "no answer says where $RELEASE goes back to: asking the gate what is live"
    gate_look "${1:-}" || return
  fi
  sort -u "$own/targets" > "$own/sorted"
  while IFS= read -r target <&3; do
    to=${target%%:*} old=${target#*:}
    if ! gate_goes_back "$to" "$old"; then bad=1
    elif [ "${1:-$to}" = "$to" ]; then gate_put_back "$to" "$old" || bad=1; fi
  done 3< "$own/sorted"
  if [ "$bad" = 0 ]; then rm -rf "rollback/$RELEASE/${1:+$1.json}"; fi
  return "$bad"
}

gate_look() { # RING, or nothing for any: writes what the gate wants back, by a dry run
  where=$1
  if [ -z "$where" ]; then
    topic="where $RELEASE is live"
    gate_repeat "GATE_REPORT_TIMEOUT=$GATE_REPORT_TIMEOUT" gate_knows "/releases/$RELEASE" || return
    if gate_names '"live":[]'; then
      gate_say "$RELEASE is live nowhere, so nothing is put back"
      : > "$own/targets"
      return
    fi
    where=$(sed -n 's/.*"live":\["\([^"]*\)".*/\1/p' "$own/body")
    gate_is_ring "$where" || return
  fi
  topic="$RELEASE $where exit"
  gate_repeat "GATE_REPORT_TIMEOUT=$GATE_REPORT_TIMEOUT" gate_shows "/gates/$RELEASE/$where" -G -d stage=exit -d dryRun=true
  case $? in
    0)
      gate_say "the gate does not want $RELEASE back, so nothing is put back: $(gate_field summary)"
      : > "$own/targets"
      ;;
    20) gate_targets "$own/body" || { gate_say "the gate wants $RELEASE back, but does not say where to"; return 1; } ;;
    *) return 1 ;;
  esac
}

gate_goes_back() { # RING RELEASE: whether that ring may be told to go back to that; null is what nobody knows
  gate_is_ring "$1" || return
  if [ "$2" = null ]; then return; fi
  gate_is_release "$2" || return
  case "$2" in
    "$RELEASE") ;;
    "${RELEASE%%@*}@"*) return ;;
  esac
  gate_say "'$2' is no other release of ${RELEASE%%@*}, so $1 does not go back to it: $RELEASE is still there"
  return 1
}

gate_put_back() { # RING RELEASE: without asking, because it was proven there
  if [ "$2" = null ]; then
    gate_say "nobody knows what ran in $1 before: when it is gone from there, report $RELEASE $1 rolled-back"
    return 1
  fi
  if ./deploy.sh "$2" "$1" < /dev/null; then
    gate_report "$RELEASE" "$1" rolled-back && gate_report "$2" "$1" deployed
  else
    gate_say "the deployment of $2 to $1 failed: $RELEASE is still there"
    return 1
  fi
}

gate_targets() { # FILE: adds lines RING:RELEASE of this answer to the targets; what is malformed keeps a quote and fits nowhere
  sed -n 's/.*"rollback":{"rings":\[[^]]*\],"to":{\([^}]*\)}.*/\1/p' "$1" | sed 's/,"/\
"/g' | sed -e 's/^"\([^"]*\)":"\([^"]*\)"$/\1:\2/' -e 's/^"\([^"]*\)":/\1:/' > "$own/found"
  cat "$own/found" >> "$own/targets"
  grep -q . "$own/found"
}

gate_repeat() { # NAME=SECONDS JUDGE PATH CURL-OPTION…: until the judge says something else than 75
  limit=$1 judge=$2 end=$(($(date +%s) + ${1#*=}))
  shift 2
  while gate_send "$@"; "$judge"; judged=$?; [ "$judged" = 75 ]; do
    left=$((end - $(date +%s)))
    if [ "$left" -le 0 ]; then gate_say "gave up on $topic after $limit seconds: the gate $why"; return 1; fi
    pause=$(gate_pause "$left")
    gate_say "$topic: the gate $why; asking again in ${pause}s"
    sleep "$pause" &
    gate_wait
  done
  return "$judged"
}

gate_send() { # PATH CURL-OPTION…: the answer is in $own/head and $own/body
  path=$1
  shift
  : > "$own/head"
  : > "$own/body"
  curl -sS -g -o "$own/body" -D "$own/head" -H "@$own/authorization" --max-time "$GATE_ANSWER_TIMEOUT" "$@" \
    "${GATE%/}$path" 2> "$own/said" &
  gate_wait
  sent=$?
  status=$(awk '/^HTTP\// { status = $2 } END { print status }' "$own/head")
}

gate_wait() { # for what runs behind, so that a signal is heard meanwhile
  child=$!
  wait "$child"
  set -- $?
  child=''
  return "$1"
}

# The judges: 0 and 20 are what was hoped for and a rollback, 1 ends it, 75 settles nothing.
gate_decides() {
  gate_believed || return
  case "$told $status" in
    promote*) return 0 ;;
    rollback*) return 20 ;;
    *423) cat "$own/body" >&2; echo >&2; return 1 ;;
    *) why="holds: $(gate_field summary)"; return 75 ;;
  esac
}
gate_shows() {
  gate_believed || return
  case "$told $status" in
    rollback*) return 20 ;;
    *503) why="cannot tell: $(gate_field summary)"; return 75 ;;
  esac
}
gate_believed() { # only these are answers of the gate to a question
  told=$(gate_header gate-verdict)
  case "$sent $told $status" in
    "0 promote 200" | "0 rollback 409" | "0 hold 423" | "0 hold 429" | "0 hold 503") ;;
    *) gate_missing; return ;;
  esac
  if [ "$(gate_header gate-question)" = "$topic" ]; then return; fi
  gate_say "asked about $topic, but the answer is about '$(gate_header gate-question)': not believed"
  return 1
}
gate_stands() {
  gate_names '"stands":true' '"checkedAt":"' && return
  gate_names '"stands":false' '"checkedAt":"' || { gate_missing; return; }
  gate_say "$topic no longer stands, so nothing is deployed: $(gate_field because)"
  return 1
}
gate_recorded() { gate_names "\"release\":\"$release\"" "\"ring\":\"$ring\"" "\"state\":\"$state\"" || gate_missing; }
gate_knows() {
  gate_names "\"release\":\"$RELEASE\"" '"live":["' || gate_names "\"release\":\"$RELEASE\"" '"live":[]' || gate_missing
}
gate_names() { # TEXT…: true for a whole 200 that has all of them
  [ "$sent $status" = "0 200" ] || return
  for text in "$@"; do grep -qF -e "$text" "$own/body" || return; done
}
gate_missing() { # what is no answer: a refusal ends it, anything else means that the gate is away
  case "$sent $status $(gate_header content-type)" in
    "0 408 "* | "0 429 "*) ;;
    "0 4"*" application/problem+json"*) cat "$own/body" >&2; echo >&2; return 1 ;;
  esac
  case $sent in
    0) why="is away ($status without an answer of the gate)" ;;
    5 | 6 | 7 | 16 | 18 | 28 | 35 | 52 | 55 | 56 | 92 | 95 | 96 | 97) why="is away ($(cat "$own/said"))" ;;
    *) gate_say "$topic: '$GATE' cannot be asked: curl ended with $sent. $(cat "$own/said")"; return 1 ;;
  esac
  return 75
}

gate_header() { # NAME in small letters: its value in the last head that came, and with commas all of several
  awk -v name="$1:" '
    /^HTTP\// { value = ""; times = 0 }
    tolower(substr($0, 1, length(name))) == name {
      one = substr($0, length(name) + 1)
      gsub(/^[ \t]+|[ \t\r]+$/, "", one)
      value = value (times++ ? ", " : "") one
    }
    END { print value }' "$own/head"
}

gate_field() { # NAME: its text in the body
  sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$own/body"
}

gate_pause() { # SECONDS at most: what Retry-After says, a number or a date, or GATE_PAUSE
  awk -v most="$1" -v usual="$GATE_PAUSE" -v wanted="$(gate_header retry-after)" -v now="$(gate_header date)" '
    function instant(text,   part, month, year) { # Sun, 22 Nov 2026 10:00:00 GMT, in seconds
      split(text, part, /[ :]+/)
      month = (index("MarAprMayJunJulAugSepOctNovDecJanFeb", part[3]) - 1) / 3
      year = part[4] - (month > 9)
      return 86400 * (365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * month + 2) / 5) + part[2]) \
        + 3600 * part[5] + 60 * part[6] + part[7]
    }
    BEGIN {
      pause = usual
      if (wanted ~ /^[0-9]+$/) pause = wanted
      else if (wanted ~ /GMT$/ && now ~ /GMT$/) pause = instant(wanted) - instant(now)
      if (pause + 0 < 1) pause = 1
      print pause + 0 < most + 0 ? pause : most
    }'
}

gate_fits() { gate_is_release "$1" && gate_is_ring "$2"; } # RELEASE RING: whether they can stand in an address
gate_is_release() {
  (
    LC_ALL=C
    case "$1" in
      *@*@* | -* | @* | *-@* | *@ | *@[!A-Za-z0-9]* | *[!A-Za-z0-9._+@-]*) exit 1 ;;
      *@*) case "${1%%@*}" in *[!a-z0-9-]*) exit 1 ;; esac ;;
      *) exit 1 ;;
    esac
  ) || { gate_say "'$1' is no release, so nothing is asked or deployed: it takes name@version, the version of letters, digits and . _ + -"; return 1; }
}
gate_is_ring() {
  (
    LC_ALL=C
    case "$1" in '' | -* | *- | *[!a-z0-9-]*) exit 1 ;; esac
  ) || { gate_say "'$1' is no ring, so nothing is asked or deployed: it takes small letters, digits and -"; return 1; }
}

gate_say() { printf 'gate: %s\n' "$*" >&2; }

gate_alone() { # FUNCTION ARGUMENT…: in a shell of its own
  caller=$(exec sh -c 'echo "$PPID"')
  (
    set +eux
    if [ -z "${GATE:-}" ]; then gate_say "GATE is not set: it is the address of the gate"; exit 1; fi
    : "${GATE_TIMEOUT:=7200}" "${GATE_REPORT_TIMEOUT:=600}" "${GATE_ANSWER_TIMEOUT:=30}" "${GATE_PAUSE:=15}"
    case $GATE_TIMEOUT$GATE_REPORT_TIMEOUT$GATE_ANSWER_TIMEOUT$GATE_PAUSE in
      *[!0-9]*) gate_say "GATE_TIMEOUT, GATE_REPORT_TIMEOUT, GATE_ANSWER_TIMEOUT and GATE_PAUSE are whole seconds"; exit 1 ;;
    esac
    own=$(mktemp -d) || exit 1
    case $own in /*) ;; *) own=$PWD/$own ;; esac
    child='' watch=''
    trap 'kill $child $watch 2> /dev/null; rm -rf -- "$own"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    self=$(exec sh -c 'echo "$PPID"')
    while kill -0 "$caller" && kill -0 "$self"; do sleep 1; done > /dev/null 2>&1 && kill "$self" 2> /dev/null &
    watch=$!
    (umask 077 && cat > "$own/authorization") << EOF
Authorization: ${GATE_TOKEN:+Bearer $GATE_TOKEN}
EOF
    "$@"
  )
}
