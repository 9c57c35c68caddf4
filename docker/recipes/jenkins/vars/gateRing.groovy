import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic
import groovy.transform.Field
import java.time.Duration
import java.time.ZonedDateTime
import java.time.format.DateTimeFormatter

/**
 * Takes a release through one ring, and back when the gate says so:
 *
 *   gateRing(ring: 'canary') { release, ring -> sh "./deploy.sh ${release} ${ring}" }
 *
 * It asks whether the release may enter, calls the closure, reports, and asks until the release has proven itself.
 * When the gate says rollback, the same closure puts this ring back to what was proven there, without asking, and other rings
 * only if the gate still wants that and no other branch of the build walks them; then the build fails. Whatever is neither
 * promote nor rollback waits or fails the build, and never goes on. A build that is aborted reports its deployment as
 * failed and ends; nothing is put back then.
 *
 * Settings beside `ring`: gate and release (the variables GATE and RELEASE), credentialsId of a secret text
 * ('gate-token'), artifact (the digest of what is deployed), minutes that a question is repeated while the gate holds or is
 * away (120), reportMinutes that anything else is repeated (10), wait of one request ('20s').
 * Needs the plugins HTTP Request and Credentials Binding.
 */
void call(Map settings, Closure deploy) {
  Map usual = [gate: env.GATE, release: env.RELEASE, credentialsId: 'gate-token', minutes: 120, reportMinutes: 10, wait: '20s']
  Map at = usual + settings
  for (name in ['gate', 'release', 'ring']) at[name] = at[name].toString()
  requireNames(at)
  underWay << at.ring
  try {
    walk(at, deploy)
  } finally {
    underWay -= at.ring
  }
}

/** The rings that branches of this build are walking. */
@Field List<String> underWay = []

/** The statuses that each verdict comes with. With another one it is no answer of the gate. */
@Field Map<String, List<Integer>> statusesOf = [promote: [200], rollback: [409], hold: [423, 429, 503]]

private void walk(Map at, Closure deploy) {
  Map entered = ask(at, 'enter')
  if (entered.verdict == 'rollback') rollBack(at, entered, deploy)
  String startedAt = beginning(at, entered)
  String state = 'deployed'
  try {
    deploy(at.release, at.ring)
  } catch (InterruptedException interruption) {
    if (interruption.actualInterruption) endInterrupted(at, startedAt, interruption)
    state = failed(at, interruption)
  } catch (Exception failure) {
    state = failed(at, failure)
  }
  Map more = at.artifact && state == 'deployed' ? [artifact: at.artifact] : [:]
  report(at, at.release, at.ring, [state: state, startedAt: startedAt] + more)
  Map left = ask(at, 'exit')
  if (left.verdict == 'rollback') rollBack(at, left, deploy)
  if (state == 'failed') error "the deployment of ${at.release} to ${at.ring} failed"
}

private String failed(Map at, Exception failure) {
  echo "the deployment of ${at.release} to ${at.ring} failed: ${failure.message}"
  return 'failed'
}

/** Somebody has aborted the build, or a timeout around it has: the gate learns of it if it is there, and the build ends so. */
private void endInterrupted(Map at, String startedAt, InterruptedException interruption) {
  try {
    report(at + [reportMinutes: 1], at.release, at.ring, [state: 'failed', startedAt: startedAt])
  } catch (Exception unreported) {
    echo "the deployment of ${at.release} to ${at.ring} was interrupted, and the gate does not know: ${unreported.message}"
  }
  throw interruption
}

/** The decision, once it is promote or rollback. A hold that clears by itself and a gate that is away are asked again. */
private Map ask(Map at, String stage) {
  String build = env.BUILD_URL ? "&build=${URLEncoder.encode(env.BUILD_URL, 'UTF-8')}" : ''
  String artifact = at.artifact ? "&artifact=${URLEncoder.encode(at.artifact, 'UTF-8')}" : ''
  Map request = [path: "/gates/${at.release}/${at.ring}?stage=${stage}&wait=${at.wait}${artifact}${build}"]
  return settled(at, 'minutes', "${at.release} ${at.ring} ${stage}", 'the gate did not promote', request) { heard ->
    String verdict = verdictFor(at, stage, heard)
    if (verdict == null || (verdict == 'hold' && heard.status != 423)) return null
    if (!(verdict in ['promote', 'rollback'])) error "the gate did not promote: ${heard.status} ${heard.content}"
    return [verdict: verdict, id: headerOf(heard, 'Gate-Decision')] + jsonOf(heard).subMap(['summary', 'rollback'])
  }
}

/** When the deployment begins, by the gate's own clock. Fails when the promise has been recalled since. */
private String beginning(Map at, Map promise) {
  String topic = "the promise of ${at.release} for ${at.ring}"
  Map validity = settled(at, 'reportMinutes', topic, "${topic} cannot be seen", [path: "/decisions/${promise.id}/validity"]) { heard ->
    Map told = heard.status == 200 ? jsonOf(heard) : [:]
    return told.checkedAt && told.stands instanceof Boolean ? told : null
  }
  if (!validity.stands) error "${topic} no longer stands, so nothing is deployed: ${validity.because}"
  return validity.checkedAt
}

/** The rings that the gate still wants back, by a dry run. */
private List<String> stillWantedBack(Map at) {
  Map request = [path: "/gates/${at.release}/${at.ring}?stage=exit&dryRun=true"]
  return settled(at, 'reportMinutes', "where ${at.release} is to go back", 'the gate does not say it', request) { heard ->
    String verdict = verdictFor(at, 'exit', heard)
    if (verdict == null || heard.status == 503) return null
    return [rings: verdict == 'rollback' ? jsonOf(heard).rollback.rings : []]
  }.rings
}

private void report(Map at, String release, String ring, Map what) {
  String topic = "the report that ${release} is ${what.state} in ${ring}"
  Map request = [method: 'PUT', path: "/releases/${release}/rings/${ring}", body: JsonOutput.toJson(what)]
  settled(at, 'reportMinutes', topic, "the gate did not take ${topic}", request) { heard ->
    Map told = heard.status == 200 ? jsonOf(heard) : [:]
    return told.release == release && told.ring == ring && told.state == what.state ? told : null
  }
}

private void rollBack(Map at, Map decision, Closure deploy) {
  List<String> rings = decision.rollback?.rings
  if (!rings) error "the gate wants ${at.release} back, but does not say from where"
  List<String> others = rings - underWay
  List<String> wrong = []
  boolean isBack = at.ring in rings && putBack(at, decision, at.ring, deploy, wrong)
  // Asked before its own ring is reported, so that the answer is about all that is left.
  if (others) others = others.intersect(stillWantedBack(at))
  if (isBack) reportBack(at, decision, at.ring)
  for (ring in others) {
    if (putBack(at, decision, ring, deploy, wrong)) reportBack(at, decision, ring)
  }
  if (wrong) error "${at.release} was not taken back everywhere: ${wrong.join('; ')}"
  error "${at.release} was taken back: ${decision.summary}"
}

private boolean putBack(Map at, Map decision, String ring, Closure deploy, List<String> wrong) {
  if (!isRing(ring)) {
    wrong << "'${ring}' is no ring, so nothing is deployed there"
    return false
  }
  String old = decision.rollback.to[ring]
  if (old == null) {
    wrong << "nobody knows what ran in ${ring} before: when it is gone from there, report ${at.release} rolled-back"
    return false
  }
  if (!isRelease(old) || old == at.release || serviceOf(old) != serviceOf(at.release)) {
    wrong << "'${old}' is no other release of ${serviceOf(at.release)}, so ${ring} does not go back to it"
    return false
  }
  try {
    deploy(old, ring)
    return true
  } catch (InterruptedException interruption) {
    if (interruption.actualInterruption) throw interruption
    wrong << "the deployment of ${old} to ${ring} failed: ${interruption.message}"
  } catch (Exception failure) {
    wrong << "the deployment of ${old} to ${ring} failed: ${failure.message}"
  }
  return false
}

private void reportBack(Map at, Map decision, String ring) {
  report(at, at.release, ring, [state: 'rolled-back'])
  report(at, decision.rollback.to[ring], ring, [state: 'deployed'])
}

/**
 * What the judge makes of the first answer that settles something; null settles nothing, and a refusal ends it. Until then the
 * gate holds or is away, for as many minutes as the setting of that name says.
 */
private Map settled(Map at, String limit, String topic, String otherwise, Map request, Closure<Map> judge) {
  String last = 'nothing was heard'
  try {
    return timeout(time: at[limit], unit: 'MINUTES') {
      Map found = null
      while (found == null) {
        Object heard = http(at, request)
        if (isRefusal(heard)) error "${otherwise}: ${heard.status} ${heard.content}"
        found = judge(heard)
        if (found == null) {
          last = reasonOf(heard)
          echo "${topic}: ${last}"
          sleep(time: pauseOf(heard), unit: 'SECONDS')
        }
      }
      return found
    } as Map
  } catch (InterruptedException over) {
    if (over.actualInterruption) throw over
    error "gave up on ${topic} after ${at[limit]} ${limit}: ${last}"
  }
}

/** Every status is an answer here, and so is a connection that broke: what the plugin fails for would hide what there is to say. */
private Object http(Map at, Map request) {
  return withCredentials([string(credentialsId: at.credentialsId, variable: 'GATE_TOKEN')]) {
    try {
      return httpRequest(
        url: at.gate + request.path,
        httpMode: request.method ?: 'GET',
        contentType: request.body == null ? 'NOT_SET' : 'APPLICATION_JSON',
        requestBody: request.body,
        validResponseCodes: '100:599',
        timeout: 30,
        quiet: true,
        customHeaders: [[name: 'Authorization', value: "Bearer ${env.GATE_TOKEN}", maskValue: true]]
      )
    } catch (InterruptedException interruption) {
      throw interruption
    } catch (Exception broken) {
      return [status: 0, headers: [:], content: broken.message]
    }
  }
}

/** Null where there is none. */
private String verdictOf(Object heard) {
  String verdict = headerOf(heard, 'Gate-Verdict')
  return heard.status in (statusesOf[verdict] ?: []) ? verdict : null
}

/** The answer to another question is worth nothing, whatever it says. */
private String verdictFor(Map at, String stage, Object heard) {
  String verdict = verdictOf(heard)
  String asked = "${at.release} ${at.ring} ${stage}"
  String answered = headerOf(heard, 'Gate-Question')
  if (verdict != null && answered != asked) error "asked about ${asked}, but the answer is about ${answered}: not believed"
  return verdict
}

/** What the gate itself will not do, however often it is asked. A page of a proxy or a 404 of another host is none. */
private boolean isRefusal(Object heard) {
  boolean isProblem = (headerOf(heard, 'Content-Type') ?: '').startsWith('application/problem+json')
  boolean isFinal = heard.status in 400..499 && !(heard.status in [408, 429])
  return isProblem && isFinal && verdictOf(heard) == null
}

private String reasonOf(Object heard) {
  if (verdictOf(heard) != null) return "the gate holds: ${jsonOf(heard).summary}"
  return heard.status == 0 ? "the gate is away (${heard.content})" : "the gate is away (${heard.status} without an answer of the gate)"
}

/** What Retry-After says, in seconds or as a date. */
private int pauseOf(Object heard) {
  String wanted = headerOf(heard, 'Retry-After')
  if (wanted ==~ /\d{1,4}/) return Math.max(1, wanted as int)
  try {
    DateTimeFormatter format = DateTimeFormatter.RFC_1123_DATE_TIME
    long seconds = Duration.between(ZonedDateTime.parse(headerOf(heard, 'Date'), format), ZonedDateTime.parse(wanted, format)).seconds
    return Math.max(1L, Math.min(seconds, 3600L)) as int
  } catch (Exception none) {
    return 15
  }
}

/** Empty where it is none, as after an answer that was cut off. */
private Map jsonOf(Object heard) {
  try {
    return new JsonSlurperClassic().parseText(heard.content) as Map
  } catch (Exception none) {
    return [:]
  }
}

/** With commas all of several. An answer that the plugin made up itself, for a gate that is away, has no headers. */
private String headerOf(Object heard, String wanted) {
  Map headers = heard.headers ?: [:]
  List<String> values = []
  for (header in headers) {
    if (wanted.equalsIgnoreCase(header.key)) values.addAll(header.value)
  }
  return values ? values.join(', ') : null
}

/** Anything else in an address would ask another question than the one that is meant. */
private void requireNames(Map at) {
  if (!isRelease(at.release)) {
    error "'${at.release}' is no release, so nothing is asked: it takes name@version, the version of letters, digits and . _ + -"
  }
  if (!isRing(at.ring)) {
    error "'${at.ring}' is no ring, so nothing is asked: it takes small letters, digits and -"
  }
}

private boolean isRelease(String text) { text ==~ /[a-z0-9][a-z0-9-]*@[A-Za-z0-9][A-Za-z0-9._+-]*/ }

private boolean isRing(String text) { text ==~ /[a-z0-9]([a-z0-9-]*[a-z0-9])?/ }

private String serviceOf(String release) { release.substring(0, release.indexOf('@')) }
