import type { Outcome } from '../model/outcome.ts';

/** A span in which a feed said nothing, so that requests or changes may be missing. Times are epoch milliseconds. */
export interface SilentSpan {
  readonly feed: string;
  /** Of feeds that stand beside one data plane. */
  readonly dataPlane?: string;
  /** What was not heard of. */
  readonly of: 'requests' | 'changes';
  readonly from: number;
  readonly to: number;
}

/** A time at which a change is judged: how long after it came into force, and how sure a suspicion has to be. */
export interface Look {
  readonly name: string;
  readonly afterMillis: number;
  /** Least probability for `suspect` and `improves`. They rise towards earlier looks: that is the spent error. */
  readonly probability: number;
  /** Too early for others to have answered much: what an outage may bring, too, has to be told apart from one by more than its sharp start. */
  readonly early?: true;
}

export const VERDICTS = [
  'suspect',
  'improves',
  'cleared',
  'no_mechanism',
  'no_effect',
  'provider_outage',
  'undecided',
] as const;
/** `provider_outage` reads "cannot be separated from a provider outage". */
export type Verdict = (typeof VERDICTS)[number];

export const REASONS = [
  // suspect
  'worse_than_expected',
  'slower_than_expected',
  'traffic_vanished',
  'targets_shifted_slower',
  // improves
  'better_than_incident',
  'restores_earlier_value',
  'traffic_returned',
  // cleared
  'within_margin',
  // no_mechanism
  'paths_have_no_effect',
  'moved_without_mechanism',
  'effect_not_observable',
  // no_effect
  'rejected_by_data_plane',
  'equals_value_in_force',
  'refused_by_control_plane',
  'superseded_before_in_force',
  // provider_outage
  'provider_down_alike',
  // undecided
  'not_in_force_yet',
  'before_first_look',
  'no_resource',
  'resource_untouched',
  'no_data_before',
  'few_requests_before',
  'few_requests_after',
  'replaced_too_soon',
  'same_moment_as_another',
  'one_of_a_burst',
  'clocks_disagree',
  'onset_misfit',
  'feed_silent',
  'not_sure_enough',
  'coincidence_without_mechanism',
] as const;
export type Reason = (typeof REASONS)[number];

/** Failures among requests. */
export interface Counts {
  readonly bad: number;
  readonly total: number;
}

export const INDICATOR_KINDS = ['outcome', 'attempt', 'slow', 'vanished', 'target_mix'] as const;
/**
 * `outcome`: requests that ended in a class and status. `attempt`: requests of which any attempt did. `slow`:
 * successes above the model's usual duration. `vanished`: fewer requests. `target_mix`: another model answers.
 */
export type IndicatorKind = (typeof INDICATOR_KINDS)[number];

/** One yes-or-no question asked of every request before and after a change. */
export interface Indicator {
  readonly kind: IndicatorKind;
  /** As the gateway wrote it; absent for `slow`, `vanished`, `target_mix`. */
  readonly errorClass?: string;
  readonly status?: number;
  readonly outcome?: Outcome;
  /** `target_mix`: the model whose share moved. */
  readonly model?: string;
  /** Reads "upstream_status 401". */
  readonly label: string;
  readonly before: Counts;
  readonly after: Counts;
  readonly controlBefore: Counts;
  readonly controlAfter: Counts;
  /** Share that was to be expected after, had nothing been done, 0 to 1. */
  readonly expected: number;
  /** Share after minus `expected`, in points (0.05 is five of a hundred). */
  readonly effect: number;
  /** Probability that it is worse (better) by more than the margins of odds and points. */
  readonly probabilityWorse: number;
  readonly probabilityBetter: number;
  /** Probability that the share stayed within two points of what was expected. */
  readonly probabilitySame: number;
  /** How well the changed paths explain this class, 0 to 1. */
  readonly mechanism: number;
  /** Never seen in the window before. */
  readonly newSignature: boolean;
  /** A message with the new value in it, redacted upstream; absent when there is none. */
  readonly echo?: string;
  /** Misfit of the onset in nats: how unlikely the late start is, and how much better another moment explains it. */
  readonly late: number;
  readonly elsewhere: number;
  /** `slow`, `target_mix`: ratio of medians, after by before, beyond the control's. */
  readonly ratio?: number;
}

/** What there was to compare. */
export interface ComparedGroups {
  readonly treatedBefore: number;
  readonly treatedAfter: number;
  readonly controlBefore: number;
  readonly controlAfter: number;
  /** `siblings`: resources beside it. `others`: all untouched traffic. `weak`: all other traffic. */
  readonly control: 'siblings' | 'others' | 'weak' | 'none';
  /** Spans that were compared, epoch milliseconds; the one before may have holes where incidents were. */
  readonly beforeFrom: number;
  readonly beforeTo: number;
  readonly afterFrom: number;
  readonly afterTo: number;
}

/** What became of one change, as of one look. */
export interface Impact {
  readonly changeId: string;
  readonly verdict: Verdict;
  readonly reason: Reason;
  /** For people, with the counts. Names of resources and models, no values. */
  readonly sentence: string;
  /** The look that decided: the newest that was due, or the one that found it. Absent before the first. */
  readonly look?: Look;
  /** No later look will change it. */
  readonly settled: boolean;
  /** When to look again, epoch milliseconds; absent when settled. */
  readonly nextLookAt?: number;
  /** First and last moment at which a data plane took it; equal where one did. */
  readonly inForceFrom?: number;
  readonly inForceTo?: number;
  readonly groups?: ComparedGroups;
  /** Strongest first; those that moved or could have moved. */
  readonly indicators: readonly Indicator[];
  /** Id of the earlier change whose value before it restores. */
  readonly restores?: string;
  /** What may be missing. */
  readonly silent: readonly SilentSpan[];
}

/** Limits an incident to some requests. All given parts have to hold. */
export interface IncidentFilter {
  /** Requested, served or tried. */
  readonly models?: readonly string[];
  readonly apiKeyIds?: readonly string[];
  readonly outcomes?: readonly Outcome[];
  readonly errorClasses?: readonly string[];
  readonly statuses?: readonly number[];
}

/** What of an incident is asked for. */
export interface IncidentQuery {
  /** Epoch milliseconds; found automatically when absent. */
  readonly start?: number;
  readonly end?: number;
  readonly filter?: IncidentFilter;
  /**
   * Changes that the timed looks called suspects, by their ids, for a question without a start or filter: what they
   * did is an incident, too, where none that is found names them first. The newest 20 are looked at.
   */
  readonly suspects?: readonly string[];
}

/** One kind of trouble of an incident. */
export interface Symptom {
  readonly kind: IndicatorKind;
  readonly errorClass?: string;
  readonly status?: number;
  readonly outcome?: Outcome;
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly bad: number;
  readonly total: number;
  readonly models: readonly string[];
  readonly apiKeyIds: readonly string[];
}

/** Parts of a candidate's score in nats; they add up to it. */
export interface ScoreParts {
  /** How much of the incident lies in what the candidate touches, after it came into force. */
  readonly strength: number;
  /** Minus the misfit of the onset. */
  readonly onset: number;
  /** Minus the age at the start of the incident. */
  readonly lag: number;
  /** How well the paths explain the class. */
  readonly mechanism: number;
  /** Messages quote the new value. */
  readonly echo: number;
  /** Before any evidence: changes 0, troubles without a change less. */
  readonly prior: number;
}

export interface Candidate {
  /** `no_change` reads "no change explains it". */
  readonly kind: 'change' | 'provider' | 'caller' | 'no_change';
  /** Id of the change, of the provider key, or of the caller key. */
  readonly id: string;
  readonly name: string;
  readonly score: number;
  /** Softmax of the scores: evidence relative to the other candidates, not a probability of cause. */
  readonly relative: number;
  readonly parts: ScoreParts;
  readonly sentence: string;
  /** Nearby in time but not an explanation; shown, never blamed. */
  readonly bystander: boolean;
}

/** A time of trouble and what may have caused it. */
export interface Incident {
  readonly start: number;
  /** Absent while it goes on. */
  readonly end?: number;
  readonly symptoms: readonly Symptom[];
  readonly bad: number;
  readonly total: number;
  /** Best first. */
  readonly candidates: readonly Candidate[];
  readonly sentence: string;
}
