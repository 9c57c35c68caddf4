import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic

/**
 * Takes a release through one ring, and back when the gate says so:
 *
 *   gateRing(ring: 'canary') { release, ring -> sh "./deploy.sh ${release} ${ring}" }
 *
 * It asks whether the release may enter, calls the closure, reports, and asks until the release has proven itself.
 * When the gate says rollback, the same closure puts back what was proven there, without asking, and the build fails.
 * Whatever is neither promote nor rollback waits or fails the build, and never goes on.
 *
 * Settings beside `ring`: gate and release (the variables GATE and RELEASE), credentialsId of a secret text
 * ('gate-token'), artifact (the digest of what is deployed), minutes that a hold is waited for (120), wait of one
 * request ('20s').
 * Needs the plugins HTTP Request and Credentials Binding.
 */
void call(Map settings, Closure deploy) {
  Map at = [gate: env.GATE, release: env.RELEASE, credentialsId: 'gate-token', minutes: 120, wait: '20s'] + settings
  Map entered = ask(at, 'enter')
  if (entered.verdict == 'rollback') rollBack(at, entered, deploy)
  String state = 'deployed'
  try {
    deploy(at.release, at.ring)
  } catch (Exception failure) {
    echo "the deployment of ${at.release} to ${at.ring} failed: ${failure.message}"
    state = 'failed'
  }
  report(at, at.release, at.ring, state)
  Map left = ask(at, 'exit')
  if (left.verdict == 'rollback') rollBack(at, left, deploy)
  if (state == 'failed') error "the deployment of ${at.release} to ${at.ring} failed"
}

/** The decision, once it is promote or rollback. A hold that clears by itself and a gate that is away are asked again. */
private Map ask(Map at, String stage) {
  String build = env.BUILD_URL ? "&build=${URLEncoder.encode(env.BUILD_URL, 'UTF-8')}" : ''
  String artifact = at.artifact ? "&artifact=${at.artifact}" : ''
  String path = "/gates/${at.release}/${at.ring}?stage=${stage}&wait=${at.wait}${artifact}${build}"
  return timeout(time: at.minutes, unit: 'MINUTES') {
    def heard = http(at, 'GET', path, null)
    while (headerOf(heard, 'Gate-Verdict') == 'hold' ? heard.status != 423 : heard.status in [408, 429, 500, 502, 503, 504]) {
      echo "the gate holds ${at.release} before ${at.ring}: ${summaryOf(heard)}"
      sleep(time: (headerOf(heard, 'Retry-After') ?: '15') as int, unit: 'SECONDS')
      heard = http(at, 'GET', path, null)
    }
    String verdict = headerOf(heard, 'Gate-Verdict')
    if (!(verdict in ['promote', 'rollback'])) error "the gate did not promote: ${heard.status} ${heard.content}"
    return [verdict: verdict] + (new JsonSlurperClassic().parseText(heard.content) as Map).subMap(['summary', 'rollback'])
  } as Map
}

private void report(Map at, String release, String ring, String state) {
  def heard = http(at, 'PUT', "/releases/${release}/rings/${ring}", JsonOutput.toJson([state: state]))
  if (heard.status != 200) error "the gate did not take the report that ${release} is ${state} in ${ring}: ${heard.status} ${heard.content}"
}

private void rollBack(Map at, Map decision, Closure deploy) {
  for (ring in decision.rollback.rings) {
    String old = decision.rollback.to[ring]
    if (old == null) error "nobody knows what ran in ${ring} before: when it is gone from there, report ${at.release} rolled-back"
    deploy(old, ring)
    report(at, at.release, ring, 'rolled-back')
    report(at, old, ring, 'deployed')
  }
  error "${at.release} was taken back: ${decision.summary}"
}

/** Every status is an answer here; what the plugin fails for by default would hide what the gate has to say. */
private Object http(Map at, String method, String path, String body) {
  return withCredentials([string(credentialsId: at.credentialsId, variable: 'GATE_TOKEN')]) {
    httpRequest(
      url: at.gate + path,
      httpMode: method,
      contentType: body == null ? 'NOT_SET' : 'APPLICATION_JSON',
      requestBody: body,
      validResponseCodes: '100:599',
      timeout: 30,
      quiet: true,
      customHeaders: [[name: 'Authorization', value: "Bearer ${env.GATE_TOKEN}", maskValue: true]]
    )
  }
}

/** An answer that the plugin made up itself, for a gate that is away, has no headers. */
private String headerOf(Object heard, String wanted) {
  Map headers = heard.headers ?: [:]
  for (header in headers) {
    if (wanted.equalsIgnoreCase(header.key)) return header.value[0]
  }
  return null
}

private String summaryOf(Object heard) {
  boolean told = headerOf(heard, 'Gate-Verdict') != null
  return told ? (new JsonSlurperClassic().parseText(heard.content) as Map).summary : "it is away (${heard.status})"
}
