import type { Shell } from './shell.ts';

/** What a visitor may try next. These are only printed; the answers are for the visitor to find out. */
export function offerMore(
  shell: Shell,
  { good, bad, decision }: { readonly good: string; readonly bad: string; readonly decision: string },
): void {
  const { url } = shell;
  const get = (path: string) => shell.offer(`curl -sS -w '\\n' '${url}${path}'`);
  shell.say(`That was the tour. The service stays up on ${url} until you press Ctrl-C. Lines to try:`);
  shell.say('Why does it hold, and who can do what about it? (dryRun asks without changing anything)');
  get(`/gates/checkout@${bad}/pilot?dryRun=true`);
  shell.say('A release that nobody has seen before, in the last ring:');
  shell.offer(`curl -sS -H 'Accept: text/plain' '${url}/gates/checkout@2.0.0/global?dryRun=true'`);
  shell.say('Who is in which ring, and since when?');
  get('/services/checkout/rollout');
  shell.say('The story of each release, ring by ring:');
  get(`/releases/checkout@${good}/story`);
  get(`/releases/checkout@${bad}/story`);
  shell.say('The decision that rolled back, with everything it rests on; and decided again from its record:');
  get(`/decisions/${decision}`);
  get(`/decisions/${decision}/replay`);
  shell.say('Who changed what?');
  get('/audit/entries?limit=5');
  offerClearing(shell, bad);
}

function offerClearing({ url, say, offer }: Shell, bad: string): void {
  const json = "-X POST -H 'Content-Type: application/json'";
  const clear = `'${url}/releases/checkout@${bad}/rollback/clear' -d '{"reason":"the cause was the network"}'`;
  say('To clear the rollback takes a person, so it takes the token of an operator. Without one it is refused:');
  offer(`curl -sS -w '\\n' ${json} ${clear}`);
  say('Make one, with the token of an administrator. The first token ends the time without tokens: every line above');
  say('needs one from then on.');
  const token = `grep -o '"token":"[^"]*"' | cut -d'"' -f4`;
  const make = (name: string, role: string) =>
    `'${url}/tokens' -d '{"name":"${name}","role":"${role}","expires":"1h"}'`;
  offer(`ADMIN=$(curl -sS ${json} ${make('ada', 'admin')} | ${token})`);
  offer(`TOKEN=$(curl -sS -H "Authorization: Bearer $ADMIN" ${json} ${make('you', 'operator')} | ${token})`);
  offer(`curl -sS -w '\\n' -H "Authorization: Bearer $TOKEN" ${json} ${clear}`);
}
