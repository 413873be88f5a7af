import type { Catalogue } from '../model/catalogue.ts';
import type { GatewayRequest } from '../model/request.ts';
import { type ConfigInForce, TRUNCATED_CLOCK_MS } from './configInForce.ts';
import { isInLookback, knownSince } from './earlierChanges.ts';
import type { EarlierChange, FeedSilence, Unknown } from './explanation.ts';
import { duration, instant, quoted, resourceWords } from './sayWords.ts';
import type { Touched } from './touchedResources.ts';

export interface UnknownsInput {
  readonly request: GatewayRequest;
  /** Absent where changes are not received. */
  readonly catalogue: Catalogue | undefined;
  readonly config: ConfigInForce;
  readonly touched: readonly Touched[];
  readonly changes: readonly EarlierChange[];
  readonly silences: readonly FeedSilence[];
  /** Changes of the time before it were cut off. */
  readonly cut: boolean;
}

/** What cannot be known of a request, and why: said rather than guessed. */
export function explainUnknowns(input: UnknownsInput): Unknown[] {
  return [...ofRecord(input.request), ...ofConfiguration(input), ...ofChanges(input)];
}

function ofRecord(request: GatewayRequest): Unknown[] {
  const { outcome, status, timing, usageEstimated, attempts, stream } = request;
  const found: Unknown[] = [];
  if (timing === 'reconstructed') {
    found.push({ code: 'times_reconstructed', text: 'Its times are put together from truncated seconds: ±0.5 s.' });
  }
  if (status === undefined) {
    found.push({ code: 'end_lost', text: 'What the caller saw is not known: the event that says it did not arrive.' });
  }
  if (outcome === 'caller_auth') {
    found.push({
      code: 'auth_refusals_unseen',
      text: 'Most refusals of a key leave no usage event: others like it cannot be counted here.',
    });
  }
  if (outcome === 'rate_limited') {
    found.push({
      code: 'limit_not_named',
      text: 'Which limit refused it is not in the event; only its scope can be compared.',
    });
  }
  if (outcome === 'budget') {
    found.push({ code: 'budget_not_named', text: 'Which budget it was, and how much is spent, is not in the event.' });
  }
  if (outcome === 'routing_exhausted') {
    found.push({
      code: 'cooldown_unseen',
      text: 'Why each target was left out (cooldown, health) is not in the event.',
    });
  }
  if (outcome === 'provider_error' && status !== undefined && status >= 400 && status < 500 && status !== 429) {
    found.push({
      code: 'content_unseen',
      text: 'Whether the provider refused what the caller wrote or what the gateway made of it cannot be told: contents are not kept.',
    });
  }
  if (
    outcome === 'success' &&
    usageEstimated === true &&
    attempts.at(-1)?.finishReason === undefined &&
    stream !== false
  ) {
    found.push({
      code: 'stream_may_have_failed',
      text: 'The stream ended without usage and without a reason: an error in the middle of it would read like this.',
    });
  }
  return found;
}

function ofConfiguration({ request, config, touched }: UnknownsInput): Unknown[] {
  const { source, dataPlanes, complete } = config.basis;
  const found: Unknown[] = [];
  if (source === 'none') {
    found.push({ code: 'configuration_unknown', text: 'No configuration of that time is known.' });
    return found;
  }
  if (source === 'wanted') {
    found.push({
      code: 'in_force_unknown',
      text: 'No data plane tells what it serves: the saved configuration is assumed to be the one in force.',
    });
  }
  if (source === 'only_data_plane' && request.dataPlane !== undefined) {
    found.push({
      code: 'data_plane_unknown',
      text: `Nothing is known of the data plane ${quoted(request.dataPlane)}; ${quoted(dataPlanes[0] ?? '')}, the only one known, is taken for it.`,
    });
  }
  if (source === 'all_data_planes') {
    found.push({
      code: 'data_plane_not_named',
      text: `The record names no data plane that is known; all ${dataPlanes.length} are looked at.`,
    });
  }
  if (!complete) {
    found.push({
      code: 'configuration_incomplete',
      text: 'Only changes are received, and nothing reads the whole configuration: what is not listed may exist all the same.',
    });
  }
  for (const { resolved } of touched) {
    if (resolved?.standing !== 'in_transition') continue;
    found.push({
      code: 'in_transition',
      text: `A change of the ${resourceWords(resolved)} was coming into force: either value may have applied.`,
    });
  }
  const unresolved = touched.filter(({ resolved, kind }) => resolved === undefined && kind !== 'model');
  for (const one of complete ? unresolved : []) {
    found.push({
      code: 'resource_unknown',
      text: `The ${resourceWords(one)} is not in the configuration of that time.`,
    });
  }
  return found;
}

function ofChanges({ request, catalogue, changes, silences, cut }: UnknownsInput): Unknown[] {
  const found: Unknown[] = [];
  const { startTime } = request;
  const since = catalogue === undefined ? undefined : knownSince(catalogue, startTime);
  if (since !== undefined) {
    found.push({
      code: 'changes_known_since',
      text: `Changes before ${instant(since)} may be missing: the configuration is only known since then.`,
      to: since,
    });
  }
  for (const silence of silences) {
    if (!isInLookback(silence, startTime)) continue;
    const { feed, from, to } = silence;
    found.push({
      code: 'feed_silent',
      text: `The feed of changes ${quoted(feed)} was silent from ${instant(from)} to ${to === undefined ? 'now' : instant(to)}: changes of that time may be missing.`,
      from,
      ...(to !== undefined && { to }),
    });
  }
  if (cut)
    found.push({
      code: 'changes_cut',
      text: 'There were more changes before it than are looked at; older ones are left out.',
    });
  for (const { change } of changes) {
    const ahead = change.occurredAt - Math.min(...change.effective.map(({ at }) => at));
    if (change.trust === 'observed' || ahead <= 2 * TRUNCATED_CLOCK_MS) continue;
    found.push({
      code: 'clocks_disagree',
      text: `The change of the ${resourceWords(change.resource)} is dated ${duration(ahead)} after a data plane served it: the clocks of the audit log and of the data plane differ.`,
    });
  }
  if (changes.some(({ change }) => change.actor === undefined)) {
    found.push({
      code: 'actor_unknown',
      text: 'Who made some of the changes is not known: no audit event tells of them.',
    });
  }
  return found;
}
