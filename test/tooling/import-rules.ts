import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser';

/**
 * Who may import whom. Each rule's comment is what a person reads when it is broken: the idea, then what to do.
 * The pattern of a package matches it whether it is installed or not.
 */
const npm = (...names: string[]) => `(^|node_modules/)(${names.join('|')})(/|$)`;

const PURE = npm(
  ...['@prometheus-io/lezer-promql', '@lezer/common', '@lezer/lr', '@lezer/highlight'],
  ...['temporal-polyfill', 'rrule-temporal', 'croner', 'ical.js', 'yaml'],
);
const ADAPTERS = ['http', 'storage', 'providers', 'telemetry'];

const owner = (name: string, packages: string, path: string, comment: string): IForbiddenRuleType => ({
  name,
  severity: 'error',
  comment,
  from: { path: '^src/', pathNot: path },
  to: { path: packages },
});

const adapter = (folder: string, may: string[]): IForbiddenRuleType => ({
  name: `${folder}-meets-nobody`,
  severity: 'error',
  comment: `Adapters never import each other: they meet only in context.ts, so that each can be replaced or tested alone. Hand ${folder}/ what it needs as an argument from context.ts, or move the shared part to domain/.`,
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: may },
});

export const importRules: readonly IForbiddenRuleType[] = [
  {
    name: 'domain-is-pure',
    severity: 'error',
    comment:
      'domain/ imports domain/ and a few pure libraries only, because a decision must be replayable from its record. Pass what you need as plain data; put the I/O into an adapter behind a port of app/ports.ts.',
    from: { path: '^src/domain/' },
    to: { pathNot: ['^src/domain/', PURE, '^(node:)?crypto$'] },
  },
  {
    name: 'only-audit-hashes',
    severity: 'error',
    comment:
      'In domain/ only audit/ may use node:crypto, and only for hashes: anything random would make a decision unrepeatable. Move hashing to domain/audit/.',
    from: { path: '^src/domain/', pathNot: '^src/domain/audit/' },
    to: { path: '^(node:)?crypto$' },
  },
  {
    name: 'app-stays-inside',
    severity: 'error',
    comment:
      'app/ imports app/ and domain/ (node:crypto and node:zlib for tokens and their check sums) only, so that use cases run without a server or a database. Declare a narrow port in app/ports.ts and let an adapter implement it.',
    from: { path: '^src/app/' },
    to: { pathNot: ['^src/(app|domain)/', '^(node:)?(crypto|zlib)$'] },
  },
  adapter('http', ['^src/(http|app|domain)/']),
  ...ADAPTERS.slice(1).map((folder) => adapter(folder, [`^src/${folder}/`, '^src/domain/', '^src/app/ports[.]ts$'])),
  {
    name: 'ports-are-types-for-adapters',
    severity: 'error',
    comment:
      'storage/, providers/ and telemetry/ implement ports, so they need only the types of app/ports.ts. Write `import type`.',
    from: { path: '^src/(storage|providers|telemetry)/' },
    to: { path: '^src/app/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'demo-is-a-client',
    severity: 'error',
    comment:
      'demo/ speaks to the service over HTTP only, as its users do, so that what it shows is what they get. Send a request instead of calling a use case; src/demo.ts starts the service around it.',
    from: { path: '^src/demo/' },
    to: { path: '^src/', pathNot: '^src/demo/' },
  },
  {
    name: 'wiring-is-on-top',
    severity: 'error',
    comment:
      'Only the files directly in src/ know each other and every folder. Something in a folder that needs the configuration gets it as an argument from context.ts.',
    from: { path: '^src/[^/]+/' },
    to: { path: '^src/[^/]+[.]ts$' },
  },
  owner(
    'express-in-http',
    npm('express', 'helmet', 'ajv', 'ajv-formats'),
    '^src/(http/|context[.]ts$)',
    'Only http/ knows express and validates requests, so that use cases have no status numbers. Return plain data and let http/ present it.',
  ),
  owner(
    'sql-in-storage',
    npm('kysely', 'pg', '@electric-sql/pglite'),
    '^src/storage/',
    'Only storage/ speaks SQL, so that every write goes through Store.append. Add what you need to the Store port.',
  ),
  owner(
    'axios-in-one-file',
    npm('axios', 'request-filtering-agent'),
    '^src/providers/(http|address-guard)[.]ts$',
    'Only providers/http.ts sends requests, because deadline, size limit and address guard stand there and nowhere else. Call it.',
  ),
  owner(
    'metrics-in-telemetry',
    npm('prom-client', 'pino'),
    '^src/telemetry/',
    'Only telemetry/ counts and logs. Announce a business event through the Events port instead.',
  ),
  {
    name: 'no-circles',
    severity: 'error',
    comment:
      'Files that call each other in a circle (types do not count) can only be understood together. Move what both need to a third file that imports neither.',
    from: { path: '^src/' },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'source-does-not-know-tests',
    severity: 'error',
    comment:
      'src/ runs without test/ and without development packages. Move what is needed at run time to src/ or to dependencies.',
    from: { path: '^src/' },
    to: { path: '^test/' },
  },
  {
    name: 'everything-is-found',
    severity: 'error',
    comment: 'An import that cannot be found fails only when that line runs. Correct the path, with its .ts ending.',
    from: { path: '^src/' },
    to: { couldNotResolve: true, path: '^[.]' },
  },
];

export function cruiseOptions(baseDir: string): ICruiseOptions {
  const ruleSet = { forbidden: [...importRules] };
  return { baseDir, ruleSet, validate: true, tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } };
}
