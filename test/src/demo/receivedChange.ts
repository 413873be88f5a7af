/** A configuration change as its log event tells it. */
export interface ReceivedChange {
  readonly changeId: string;
  /** Ids that it had before. */
  readonly aliases: readonly string[];
  readonly version: number;
  /** When it was made, epoch milliseconds. */
  readonly end: number;
  readonly action: string;
  readonly kind: string;
  readonly name?: string;
  readonly actor?: string;
  readonly state: string;
  /** Whether some data plane has it. */
  readonly inForce: boolean;
}

interface WireValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
}

interface WireLogs {
  readonly resourceLogs?: readonly {
    readonly scopeLogs?: readonly {
      readonly logRecords?: readonly {
        readonly eventName?: string;
        readonly timeUnixNano: string | number;
        readonly attributes?: readonly { readonly key: string; readonly value: WireValue }[];
      }[];
    }[];
  }[];
}

/** Changes of one `POST /v1/logs` in http/json; none of anything else. */
export function receivedChanges(body: unknown): ReceivedChange[] {
  const { resourceLogs = [] } = body as WireLogs;
  return resourceLogs
    .flatMap(({ scopeLogs = [] }) => scopeLogs)
    .flatMap(({ logRecords = [] }) => logRecords)
    .filter(({ eventName }) => eventName === 'aisix.config.change')
    .map(({ timeUnixNano, attributes = [] }) => {
      const values = new Map(attributes.map(({ key, value }) => [key, value]));
      const text = (key: string) => values.get(key)?.stringValue;
      const list = (key: string) => values.get(key)?.arrayValue?.values ?? [];
      const name = text('aisix.resource.name');
      const actor = text('user.name') ?? text('user.id');
      return {
        changeId: text('aisix.change.id') ?? '',
        aliases: list('aisix.change.aliases').flatMap(({ stringValue }) => stringValue ?? []),
        version: Number(values.get('aisix.change.version')?.intValue ?? 0),
        end: Number(BigInt(timeUnixNano) / 1_000_000n),
        action: text('aisix.change.action') ?? 'other',
        kind: text('aisix.resource.kind') ?? 'resource',
        ...(name !== undefined && { name }),
        ...(actor !== undefined && { actor }),
        state: text('aisix.change.state') ?? 'unknown',
        inForce: list('aisix.change.in_force').length > 0,
      };
    });
}
