import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic
import groovy.transform.Memoized
import org.codehaus.groovy.control.CompilerConfiguration

/**
 * As much of a Jenkins as the recipes in docker/recipes/jenkins need: the steps that they call, with the rules of the real
 * ones, and time that passes only in `sleep`. Takes the folder as its argument and a JSON list of cases from its input;
 * gives a JSON list of what became of each. One start for all of them, because a Java machine takes a while.
 */
abstract class Steps extends Script {
  Map state

  Steps begin(Map given) { this.@state = given; this }
  Map getEnv() { state.env }
  Map getParams() { state.params }
  Map string(Map settings) { settings }
  void echo(String text) { state.said << text }
  void error(String text) { throw new IllegalStateException(text) }
  void sleep(Map settings) { state.seconds += settings.time }
  void sh(String script) {
    state.ran << script
    if (script.contains('-broken')) throw new IllegalStateException('script returned exit code 3')
  }
  def script(Closure body) { body() }

  def timeout(Map settings, Closure body) {
    long before = state.until
    state.until = Math.min(before, state.seconds + settings.time * 60L)
    try { body() } finally { state.until = before }
  }

  def withCredentials(List<Map> bindings, Closure body) {
    bindings.each { state.env[it.variable] = state.secrets[it.credentialsId] }
    try { body() } finally { bindings.each { state.env.remove(it.variable) } }
  }

  /** After jenkinsci/http-request-plugin, HttpRequestExecution.java: no connection or no answer is a 408 without headers. */
  def httpRequest(Map settings) {
    if (state.seconds >= state.until) throw new InterruptedException('Timeout has been exceeded')
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
    Map state = [env: new LinkedHashMap(given.env ?: [:]), params: params, secrets: ['gate-token': given.token], said: [],
      ran: [], stages: [], seconds: 0L, until: Long.MAX_VALUE, givesUpAfterMs: given.givesUpAfterMs,
      environment: new Environment(params)]
    String ended = 'done'
    try {
      def library = load(folder, 'vars/gateRing.groovy', state, given.edit ?: ['', ''])
      if (given.settings) library.call(given.settings) { release, ring -> state.ran << "${release} ${ring}".toString() }
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

  static Steps load(File folder, String path, Map state, List<String> edit = ['', '']) {
    Steps script = (Steps) compiled(folder, path, edit).getDeclaredConstructor().newInstance()
    script.binding = new Binding()
    script.begin(state)
  }

  @Memoized
  private static Class compiled(File folder, String path, List<String> edit) {
    // The annotation is Jenkins's own; it says which library is loaded.
    String text = new File(folder, path).getText('UTF-8').replaceFirst(/(?m)^@Library\('ringgate'\) _$/, '')
    if (!text.contains(edit[0])) throw new IllegalArgumentException("there is no ${edit[0]} in ${path}")
    CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: Steps.name)
    new GroovyClassLoader(Steps.classLoader, configuration).parseClass(edit[0] ? text.replace(edit[0], edit[1]) : text)
  }
}

File folder = new File(args[0])
List<Map> cases = new JsonSlurperClassic().parse(System.in.newReader('UTF-8')) as List<Map>
new GroovyShell().parse(new File(folder, 'http-request.groovy'))
println JsonOutput.toJson(cases.collect { Case.run(folder, it) })
