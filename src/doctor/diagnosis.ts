import type { Project } from '../config/index.ts';
import type { ShopctlError } from '../errors/index.ts';

/** `problem`: something will not work until it is mended. `warning`: it may not. */
export type Level = 'ok' | 'warning' | 'problem';

/** What one look has shown: a fact in one sentence, and what to do about it, as a command or an edit. */
export interface Diagnosis {
  readonly level: Level;
  readonly message: string;
  readonly remedy?: string;
  /** What is wrong in detail, as the command that meets it would say it. */
  readonly error?: ShopctlError;
}

/** What all checks may look at. */
export interface Scene {
  /** Absent where there is none, or none that can be read. */
  readonly project?: Project;
  /** Why there is no project. */
  readonly projectError?: ShopctlError;
  /** Nobody has named a configuration file, and there is none: no mistake, but little to look at. */
  readonly hasNoConfig: boolean;
  /** The folder of the configuration, else where the user stands. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One thing to look at. Gathers facts, then judges them; nothing to say is no diagnosis. */
export interface Check {
  readonly name: string;
  /** @param signal aborted when it takes too long: whatever it has opened is to be closed */
  look(scene: Scene, signal: AbortSignal): Promise<readonly Diagnosis[]>;
}
