import type { DatadogSite } from '../domain/datadog-site.ts';
import type { MetricQuestion } from '../domain/measurement.ts';
import type { PrometheusProfile } from '../domain/prometheus-profile.ts';

/** A provider as it is configured: what `PUT /providers/{provider}` takes and `GET` returns. */
export interface ProviderDocument {
  readonly kind: 'prometheus' | 'datadog' | 'recorded';
  /** Kind prometheus only: which server it is, `prometheus` by default. */
  readonly profile?: PrometheusProfile;
  /** Kind datadog only, where there is no url: the host of its API is `api.` and this. */
  readonly site?: DatadogSite;
  readonly url?: string;
  readonly auth?:
    | { readonly kind: 'none' }
    | { readonly kind: 'basic'; readonly username: string; readonly password: SecretReference }
    | { readonly kind: 'bearer'; readonly token: SecretReference }
    /** Kind datadog only. */
    | { readonly kind: 'keys'; readonly apiKey: SecretReference; readonly applicationKey: SecretReference };
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly timeout?: string;
  readonly delay?: string;
  /** How far apart samples are, 15s by default. */
  readonly scrapeInterval?: string;
  /** Kind recorded only: the first entry that matches answers; nothing matching is no data. */
  readonly answers?: readonly RecordedAnswer[];
}

export type SecretReference = { readonly env: string } | { readonly file: string };

export interface RecordedAnswer {
  /** Substrings that must all be in the query; none means every query. */
  readonly contains?: readonly string[];
  readonly part?: MetricQuestion['part'];
  /** One of these: a value as text (`"12"`, `"NaN"`, `"+Inf"`), or what went wrong. */
  readonly value?: string;
  readonly outcome?: 'no-data' | 'unavailable' | 'deadline-exceeded' | 'rejected' | 'partial' | 'too-many-series';
}
