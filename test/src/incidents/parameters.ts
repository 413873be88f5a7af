/**
 * Every number of the simulated incidents. They were frozen in a commit of their own before any algorithm was tuned
 * on them; whoever changes one has to freeze again and to say so in docs/investigation.md.
 */

/** Rates at which every situation is played, requests per second of the whole environment. */
export const RATES = [0.3, 3, 10] as const;
/** Rates at which only the situations of `WIDE_SITUATIONS` are played. */
export const WIDE_RATES = [1, 30] as const;

/** What a window is about. */
export const SITUATIONS = [
  'quiet',
  'disturbed',
  'outage',
  'partial_outage',
  'slow_provider',
  'caller_burst',
  'fault',
  'two_faults',
  'sequence',
  'burst',
  'hidden',
  'delayed',
  'latency',
  'fix',
  'vanished',
  'fleet',
  'lossy',
] as const;
export type Situation = (typeof SITUATIONS)[number];

export const WIDE_SITUATIONS: readonly Situation[] = ['quiet', 'outage', 'fault'];

/** One row of the report: a rate with a situation. */
export interface Cell {
  readonly rate: number;
  readonly situation: Situation;
}

export const CELLS: readonly Cell[] = [
  ...RATES.flatMap((rate) => SITUATIONS.map((situation) => ({ rate, situation }))),
  ...WIDE_RATES.flatMap((rate) => WIDE_SITUATIONS.map((situation) => ({ rate, situation }))),
];

/** Cells of fewer requests per second are reported, but the gates do not count them. */
export const GATED_FROM_RATE = 3;

/** Times of a window, milliseconds from its start. */
export const TIMES = {
  length: 59 * 60_000,
  /** First and last harmless change. */
  benignFrom: 10 * 60_000,
  benignTo: 38 * 60_000,
  /** First and last onset: with 20 minutes before and after. */
  onsetFrom: 21 * 60_000,
  onsetTo: 36 * 60_000,
} as const;

/** The simulated environment; pairs are `[least, most]`, drawn evenly unless said otherwise. */
export const WORLD = {
  providers: [4, 5],
  /** Chance that a provider has a second key. */
  twinKey: 0.4,
  directModels: [10, 13],
  groups: 3,
  ensembles: 1,
  callers: [12, 24],
  /** Exponent of the law by which few models and callers have most of the traffic. */
  zipf: 0.9,
  /** Share of providers that never fail by themselves. */
  errorFree: 0.3,
  /** Chance of an attempt to fail by itself, drawn evenly in the logarithm. */
  attemptFailure: [0.0005, 0.02],
  /** Failures come in bunches: the logarithm of the chance wanders by this much a minute, kept near zero. */
  failureWander: 0.5,
  failureMemory: 0.7,
  /** Median duration of an attempt in milliseconds, and the spread of its logarithm. */
  medianMs: [250, 2_500],
  spreadOfLog: [0.35, 0.7],
  /** The median of a provider wanders too. */
  latencyWander: 0.05,
  latencyMemory: 0.9,
  timeoutMs: 60_000,
  retries: 2,
  /**
   * How long a group leaves a target alone that has failed. As recorded: after a provider's 500 and after a timeout for a
   * second or two, after a refused key, a closed port or an overload that lasts, for the rest of it but for a probe.
   */
  cooldownMs: 30_000,
  shortCooldownMs: 1_500,
  streamed: 0.2,
  /** Share of the direct models that a cache policy applies to, and of their requests that are hits. */
  cachedModels: 0.25,
  cacheHits: [0.1, 0.35],
  /** Share of callers that send requests which are refused as invalid, and how many of theirs. */
  carelessCallers: 0.3,
  invalid: [0.002, 0.05],
  /** Share of callers whose content a guardrail blocks now and then. */
  blockedCallers: 0.2,
  blocked: [0.001, 0.03],
  /** Share of callers that run into their own limit, only while they are at work. */
  limitedCallers: 0.1,
  limited: [0.01, 0.1],
  /** Callers that leave a stream before its end. */
  leavesStream: 0.02,
  /** Share of callers that work by automation: on for a while, off for a while, minutes. */
  batchCallers: 0.25,
  batchOn: [1, 4],
  batchOff: [3, 10],
  /** Strength of the day in the traffic; every caller has its own peak. */
  season: 0.5,
  /** The whole traffic wanders by this much a minute. */
  trafficWander: 0.08,
  trafficMemory: 0.9,
} as const;

/** Harmless changes of a window. */
export const BENIGN = {
  single: [5, 10],
  /** Chance of a burst by automation, and its changes and gaps. */
  burst: 0.5,
  burstChanges: [4, 8],
  burstGapMs: [200, 6_000],
  /** Share that could have done harm by what they change but does not (a rotation that is right, a limit still high). */
  plausible: 0.5,
  /** Chance that the gateway refuses the document, and that the value is the one in force already. */
  rejected: 0.04,
  same: 0.04,
} as const;

/** Faults that a change brings. */
export const FAULT = {
  /** Chance that everything it touches is hit; else the share is drawn evenly in the logarithm from `severity`. */
  whole: 0.5,
  severity: [0.05, 1],
  /** Delayed effects, milliseconds. */
  delay: [45_000, 5 * 60_000],
  /** Two faults at once lie at most this far apart. */
  together: 3 * 60_000,
  /** Chance of a decoy: a plausible harmless change within 60 s before the onset. */
  decoy: 0.5,
  decoyBeforeMs: [2_000, 60_000],
  /** Time from a fault to its fix where there is one, and the chance in windows that are not about fixes. */
  fixAfterMs: [7 * 60_000, 15 * 60_000],
  fixed: 0.3,
  /** Changes of the burst in which a fault hides. */
  burstChanges: [5, 10],
  /** Latency faults multiply by this. */
  slowBy: [1.4, 4],
  /** Lowered timeouts, as the share of attempts that they cut. */
  cutShare: [0.05, 0.9],
  /** Allowed per minute under a lowered limit, as a share of what comes. */
  limitShare: [0.1, 0.7],
  /** Attempts of a shaky provider that fail, where removed retries lay them open. */
  shaky: [0.05, 0.12],
  /** Least share of the requests that a resource has to be worth breaking. */
  leastShare: 0.02,
} as const;

/** Trouble without a change. */
export const TROUBLE = {
  outageShare: [0.7, 1],
  partialShare: [0.08, 0.5],
  slowBy: [1.5, 5],
  lastsMs: [3 * 60_000, 18 * 60_000],
  /** Chance of a bystander: a change of the same provider's resources shortly before; half of them plausible. */
  bystander: 0.6,
  bystanderBeforeMs: [5_000, 180_000],
  /** The whole environment: attempts that fail, slow-down, surge. Each is there with the chance given. */
  disturbance: { chance: 0.6, failure: [0.02, 0.12], slowBy: [1.2, 2.2], surge: [1.5, 3], rampMs: 120_000 },
  /** A caller that sends nonsense, is blocked or hits its limit. */
  callerShare: [0.2, 0.9],
} as const;

/** How the gateway's events and the changes reach the product. */
export const DELIVERY = {
  /** From the end of a request to its arrival, milliseconds. */
  flushMs: [300, 6_000],
  lostEvent: 0.0005,
  lossy: {
    lostEvent: 0.02,
    lateEvent: 0.05,
    lateMs: [20_000, 240_000],
    /** Within 10 minutes around the onset: this long nothing comes, and it is lost. */
    gapMs: [15_000, 60_000],
  },
  /** From a change to its being in force. */
  projectionMs: [150, 900],
  /** What tells the time in force: the cache file (exact), the status (truncated seconds), or nothing. */
  times: { cache_file: 0.6, status: 0.25, unknown: 0.15 },
  fleet: {
    dataPlanes: 3,
    /** Projection of each data plane after the first. */
    laggardMs: [5_000, 180_000],
    /** Chance that events name their data plane. */
    named: 0.5,
  },
} as const;

/** Windows of the full report per cell; half of the seeds tune, the other half are reported. */
export const WINDOWS_PER_CELL = 200;

/** How the judge asks. */
export const JUDGE = {
  /** Faults that harm at most this many of a hundred requests they reach are reported, but nobody has to find them. */
  countedPoints: 2,
  /** Faults that harmed fewer requests are counted by the gates, but also left out in a figure of their own. */
  seenRequests: 8,
  /** A look takes place this long after its time, for what is still on its way. */
  settleMs: 10_000,
  /** Ranking is asked for so long after the onset; the gates count the middle one. */
  rankAfterMs: [5 * 60_000, 10 * 60_000, 20 * 60_000],
  gatedRank: 1,
  /** A person who asks knows the onset to so many milliseconds on either side. */
  startErrorMs: 60_000,
} as const;

/** What has to hold on the pooled cells of at least `GATED_FROM_RATE`; shares of 1. */
export const GATES = {
  first: 0.8,
  firstThree: 0.93,
  /** Harmless changes called suspect, per change: quiet and disturbed windows, and those of a provider in trouble. */
  falseSuspects: 0.01,
  falseSuspectsOutage: 0.03,
  recall: 0.85,
  wrongCleared: 0.01,
  fixes: 0.8,
} as const;
