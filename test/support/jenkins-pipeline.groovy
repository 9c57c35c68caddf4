import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic
import groovy.transform.Memoized
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.TimeUnit
import org.codehaus.groovy.control.CompilerConfiguration

/** After org.jenkinsci.plugins.workflow.steps.FlowInterruptedException: a timeout that has passed by itself is no actual interruption. */
class FlowInterruptedException extends InterruptedException {
  final boolean actualInterruption
  FlowInterruptedException(String message, boolean actual) { super(message); actualInterruption = actual }
}

/**
 * As much of a Jenkins as the recipes in docker/recipes/jenkins need: the steps that they call, with the rules of the real
 * ones, and time that passes only in `sleep`. Takes the folder as its argument and a JSON list of cases from its input;
 * gives a JSON list of what became of each. One start for all of them, because a Java machine takes a while.
 */
abstract class Steps extends Script {
  Map state

  Steps begin(Map given) { this.@state = given; this }
  /** Credentials and the end of a timeout are those of one branch. */
  private static final ThreadLocal<Map> BRANCH = ThreadLocal.withInitial { [secrets: [:], until: Long.MAX_VALUE] }
  Map getEnv() { state.env + BRANCH.get().secrets }
  Map getParams() { state.params }
  Map string(Map settings) { settings }
  void echo(String text) { state.said << text }
  void error(String text) { throw new IllegalStateException(text) }
  void sleep(Map settings) { state.seconds += settings.time }
  void sh(String script) {
    state.ran << script
    if (script.contains('-broken')) throw new IllegalStateException('script returned exit code 3')
  }
  /** Each branch runs by itself; the first failure is the build's, once all have ended. */
  void parallel(Map<String, Closure> branches) {
    List failures = Collections.synchronizedList([])
    branches.values().collect { branch -> Thread.start { try { branch() } catch (Exception failure) { failures << failure } } }*.join()
    if (failures) throw failures.first()
  }
  def script(Closure body) { body() }

  def timeout(Map settings, Closure body) {
    long before = BRANCH.get().until
    BRANCH.get().until = Math.min(before, state.seconds + settings.time * 60L)
    try { body() } finally { BRANCH.get().until = before }
  }

  def withCredentials(List<Map> bindings, Closure body) {
    Map secrets = BRANCH.get().secrets
    bindings.each { secrets[it.variable] = state.secrets[it.credentialsId] }
    try { body() } finally { secrets.clear() }
  }

  /** After jenkinsci/http-request-plugin, HttpRequestExecution.java: no connection or no answer is a 408 without headers. */
  def httpRequest(Map settings) {
    if (state.seconds >= BRANCH.get().until) throw new FlowInterruptedException('Timeout has been exceeded', false)
    Map heard = answerOf(settings)
    boolean valid = (settings.validResponseCodes ?: '100:399').split(',').any { range ->
      List<Integer> ends = range.split(':').collect { it as int }
      heard.status >= ends.first() && heard.status <= ends.last()
    }
    if (!valid) throw new IllegalStateException("Fail: Status code ${heard.status} is not in the accepted range")
    heard
  }

  private Map answerOf(Map settings) {
    HttpURLConnection connection = (HttpURLConnection) new URL(settings.url).openConnection()
    connection.requestMethod = settings.httpMode ?: 'GET'
    connection.connectTimeout = connection.readTimeout = state.givesUpAfterMs ?: settings.timeout * 1000
    connection.instanceFollowRedirects = false
    settings.customHeaders.each { connection.setRequestProperty(it.name, it.value) }
    if (settings.contentType == 'APPLICATION_JSON') connection.setRequestProperty('Content-Type', 'application/json')
    try {
      if (settings.requestBody != null) {
        connection.doOutput = true
        connection.outputStream.withCloseable { it << settings.requestBody.getBytes('UTF-8') }
      }
      int status = connection.responseCode
      InputStream body = status >= 400 ? connection.errorStream : connection.inputStream
      [status: status, headers: connection.headerFields.findAll { it.key != null }, content: body?.getText('UTF-8')]
    } catch (UnknownHostException away) {
      [status: 404, headers: [:], content: 'UnknownHostException as 404 Not Found']
    } catch (ConnectException | SocketTimeoutException away) {
      [status: 408, headers: [:], content: "${away.class}(${away.message}) as 408 Request Timeout"]
    }
  }

  /** Declarative: sections are closures that run in order; a stage that fails ends the build. */
  void pipeline(Closure body) { section(body) }
  void stages(Closure body) { section(body) }
  void steps(Closure body) { body() }
  void parameters(Closure body) { section(body) }
  void options(Closure body) { section(body) }
  void agent(Object label) { }
  void stage(String name, Closure body) { state.stages << name; section(body) }
  void disableConcurrentBuilds() { }
  Object getAny() { 'any' }
  Object get_() { null }
  void environment(Closure body) {
    body.delegate = state.environment
    body.resolveStrategy = Closure.DELEGATE_FIRST
    body()
    state.env = state.environment.values() + state.env
  }
  private void section(Closure body) { body() }
}

/** Variables of an `environment` section: what is assigned is kept, everything else is asked of the pipeline. */
class Environment {
  private final Map kept = [:]
  private final Map params
  Environment(Map params) { this.params = params }
  Map values() { kept }
  Map getParams() { params }
  void setProperty(String name, Object value) { kept[name] = value.toString() }
}

class Case {
  static Map run(File folder, Map given) {
    Map params = given.params ?: [:]
    Map state = [env: new LinkedHashMap(given.env ?: [:]), params: params, secrets: ['gate-token': given.token], said: Collections.synchronizedList([]),
      ran: Collections.synchronizedList([]), stages: [], seconds: 0L, givesUpAfterMs: given.givesUpAfterMs,
      environment: new Environment(params)]
    String ended = 'done'
    try {
      def library = load(folder, 'vars/gateRing.groovy', state, given.edits ?: [])
      List rings = given.settings?.rings ?: []
      Closure stub = deployment(state, rings ? new CyclicBarrier(rings.size()) : null)
      if (rings) library.parallel(rings.collectEntries { ring -> [ring, { library.call(given.settings + [ring: ring], stub) }] })
      else if (given.settings) library.call(given.settings, stub)
      else {
        def pipeline = load(folder, 'Jenkinsfile', state)
        pipeline.binding.setVariable('gateRing') { Map settings, Closure deploy -> library.call([minutes: 1, wait: '0s'] + settings, deploy) }
        pipeline.run()
      }
    } catch (Exception failure) {
      ended = failure.message
    }
    [name: given.name, ended: ended, ran: state.ran, stages: state.stages, said: state.said, seconds: state.seconds]
  }

  /** Notes what it was asked to do. What a version is called says how that goes; branches wait for each other with a bad one. */
  static Closure deployment(Map state, CyclicBarrier all) {
    return { String release, String ring ->
      state.ran << "${release} ${ring}".toString()
      if (release.endsWith('-aborted')) throw new FlowInterruptedException('Aborted by olga', true)
      if (release.endsWith('-timed-out')) throw new FlowInterruptedException('Timeout has been exceeded', false)
      if (all != null && release.endsWith('-bad')) all.await(1, TimeUnit.MINUTES)
    }
  }

  static Steps load(File folder, String path, Map state, List<List<String>> edits = []) {
    Steps script = (Steps) compiled(folder, path, edits).getDeclaredConstructor().newInstance()
    script.binding = new Binding()
    script.begin(state)
  }

  @Memoized
  private static Class compiled(File folder, String path, List<List<String>> edits) {
    // The annotation is Jenkins's own; it says which library is loaded.
    String text = new File(folder, path).getText('UTF-8').replaceFirst(/(?m)^@Library\('ringgate'\) _$/, '')
    edits.each { if (!text.contains(it[0])) throw new IllegalArgumentException("there is no ${it[0]} in ${path}") }
    CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: Steps.name)
    new GroovyClassLoader(Steps.classLoader, configuration).parseClass(edits.inject(text) { before, each -> before.replace(each[0], each[1]) })
  }
}

File folder = new File(args[0])
List<Map> cases = new JsonSlurperClassic().parse(System.in.newReader('UTF-8')) as List<Map>
new GroovyShell().parse(new File(folder, 'http-request.groovy'))
println JsonOutput.toJson(cases.collect { Case.run(folder, it) })
