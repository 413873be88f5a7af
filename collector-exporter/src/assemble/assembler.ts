import type { Feed, GatewayRequest } from '@aisix-observability/evidence';
import type { AttemptReport, Delivery } from '../report.ts';
import { DEFAULT_PATIENCE, missingFrom, type Patience } from './completeness.ts';
import { foldRequest, type RequestIds } from './foldRequest.ts';
import { readMemo, writeMemo } from './memo.ts';
import { requestKeyText } from './requestKey.ts';
import {
  type Absorbed,
  absorb,
  type Evidence,
  emptyEvidence,
  eventInterval,
  join,
  WINDOW_GAP_MILLIS,
} from './window.ts';

/** A feed that has sent nothing for this long is not waited for. */
export const FEED_ALIVE_MILLIS = 60_000;

/** An event older than this when it arrives comes from an archive or an outage: its other feed will not come "soon". */
export const STALE_EVENT_MILLIS = 2 * 60_000;

/** A request that is not final by then is shown as open. */
export const SHOW_OPEN_AFTER_MILLIS = 750;

/** An earlier version of a request, as the stream of requests holds it. */
export interface ExportedVersion {
  readonly payload: string;
  readonly memo: string;
}

/** One version of one request to append to the stream of requests. */
export interface Emission {
  readonly keyText: string;
  /** JSON of a `GatewayRequest`. */
  readonly payload: string;
  /** Absent for open versions: only final ones are corrected. */
  readonly memo?: string;
  readonly request: GatewayRequest;
}

/** What one step produced. Nothing is forgotten until `committed` is called, so a step that failed can be tried again. */
export interface Step {
  readonly emissions: readonly Emission[];
  /** Last delivery that no open request needs any more; 0 when none was read yet. */
  readonly resumeAfter: number;
}

/** Numbers of one assembler since it was made, by reason where there is one. */
export interface AssemblerCounts {
  reports: number;
  final: number;
  corrected: number;
  open: number;
  duplicates: number;
  conflicts: number;
  superseded: number;
  windowsJoined: number;
}

export interface AssemblerOptions {
  readonly patience?: Patience;
  /** Final versions that the stream still holds of these ids, oldest first; of each number the last one counts. */
  readonly exportedVersions: (keyText: string) => readonly ExportedVersion[];
  /** Deliveries up to this position were done with by an earlier run; the first one added comes after it. */
  readonly resumeAfter?: number;
}

/** Requests that share all three ids; nearly always one. */
interface Group {
  readonly ids: RequestIds;
  readonly text: string;
  readonly windows: Window[];
}

interface Window {
  readonly group: Group;
  evidence: Evidence;
  /** Present once exported; kept for ever after. */
  number?: number;
  revision: number;
  /** Payload of the last exported version, to see whether anything changed. */
  exported?: string;
  /** Position of the first delivery that brought something not yet exported; 0 for none. */
  neededFrom: number;
  firstReceived: number;
  lastReceived: number;
  /** When it is exported unless something new comes before; server clock, milliseconds. */
  dueAt: number;
  dirty: boolean;
  shownOpen?: string;
  /** Nothing that an open version shows has changed since it was looked at: folding it again would give the same. */
  openIsCurrent: boolean;
}

/**
 * Makes requests out of reports. Pure apart from what it remembers: time comes with every call, the earlier versions
 * through `exportedVersions`. The result does not depend on order, duplication or batching of deliveries; only
 * revisions do.
 */
export class Assembler {
  readonly counts: AssemblerCounts = {
    reports: 0,
    final: 0,
    corrected: 0,
    open: 0,
    duplicates: 0,
    conflicts: 0,
    superseded: 0,
    windowsJoined: 0,
  };
  readonly #groups = new Map<string, Group>();
  /** Windows that hold something not exported yet. */
  readonly #waiting = new Set<Window>();
  /** Of these, the ones that learned something since the last step: only they are looked at again in full. */
  readonly #changed = new Set<Window>();
  /** Groups looked up since the last commit, to be forgotten unless one of their windows waits. */
  readonly #touched = new Set<Group>();
  readonly #feedSeen = new Map<string, number>();
  readonly #patience: Patience;
  readonly #exportedVersions: AssemblerOptions['exportedVersions'];
  #lastSeq: number;

  constructor(options: AssemblerOptions) {
    this.#patience = options.patience ?? DEFAULT_PATIENCE;
    this.#exportedVersions = options.exportedVersions;
    this.#lastSeq = options.resumeAfter ?? 0;
  }

  /** Requests that are not final, or wait for a correction. */
  get openRequests(): number {
    return this.#waiting.size;
  }

  /** Takes one delivery; `seq` is its position in the stream of deliveries and must increase. */
  add(seq: number, delivery: Delivery): void {
    this.#lastSeq = seq;
    const live = delivery.input !== 'archive';
    for (const report of delivery.reports) {
      this.counts.reports++;
      if (live) this.#feedSeen.set(`${delivery.environment}/${report.feed}`, delivery.receivedAt);
      this.#addReport(seq, delivery, report);
    }
  }

  /**
   * Versions that are due.
   *
   * @param now Server clock in milliseconds; while catching up, the time at which the last delivery was received, so
   *   that a request is not given up before the deliveries that complete it were read.
   */
  step(now: number): Step {
    const emissions: Emission[] = [];
    for (const window of this.#changed) window.dueAt = this.#dueAt(window, now);
    this.#changed.clear();
    for (const window of this.#waiting) {
      if (!window.dirty) continue;
      this.#followClock(window, now);
      if (window.dueAt <= now) this.#emitFinal(window, emissions);
      else if (
        window.number === undefined &&
        !window.openIsCurrent &&
        now - window.firstReceived >= SHOW_OPEN_AFTER_MILLIS
      ) {
        this.#emitOpen(window, emissions);
      }
    }
    return { emissions, resumeAfter: this.#resumeAfter() };
  }

  /** The step is durable: what it exported need not be remembered here any more. */
  committed(): void {
    for (const window of this.#waiting) {
      if (window.dirty) continue;
      this.#waiting.delete(window);
      this.#touched.add(window.group);
    }
    for (const group of this.#touched) {
      if (!group.windows.some((window) => this.#waiting.has(window))) this.#groups.delete(group.text);
    }
    this.#touched.clear();
  }

  #addReport(seq: number, delivery: Delivery, report: AttemptReport): void {
    const ids: RequestIds = {
      environment: delivery.environment,
      requestId: report.requestId,
      ...(report.traceId !== undefined && { traceId: report.traceId }),
    };
    const group = this.#groupOf(ids);
    const window = this.#windowFor(group, report, seq, delivery.receivedAt);
    const absorbed = absorb(window.evidence, report, delivery.dataPlane);
    this.#countAbsorbed(absorbed);
    forgetOpen(group);
    if (absorbed === 'structural' || absorbed === 'unchanged') {
      // A repeated fact changes nothing, but a new window must not be lost because its first report says little.
      if (window.dirty || window.exported !== undefined) return;
    }
    if (!window.dirty) {
      window.dirty = true;
      window.firstReceived = delivery.receivedAt;
    }
    if (window.neededFrom === 0) window.neededFrom = seq;
    window.lastReceived = delivery.receivedAt;
    this.#waiting.add(window);
    this.#changed.add(window);
  }

  #groupOf(ids: RequestIds): Group {
    const text = requestKeyText(ids);
    const held = this.#groups.get(text);
    if (held !== undefined) return held;
    const group: Group = { ids, text, windows: [] };
    const newest = new Map<number, Window>();
    for (const { payload, memo } of this.#exportedVersions(text)) {
      const { evidence, n, revision } = readMemo(memo);
      newest.set(n, {
        group,
        evidence,
        number: n,
        revision,
        exported: payload,
        neededFrom: 0,
        firstReceived: 0,
        lastReceived: 0,
        dueAt: 0,
        dirty: false,
        openIsCurrent: false,
      });
    }
    group.windows.push(...newest.values());
    this.#groups.set(text, group);
    this.#touched.add(group);
    return group;
  }

  #windowFor(group: Group, report: AttemptReport, seq: number, receivedAt: number): Window {
    const [from, to] = eventInterval(report);
    const near = group.windows.filter(
      ({ evidence }) => from - evidence.last <= WINDOW_GAP_MILLIS && evidence.first - to <= WINDOW_GAP_MILLIS,
    );
    const [first, ...others] = near.sort((a, b) => a.evidence.first - b.evidence.first);
    if (first === undefined) {
      const window: Window = {
        group,
        evidence: emptyEvidence(),
        revision: 0,
        neededFrom: 0,
        firstReceived: receivedAt,
        lastReceived: receivedAt,
        dueAt: 0,
        dirty: false,
        openIsCurrent: false,
      };
      group.windows.push(window);
      return window;
    }
    // A number once given is kept, so only windows that nobody has seen can still become one.
    let kept = first;
    for (const other of others) {
      if (kept.number !== undefined && other.number !== undefined) continue;
      const [into, gone] = other.number === undefined ? [kept, other] : [other, kept];
      join(into.evidence, gone.evidence);
      into.neededFrom = Math.min(into.neededFrom || seq, gone.neededFrom || seq);
      into.firstReceived = Math.min(into.firstReceived || receivedAt, gone.firstReceived || receivedAt);
      into.dirty = true;
      forgetOpen(group);
      this.#waiting.add(into);
      this.#changed.add(into);
      this.#waiting.delete(gone);
      this.#changed.delete(gone);
      group.windows.splice(group.windows.indexOf(gone), 1);
      this.counts.windowsJoined++;
      kept = into;
    }
    return kept;
  }

  #dueAt(window: Window, now: number): number {
    switch (missingFrom(window.evidence, this.#expectedFeeds(window, now))) {
      case 'nothing':
        return 0;
      case 'feed':
        return window.firstReceived + this.#patience.feedGraceMillis;
      case 'winner':
        return window.lastReceived + this.#patience.failedGraceMillis;
    }
  }

  /** A clock that was put back must not make a request wait for the old time to come again: it waits anew. */
  #followClock(window: Window, now: number): void {
    const { feedGraceMillis, failedGraceMillis } = this.#patience;
    if (window.dueAt - now <= Math.max(feedGraceMillis, failedGraceMillis)) return;
    window.firstReceived = now;
    window.lastReceived = now;
    window.dueAt = this.#dueAt(window, now);
  }

  #expectedFeeds({ group, evidence, firstReceived }: Window, now: number): ReadonlySet<Feed> {
    const expected = new Set<Feed>();
    if (firstReceived - evidence.last > STALE_EVENT_MILLIS) return expected;
    for (const feed of ['usage', 'span'] as const) {
      const seen = this.#feedSeen.get(`${group.ids.environment}/${feed}`);
      if (seen !== undefined && Math.abs(now - seen) <= FEED_ALIVE_MILLIS) expected.add(feed);
    }
    return expected;
  }

  #emitFinal(window: Window, emissions: Emission[]): void {
    const corrects = window.exported !== undefined;
    const number = window.number ?? this.#freeNumber(window);
    const same = { n: number, state: 'final' as const };
    if (corrects) {
      const unchanged = foldRequest(window.group.ids, window.evidence, { ...same, revision: window.revision });
      if (JSON.stringify(unchanged) === window.exported) {
        this.#settle(window);
        return;
      }
    }
    const revision = corrects ? window.revision + 1 : 0;
    const request = foldRequest(window.group.ids, window.evidence, { ...same, revision });
    const payload = JSON.stringify(request);
    if (window.number === undefined) forgetOpen(window.group);
    window.number = number;
    window.revision = revision;
    window.exported = payload;
    emissions.push({
      keyText: window.group.text,
      payload,
      memo: writeMemo(window.evidence, number, revision),
      request,
    });
    this.counts.final++;
    if (corrects) this.counts.corrected++;
    this.#settle(window);
  }

  #settle(window: Window): void {
    window.dirty = false;
    window.neededFrom = 0;
  }

  /** Lowest number that no other window of these ids has; windows due together get theirs in order of event time. */
  #freeNumber(window: Window): number {
    const { windows } = window.group;
    const taken = new Set(windows.map((other) => other.number).filter((number) => number !== undefined));
    const earlier = windows.filter(
      (other) => other.number === undefined && other.dirty && other.evidence.first < window.evidence.first,
    ).length;
    let number = 0;
    for (let skipped = 0; ; number++) {
      if (taken.has(number)) continue;
      if (skipped === earlier) return number;
      skipped++;
    }
  }

  #emitOpen(window: Window, emissions: Emission[]): void {
    const request = foldRequest(window.group.ids, window.evidence, {
      n: this.#freeNumber(window),
      revision: 0,
      state: 'open',
    });
    const payload = JSON.stringify(request);
    window.openIsCurrent = true;
    if (payload === window.shownOpen) return;
    window.shownOpen = payload;
    this.counts.open++;
    emissions.push({ keyText: window.group.text, payload, request });
  }

  /** The position after which a restart must read again: nothing before it is needed by a request that is not exported. */
  #resumeAfter(): number {
    let oldest = this.#lastSeq + 1;
    for (const { neededFrom } of this.#waiting) {
      if (neededFrom !== 0 && neededFrom < oldest) oldest = neededFrom;
    }
    return oldest - 1;
  }

  #countAbsorbed(absorbed: Absorbed): void {
    if (absorbed === 'unchanged') this.counts.duplicates++;
    else if (absorbed === 'conflict') this.counts.conflicts++;
    else if (absorbed === 'superseded') this.counts.superseded++;
  }
}

/** An open version also shows the number that its window would get, which the others of its group have a say in. */
function forgetOpen({ windows }: Group): void {
  for (const window of windows) window.openIsCurrent = false;
}
