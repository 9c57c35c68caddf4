# What a pipeline needs of the gate, for any POSIX shell with curl 7.76 or newer. Source it beside your own
# `deploy.sh RELEASE RING`. It needs GATE and RELEASE, and GATE_TOKEN, of the role pipeline, once tokens exist.
#
# It acts on Gate-Verdict and never on a status alone, so that no proxy between here and the gate can promote. It waits
# for two hours through holds that clear by themselves and while the gate is away, and stops where somebody has to act.
gate() { # gate STAGE RING: waits while the gate holds; 0 is promote, 20 rollback, 1 anything else
  rm -f gate.json gate.head
  curl -sS --fail-with-body -o gate.json -D gate.head --retry 1000 --retry-connrefused --retry-max-time 7200 \
    -H "Authorization: ${GATE_TOKEN:+Bearer $GATE_TOKEN}" "$GATE/gates/$RELEASE/$2?stage=$1" || [ $? = 22 ] || return 1
  case "$(tr -d '\r' < gate.head | grep -i '^gate-verdict:' | tail -1)" in
    *promote) return 0 ;;
    *rollback) return 20 ;;
    *) cat gate.json >&2; echo >&2; return 1 ;;
  esac
}
report() { # report RELEASE RING STATE
  curl -sS --fail-with-body -o report.json -X PUT -H "Authorization: ${GATE_TOKEN:+Bearer $GATE_TOKEN}" \
    -H 'Content-Type: application/json' -d "{\"state\":\"$3\"}" "$GATE/releases/$1/rings/$2" || { cat report.json >&2; echo >&2; return 1; }
}
walk() { # walk RING: enter, deploy, report, exit
  gate enter "$1" || return
  if ./deploy.sh "$RELEASE" "$1"; then state=deployed; else state=failed; fi
  report "$RELEASE" "$1" "$state" || return
  gate exit "$1" && [ "$state" = deployed ]
}
roll_back() { # puts back what gate.json names, without asking; does nothing when it is no rollback of this release
  grep -qsF "\"release\":\"$RELEASE\"" gate.json || return 0
  sed -n 's/.*"rollback":{"rings":\[[^]]*\],"to":{\([^}]*\)}.*/\1,/p' gate.json | tr -d '"' | tr ',' '\n' |
    while IFS=: read -r ring old; do
      if [ "$old" = null ]; then
        echo "nobody knows what ran in $ring before: when it is gone from there, report $RELEASE $ring rolled-back" >&2; exit 1
      fi
      ./deploy.sh "$old" "$ring" < /dev/null || exit
      report "$RELEASE" "$ring" rolled-back && report "$old" "$ring" deployed || exit
    done
}
