import { DATADOG_SITES } from '../domain/datadog-site.ts';
import { parseDuration } from '../domain/duration.ts';
import { type FieldError, pointerTo } from '../domain/errors.ts';
import { type PrometheusProfile, profileParams } from '../domain/prometheus-profile.ts';
import { readSample } from '../domain/sample.ts';
import type { ProviderDocument, RecordedAnswer, SecretReference } from './ports.ts';

const TIMEOUT = { least: 100, most: 25_000, text: '100ms to 25s' };
const SCRAPE_INTERVAL = { least: 1000, most: 3_600_000, text: '1s to 1h' };
const DELAY = { least: 0, most: 600_000, text: '0s to 10m' };

/** RFC 9110 §7.6.1 and what the gate sets itself. */
const OWN_HEADERS = new Set(
  (
    'authorization host content-length content-type content-encoding accept accept-encoding cookie expect connection ' +
    'keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'
  ).split(' '),
);
const OWN_PARAMS = new Set(['query', 'time', 'timeout', 'limit']);

const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const PARAM_NAME = /^[A-Za-z][A-Za-z0-9_.[\]-]{0,63}$/;
const PRINTABLE = /^[\x20-\x7e]{0,1000}$/;
const SECRET_NAME = /^GATE_SECRET_[A-Z0-9_]{1,100}$/;

/**
 * Everything a provider's document must be beyond its JSON schema, as it is saved: an address we may
 * go to, secrets by reference only, nothing that could replace what the gate sets itself. Pointers
 * are RFC 6901 into the document; an empty list means it may be saved.
 */
export function checkProviderDocument(document: ProviderDocument): FieldError[] {
  const errors = [
    ...durationErrors('/timeout', document.timeout, TIMEOUT),
    ...durationErrors('/delay', document.delay, DELAY),
    ...durationErrors('/scrapeInterval', document.scrapeInterval, SCRAPE_INTERVAL),
  ];
  switch (document.kind) {
    case 'prometheus':
      return [...errors, ...prometheusErrors(document)];
    case 'datadog':
      return [...errors, ...datadogErrors(document)];
    case 'recorded':
      return [...errors, ...recordedErrors(document)];
    default:
      return [...errors, { pointer: '/kind', message: 'must be prometheus, datadog or recorded' }];
  }
}

function prometheusErrors(document: ProviderDocument): FieldError[] {
  return [
    ...(document.url === undefined
      ? [{ pointer: '/url', message: 'is needed for the kind prometheus' }]
      : urlErrors(document.url)),
    ...foreignErrors(document, ['site'], 'datadog'),
    ...authErrors(document.auth),
    ...Object.entries(document.headers ?? {}).flatMap(headerErrors),
    ...Object.entries(document.params ?? {}).flatMap((param) => paramErrors(document.profile, param)),
    ...foreignErrors(document, ['answers'], 'recorded'),
  ];
}

function datadogErrors(document: ProviderDocument): FieldError[] {
  const { site, url, auth } = document;
  const one = (site === undefined) !== (url === undefined);
  const keys =
    auth?.kind === 'keys'
      ? [...secretErrors('/auth/apiKey', auth.apiKey), ...secretErrors('/auth/applicationKey', auth.applicationKey)]
      : [{ pointer: '/auth', message: 'must be the keys: {"kind": "keys", "apiKey": {…}, "applicationKey": {…}}' }];
  return [
    ...(one ? [] : [{ pointer: '/site', message: `must have either a url or one of ${DATADOG_SITES.join(', ')}` }]),
    ...(site === undefined || DATADOG_SITES.includes(site)
      ? []
      : [{ pointer: '/site', message: `must be one of ${DATADOG_SITES.join(', ')}` }]),
    ...(url === undefined ? [] : urlErrors(url)),
    ...keys,
    ...foreignErrors(document, ['profile', 'headers', 'params'], 'prometheus'),
    ...foreignErrors(document, ['answers'], 'recorded'),
  ];
}

function foreignErrors(
  document: ProviderDocument,
  fields: readonly (keyof ProviderDocument)[],
  kind: ProviderDocument['kind'],
): FieldError[] {
  return fields
    .filter((field) => document[field] !== undefined)
    .map((field) => ({ pointer: `/${field}`, message: `belongs to the kind ${kind}` }));
}

function recordedErrors(document: ProviderDocument): FieldError[] {
  return [
    ...foreignErrors(document, ['profile', 'url', 'auth', 'headers', 'params'], 'prometheus'),
    ...foreignErrors(document, ['site'], 'datadog'),
    ...(document.answers ?? []).flatMap(answerErrors),
  ];
}

/** What is wrong with a base URL, at `/url`. */
export function urlErrors(text: string): FieldError[] {
  const error = (message: string) => [{ pointer: '/url', message }];
  if (!URL.canParse(text)) return error('must be an absolute URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return error('must begin with http:// or https://');
  if (url.username !== '' || url.password !== '') return error('must not hold a user name or password; use auth');
  if (text.includes('?') || text.includes('#')) return error('must not have a query or fragment; use params');
  return [];
}

function authErrors(auth: ProviderDocument['auth']): FieldError[] {
  if (auth?.kind === 'bearer') return secretErrors('/auth/token', auth.token);
  if (auth?.kind === 'keys') return [{ pointer: '/auth/kind', message: 'keys belong to the kind datadog' }];
  if (auth?.kind !== 'basic') return [];
  const name = /[:\p{Cc}]/u.test(auth.username)
    ? [{ pointer: '/auth/username', message: 'must not contain a colon or control characters' }]
    : [];
  return [...name, ...secretErrors('/auth/password', auth.password)];
}

/** What is wrong with a reference to a secret, at or below `pointer`. */
export function secretErrors(pointer: string, reference: SecretReference): FieldError[] {
  if ('env' in reference && 'file' in reference) return [{ pointer, message: 'must have either env or file' }];
  if ('env' in reference) {
    if (SECRET_NAME.test(reference.env)) return [];
    return [{ pointer: `${pointer}/env`, message: 'must be a name that begins with GATE_SECRET_' }];
  }
  const { file } = reference;
  if (file.startsWith('/') && !file.split('/').includes('..') && !/\p{Cc}/u.test(file)) return [];
  return [{ pointer: `${pointer}/file`, message: 'must be an absolute path without ..' }];
}

function headerErrors([name, value]: [string, string]): FieldError[] {
  const pointer = pointerTo('/headers', name);
  if (!HEADER_NAME.test(name)) return [{ pointer, message: 'is not a header name of letters, digits and hyphens' }];
  if (OWN_HEADERS.has(name.toLowerCase())) return [{ pointer, message: 'is a header that the gate sets itself' }];
  return PRINTABLE.test(value) ? [] : [{ pointer, message: 'must be at most 1000 printable ASCII characters' }];
}

function paramErrors(profile: PrometheusProfile | undefined, [name, value]: [string, string]): FieldError[] {
  const pointer = pointerTo('/params', name);
  if (!PARAM_NAME.test(name)) return [{ pointer, message: 'is not a parameter name' }];
  if (OWN_PARAMS.has(name)) return [{ pointer, message: 'is a parameter that the gate sets itself' }];
  if (Object.hasOwn(profileParams(profile), name)) {
    return [{ pointer, message: `is a parameter that the profile ${profile} sets; leave it out` }];
  }
  return value.length <= 1000 ? [] : [{ pointer, message: 'must be at most 1000 characters' }];
}

function answerErrors(answer: RecordedAnswer, index: number): FieldError[] {
  const pointer = `/answers/${index}`;
  if ((answer.value === undefined) === (answer.outcome === undefined)) {
    return [{ pointer, message: 'must have either a value or an outcome' }];
  }
  if (answer.value === undefined || readSample(answer.value) !== null) return [];
  return [{ pointer: `${pointer}/value`, message: 'must be a decimal number, NaN, +Inf or -Inf, as text' }];
}

function durationErrors(
  pointer: string,
  text: string | undefined,
  range: { readonly least: number; readonly most: number; readonly text: string },
): FieldError[] {
  if (text === undefined) return [];
  const ms = parseDuration(text);
  return ms !== null && ms >= range.least && ms <= range.most
    ? []
    : [{ pointer, message: `must be a duration of ${range.text}` }];
}
