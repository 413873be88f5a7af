import type { ConfigChange } from '@aisix-observability/evidence';
import { type Attributes, SeverityNumber } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import manifest from '../../package.json' with { type: 'json' };
import type { ChainHead } from '../ledger/chain.ts';
import { LOG_EVENT, LOG_ATTRIBUTE as NAME } from './logAttributes.ts';

/** One row of the stream of log events. */
export type LogRow =
  | {
      /** `test`: a change that never happened, for every destination. */
      readonly type: 'change' | 'test';
      readonly change: ConfigChange;
      readonly aliases: readonly string[];
      readonly version: number;
    }
  /** What a look or a person said of a change; `human` null: took it back. `at`: epoch milliseconds. */
  | {
      readonly type: 'verdict';
      readonly change: ConfigChange;
      readonly by: 'look' | 'person';
      readonly at: number;
    }
  /** `publishedAt`: epoch milliseconds. */
  | { readonly type: 'head'; readonly head: ChainHead; readonly publishedAt: number };

export interface LogRecordSettings {
  /** Who did it. Default `id`. */
  readonly actor?: 'none' | 'id' | 'name';
  /** What stood there before and after, redacted. Default: only where. */
  readonly values?: boolean;
  /** Id → name; an environment without a name is named by its id. */
  readonly environmentNames?: ReadonlyMap<string, string>;
  readonly serviceName?: string;
  /** Of the resource; written last, so they win. */
  readonly resourceAttributes?: Readonly<Record<string, string>>;
}

/** A log event from a row. Pure, and the same for the same row, so that a repeat can be told. */
export type LogRecordOf = (row: LogRow) => ReadableLogRecord;

const DEFAULT_SERVICE_NAME = 'aisix-gateway';
const DISTRO_NAME = 'aisix-observability';

/** Backends index attributes; longer texts are for those who ask the bridge itself. */
const TEXT_CHARACTERS = 512;
const VALUES_CHARACTERS = 4_096;
const LIST_ITEMS = 64;
/** Environments that are remembered; past it some grouping is lost, nothing else. */
const MAX_RESOURCES = 1_024;

/** Verdicts that somebody should look at. */
const WORRYING = new Set(['suspect', 'confirmed']);

const SCOPE = { name: 'aisix-observability.audit-bridge', version: manifest.version };

export function logRecordsOf(settings: LogRecordSettings = {}): LogRecordOf {
  const resources = new Map<string | null, Resource>();
  const nameOf = (environment: string): string => settings.environmentNames?.get(environment) ?? environment;

  /** The same object for the same environment: serialisers group by it. */
  function resourceOf(environment: string | null): Resource {
    const known = resources.get(environment);
    if (known !== undefined) return known;
    if (resources.size >= MAX_RESOURCES) resources.clear();
    const resource = resourceFromAttributes({
      [NAME.serviceName]: settings.serviceName ?? DEFAULT_SERVICE_NAME,
      ...(environment !== null && {
        [NAME.environmentName]: cut(nameOf(environment)),
        [NAME.environmentId]: cut(environment),
      }),
      [NAME.distroName]: DISTRO_NAME,
      [NAME.distroVersion]: manifest.version,
      ...settings.resourceAttributes,
    });
    resources.set(environment, resource);
    return resource;
  }

  function ofChange({ change, aliases, version }: Exclude<LogRow, { type: 'head' | 'verdict' }>): ReadableLogRecord {
    const { environment, resource, actor, action } = change;
    const wrong = errorType(change);
    const { actor: told = 'id' } = settings;
    const attributes: Attributes = withoutAbsent({
      [NAME.changeId]: change.id,
      [NAME.changeVersion]: version,
      [NAME.changeAliases]: list(aliases),
      [NAME.changeAction]: action,
      [NAME.changeState]: change.state,
      [NAME.changeResult]: change.result,
      [NAME.errorType]: wrong,
      [NAME.changeTrust]: change.trust,
      [NAME.changeSource]: text(change.source),
      [NAME.changePaths]: list(change.paths.map(({ path }) => path)),
      [NAME.changeValues]: settings.values === true ? valuesOf(change) : undefined,
      [NAME.changeRevision]: whole(change.revision),
      [NAME.changeInForce]: list(change.effective.map(({ dataPlane, at }) => `${dataPlane} ${instant(at)}`)),
      [NAME.changeFoundLate]: change.foundLate || undefined,
      [NAME.changeConflict]: change.conflict || undefined,
      [NAME.changeRequestId]: text(change.requestId),
      [NAME.actorType]: told === 'none' ? undefined : text(actor?.type),
      [NAME.userId]: told === 'none' ? undefined : text(actor?.id),
      [NAME.userName]: told === 'name' ? text(actor?.name) : undefined,
      [NAME.resourceKind]: text(resource.kind),
      [NAME.resourceId]: text(resource.id),
      [NAME.resourceName]: text(resource.name),
      [NAME.resourcePreviousName]: text(resource.previousName),
      [NAME.organizationId]: text(change.organization),
      [NAME.dataPlaneId]: text(change.dataPlane),
      [NAME.environmentName]: environment === null ? undefined : text(nameOf(environment)),
      [NAME.environmentId]: environment === null ? undefined : text(environment),
    });
    return {
      ...common(resourceOf(environment), attributes),
      hrTime: millisToHrTime(change.occurredAt),
      hrTimeObserved: millisToHrTime(change.observedAt),
      eventName: LOG_EVENT.change,
      severityNumber: wrong === undefined ? SeverityNumber.INFO : SeverityNumber.WARN,
    };
  }

  function ofHead({ head, publishedAt }: Extract<LogRow, { type: 'head' }>): ReadableLogRecord {
    const attributes = { [NAME.ledgerSeq]: head.seq, [NAME.ledgerHash]: head.hash };
    return {
      ...common(resourceOf(null), attributes),
      hrTime: millisToHrTime(head.at),
      hrTimeObserved: millisToHrTime(publishedAt),
      eventName: LOG_EVENT.head,
      severityNumber: SeverityNumber.INFO,
    };
  }

  function ofVerdict({ change, by, at }: Extract<LogRow, { type: 'verdict' }>): ReadableLogRecord {
    const { environment, resource, action, verdict } = change;
    const computed = by === 'look' ? verdict?.computed : undefined;
    const value = by === 'look' ? computed?.value : (verdict?.human?.value ?? 'withdrawn');
    const attributes: Attributes = withoutAbsent({
      [NAME.changeId]: change.id,
      [NAME.changeAction]: action,
      [NAME.verdictValue]: text(value),
      [NAME.verdictBy]: by,
      [NAME.verdictReason]: text(computed?.reason),
      [NAME.verdictLook]: text(computed?.look),
      [NAME.verdictSentence]: text(computed?.sentence),
      [NAME.resourceKind]: text(resource.kind),
      [NAME.resourceId]: text(resource.id),
      [NAME.resourceName]: text(resource.name),
      [NAME.environmentName]: environment === null ? undefined : text(nameOf(environment)),
      [NAME.environmentId]: environment === null ? undefined : text(environment),
    });
    return {
      ...common(resourceOf(environment), attributes),
      hrTime: millisToHrTime(at),
      hrTimeObserved: millisToHrTime(at),
      eventName: LOG_EVENT.verdict,
      severityNumber: WORRYING.has(String(value)) ? SeverityNumber.WARN : SeverityNumber.INFO,
    };
  }

  return (row) => {
    switch (row.type) {
      case 'change':
      case 'test':
        return ofChange(row);
      case 'verdict':
        return ofVerdict(row);
      case 'head':
        return ofHead(row);
    }
  };
}

function common(resource: Resource, attributes: Attributes) {
  return { resource, instrumentationScope: SCOPE, attributes, droppedAttributesCount: 0 };
}

function errorType({ result, state }: ConfigChange): string | undefined {
  if (result === 'failure') return 'change_failed';
  return state === 'rejected' ? 'change_rejected' : undefined;
}

/** Whole entries only, as many as there is room for: half of one could not be read. */
function valuesOf({ paths }: ConfigChange): string | undefined {
  const told: string[] = [];
  let characters = 0;
  for (const { path, before, after } of paths.slice(0, LIST_ITEMS)) {
    const entry = JSON.stringify({ path, before, after }).toWellFormed();
    characters += entry.length + 1;
    if (characters > VALUES_CHARACTERS) break;
    told.push(entry);
  }
  return told.length === 0 ? undefined : `[${told.join(',')}]`;
}

function withoutAbsent(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

function text(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : cut(value);
}

/** Well-formed, since the two encodings of OTLP write half a surrogate pair differently. */
function cut(value: string): string {
  const formed = value.slice(0, TEXT_CHARACTERS * 2).toWellFormed();
  return formed.length <= TEXT_CHARACTERS ? formed : Array.from(formed).slice(0, TEXT_CHARACTERS).join('');
}

function list(values: readonly string[]): string[] | undefined {
  return values.length === 0 ? undefined : values.slice(0, LIST_ITEMS).map((value) => cut(value));
}

/** JSON would write greater ones with an exponent, which no decoder takes for an integer. */
function whole(value: number | undefined): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
