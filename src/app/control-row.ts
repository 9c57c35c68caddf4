import type { Approval, Halt, Override } from '../domain/controls.ts';

export type ControlKind = 'halt' | 'approval' | 'override';

/** A halt, approval or override as it is stored: whole rows, by id. What has ended stays, for the record. */
export interface ControlRow<T extends Halt | Approval | Override = Halt | Approval | Override> {
  readonly kind: ControlKind;
  /** What it is about; null for everything. */
  readonly service: string | null;
  readonly version: string | null;
  readonly document: T;
  readonly expiresAt: string | null;
  /** When it was lifted or withdrawn. */
  readonly endedAt: string | null;
}

export interface ControlFilter {
  readonly kind: ControlKind;
  readonly service?: string;
  readonly version?: string;
  /** Only those that were neither ended nor have expired. */
  readonly standing?: boolean;
}
