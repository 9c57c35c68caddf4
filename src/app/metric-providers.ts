import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import type { ProviderDocument } from './ports.ts';

export interface MetricProviders {
  /**
   * Asks one question and always resolves, within `withinMs`, with what it means. Never rejects.
   */
  ask(
    provider: { readonly name: string; readonly document: ProviderDocument },
    question: MetricQuestion,
    withinMs: number,
  ): Promise<Measured>;
}

/** What a provider says about itself; null where it does not. */
export interface ProviderInspection {
  readonly version: string | null;
  /** The provider's clock minus ours, in whole seconds as HTTP tells them. */
  readonly clockOffsetSeconds: number | null;
}

export interface ProviderInspector {
  /** Always resolves, within `withinMs`. Never rejects. */
  inspect(document: ProviderDocument, withinMs: number): Promise<ProviderInspection>;
}
