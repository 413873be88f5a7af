import type { ConfigChange } from '../model/change.ts';
import type { GatewayRequest } from '../model/request.ts';
import type { OutcomeClass } from './outcomeClass.ts';

/** A fact that a conclusion rests on. `code` is stable, `text` is for people. */
export interface EvidenceLine {
  readonly code: string;
  readonly text: string;
  /** Index of the attempt that it is about. */
  readonly attempt?: number;
}

/** How the value that the data plane served relates to the one that was wanted. */
export type Standing =
  /** What is wanted is served. */
  | 'in_force'
  /** A newer document was refused; the last good one is served. */
  | 'refused'
  /** A newer document was saved and is not served yet. */
  | 'pending'
  /** Within the time in which a change came into force: either value may have served the request. */
  | 'in_transition'
  /** Nobody tells what the data plane serves. */
  | 'wanted_only'
  /** It was not there. */
  | 'absent'
  /** Nobody told of it, which does not mean that it was not there. */
  | 'unknown';

/** A resource that took part in a request, as it was at its start. Values are redacted. */
export interface TouchedResource {
  readonly kind: string;
  readonly id?: string;
  readonly name?: string;
  /** Its part in the request: `requested model`, `target`, `provider key`, … */
  readonly role: string;
  /** False where only its scope, or a label in the event, says that it took part. */
  readonly certain: boolean;
  readonly standing: Standing;
  /** The value that served the request, as far as that can be told. */
  readonly value?: Readonly<Record<string, unknown>>;
  readonly revision?: number;
  /** Since when that value, epoch milliseconds. */
  readonly since?: number;
  /** The value that was wanted, only where another one was served. */
  readonly wanted?: { readonly value: Readonly<Record<string, unknown>>; readonly revision?: number };
}

/** What the configuration was read from. */
export interface ConfigurationBasis {
  /** The request's start, epoch milliseconds. */
  readonly at: number;
  readonly source: /** The data plane that the request names. */
    | 'data_plane'
    /** The request names none, and there is only one. */
    | 'only_data_plane'
    /** The request names none that is known: all of them are looked at. */
    | 'all_data_planes'
    /** No data plane tells what it serves. */
    | 'wanted'
    /** Nothing is known. */
    | 'none';
  readonly dataPlanes: readonly string[];
  /** False where resources may exist that nobody told of. */
  readonly complete: boolean;
}

/** A change to something that the request touched, made before it. */
export interface EarlierChange {
  readonly change: ConfigChange;
  /** From the change (in force where that is known, else made) to the request's start, milliseconds. */
  readonly ageMs: number;
  /** The touched resource's part in the request. */
  readonly role: string;
  readonly certain: boolean;
  /** Whether the request met it. */
  readonly met: 'in_force' | 'not_in_force' | 'in_transition' | 'refused' | 'unknown';
}

/** One attempt, and what is proven by it. */
export interface ExplainedAttempt {
  readonly index: number;
  readonly kind: GatewayRequest['attempts'][number]['kind'];
  readonly model?: string;
  readonly providerKey?: string;
  readonly status?: number;
  readonly errorClass?: string;
  readonly dispatched: boolean;
  readonly durationMs: number;
  readonly proves: string;
}

/** What cannot be known, and why. */
export interface Unknown {
  readonly code: string;
  readonly text: string;
  readonly from?: number;
  readonly to?: number;
}

/** Why one request ended as it did. */
export interface RequestExplanation {
  readonly environment: string;
  readonly requestId: string;
  readonly traceId?: string;
  readonly n: number;
  /** Epoch milliseconds. */
  readonly startTime: number;
  readonly outcome: GatewayRequest['outcome'];
  readonly status?: number;
  readonly outcomeClass: OutcomeClass;
  readonly sentence: string;
  readonly evidence: readonly EvidenceLine[];
  readonly configuration: ConfigurationBasis;
  readonly resources: readonly TouchedResource[];
  /** Newest first. */
  readonly changes: readonly EarlierChange[];
  /** Says plainly what the changes before it were, or that there were none. */
  readonly changesSentence: string;
  readonly attempts: readonly ExplainedAttempt[];
  readonly unknowns: readonly Unknown[];
}

/** A time in which a feed of changes told nothing. */
export interface FeedSilence {
  readonly feed: string;
  /** Of feeds that stand beside one data plane. */
  readonly dataPlane?: string;
  readonly from: number;
  readonly to?: number;
}
