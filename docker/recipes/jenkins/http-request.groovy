// One question with the HTTP Request plugin: it goes on with a promote and fails the build with anything else.
// `gateRing` in vars/ waits, deploys, reports and rolls back.
//
// - validResponseCodes says 200: its default takes 100 to 399. In this view only a promote is a 200.
// - A gate that is away becomes a 408 and an unknown host a 404, which are no 200 either.
// - Without a timeout the plugin waits for ever; it has to exceed wait and deadline (6s).
// - A login page is a 200 too, and a version with a # asks about another one: what was answered has to be what was asked.
withCredentials([string(credentialsId: 'gate-token', variable: 'GATE_TOKEN')]) {
  def heard = httpRequest(
    url: "https://gate.example/gates/checkout@${params.VERSION}/early?wait=20s",
    httpMode: 'GET',
    validResponseCodes: '200',
    timeout: 30,
    quiet: true,
    customHeaders: [[name: 'Authorization', value: "Bearer ${GATE_TOKEN}", maskValue: true]]
  )
  def answered = heard.headers.find { name, values -> 'Gate-Question'.equalsIgnoreCase(name) }?.value
  if (answered != ["checkout@${params.VERSION} early enter".toString()]) error "not the answer to what was asked: ${answered}"
}
