import type { FieldError } from '../domain/errors.ts';
import { environmentKey } from '../domain/github-target.ts';
import type { ServiceDocument } from '../domain/service.ts';
import { everyConfig } from './every-config.ts';
import type { GithubAppDocument, Store } from './ports.ts';
import { secretErrors, urlErrors } from './provider-check.ts';

/** Everything that the document of a GitHub App must be beyond its JSON schema. Pointers are RFC 6901 into it. */
export function checkGithubApp(document: GithubAppDocument): FieldError[] {
  const keys = document.environments.map(environmentKey);
  const twice = keys.flatMap((key, i) => (keys.indexOf(key) < i ? [{ i, first: keys.indexOf(key) }] : []));
  return [
    ...(document.url === undefined ? [] : urlErrors(document.url)),
    ...secretErrors('/privateKey', document.privateKey),
    ...secretErrors('/webhookSecret', document.webhookSecret),
    ...twice.map(({ i, first }) => ({
      pointer: `/environments/${i}`,
      message: `is the same environment as /environments/${first}; it can belong to one ring only`,
    })),
  ];
}

/** Sentences about environments whose service or ring is not there (yet): deployments to them are held. */
export async function githubWarnings(store: Store, { environments }: GithubAppDocument): Promise<readonly string[]> {
  const services = await everyConfig<ServiceDocument>(store, 'service');
  const rings = new Map(services.map(({ name, document }) => [name, document.rings.map((ring) => ring.name)]));
  return environments
    .filter(({ service, ring }) => rings.get(service)?.includes(ring) !== true)
    .map(({ repository, environment, service, ring }) => {
      const missing = rings.has(service)
        ? `the service ${service} has no ring ${ring}`
        : `there is no service ${service}`;
      return `Deployments to ${environment} of ${repository} are held, because ${missing}.`;
    });
}
