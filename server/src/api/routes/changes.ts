import { type ChangeFilter, ChangeQueryError, type VerdictInput } from '@aisix-observability/audit-bridge';
import type { ConfigChange } from '@aisix-observability/evidence';
import type { Reader } from '../../identity/reader.ts';
import { type ApiDeps, askedBy, askingOf } from '../context.ts';
import type { Gap } from '../contract/answers.ts';
import { changeBody, changesAnswer, changesBody, configChange, verdictBody } from '../contract/change.ts';
import { ApiError, type ApiErrorCode } from '../errors.ts';
import { checkChangeFilter } from '../query/changeFilters.ts';
import { placeCursor, readPlaceCursor } from '../query/cursor.ts';
import { seesOrganization } from '../query/environments.ts';
import { checkRange } from '../query/range.ts';
import { narrowScope } from '../query/selection.ts';
import { visibleChange } from '../query/visibleChange.ts';
import type { ApiRouter } from '../router.ts';

export interface ChangesQuery {
  /** Ids. */
  readonly environments: readonly string[];
  /** Whether changes of the whole organization are part of it. */
  readonly organizationWide: boolean;
  readonly from: number;
  readonly to: number;
  readonly filters: readonly ChangeFilter[];
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
  /** A place that an earlier answer ended with. */
  readonly cursor?: string;
}

/** Where changes come from: redacted, with actor and values. */
export interface ChangeSource {
  search(
    query: ChangesQuery,
    signal: AbortSignal,
  ): Promise<{
    readonly changes: readonly ConfigChange[];
    readonly gaps: readonly Gap[];
    /** Short ASCII text that says where to go on. */
    readonly nextCursor?: string;
  }>;
  /** By any id that the change ever had. */
  get(id: string, signal: AbortSignal): Promise<ConfigChange | undefined>;
  setVerdict(id: string, verdict: VerdictInput): Promise<ConfigChange | undefined>;
  /** Takes secrets out of what somebody wrote. */
  redact(text: string): string;
}

const RUN_ERRORS = [
  'too_many_queries',
  'query_timeout',
  'store_unavailable',
  'stopping',
] as const satisfies readonly ApiErrorCode[];

/** Routes of audit readers; without a source they say that changes are not received. */
export function addChangesRoutes(
  router: ApiRouter,
  { environments, run, sender }: Pick<ApiDeps, 'environments' | 'run' | 'sender'>,
  changes: ChangeSource | undefined,
  now: () => number,
): void {
  const source = (): ChangeSource => {
    if (changes !== undefined) return changes;
    throw new ApiError('changes_off', 'this server does not receive changes', 'see `audit` of the configuration');
  };
  const seen = (change: ConfigChange | undefined, reader: Reader): ConfigChange =>
    visibleChange(change, reader, environments);

  router.post(
    {
      path: '/changes/search',
      summary: 'Configuration changes with actor, paths and values (redacted), page by page',
      description:
        'Changes of the whole organization (`environment: null`) are part of it for readers who may see every configured environment.',
      body: changesBody,
      answer: changesAnswer,
      errors: [
        ...RUN_ERRORS,
        'changes_off',
        'range_reversed',
        'range_too_long',
        'time_not_millis',
        'environment_unknown',
        'environment_none',
        'field_unknown',
        'query_invalid',
        'cursor_invalid',
        'cursor_mismatch',
      ],
    },
    async ({ from, to, environment, filters: given, limit, order, cursor }, c) => {
      sender.checkRoom();
      const asked = source();
      checkRange({ from, to });
      const { reader } = c.var;
      const scope = narrowScope(environment, askingOf(reader, environments));
      const filters = given.map((filter, index) => checkChangeFilter(filter, `filters[${index}]`));
      const bound = { route: 'changes', scope, filters, from, to, order } as const;
      const query = {
        environments: scope.environments,
        organizationWide: seesOrganization(reader.environments, environments),
        from,
        to,
        filters,
        limit,
        order,
        ...(cursor === undefined ? {} : { cursor: readPlaceCursor(bound, cursor) }),
      };
      const { nextCursor: next, ...answer } = await run({ ...askedBy(c), name: 'changes', lane: 'light' }, (signal) =>
        asked.search(query, signal).catch(refused),
      );
      const nextCursor = next === undefined ? {} : { nextCursor: placeCursor(bound, next) };
      return sender.json(c, [JSON.stringify({ ...answer, ...nextCursor })]);
    },
  );

  router.post(
    {
      path: '/changes/get',
      summary: 'One change, by any id that it ever had',
      body: changeBody,
      answer: configChange,
      errors: [...RUN_ERRORS, 'changes_off', 'change_unknown'],
    },
    async ({ id }, c) => {
      sender.checkRoom();
      const asked = source();
      const change = await run({ ...askedBy(c), name: 'change', lane: 'light' }, (signal) => asked.get(id, signal));
      return sender.json(c, [JSON.stringify(seen(change, c.var.reader))]);
    },
  );

  router.put(
    {
      path: '/changes/verdict',
      summary: 'What a person says of a change: confirmed, cleared, or null to take it back',
      description: 'Kept as a row of the ledger with the name of the reader. Answers the change.',
      body: verdictBody,
      answer: configChange,
      errors: [...RUN_ERRORS, 'changes_off', 'change_unknown'],
    },
    async ({ id, value, note }, c) => {
      sender.checkRoom();
      const asked = source();
      const { reader } = c.var;
      const change = await run({ ...askedBy(c), name: 'verdict', lane: 'light' }, async (signal) => {
        const { id: present } = seen(await asked.get(id, signal), reader);
        const told = note === undefined || note.trim() === '' ? {} : { note: asked.redact(note) };
        return asked.setVerdict(present, { value, by: reader.name, at: now(), ...told });
      });
      return sender.json(c, [JSON.stringify(seen(change, reader))]);
    },
  );
}

/** The ledger's refusal in the words of the api; everything else stays what it is. */
function refused(error: unknown): never {
  if (!(error instanceof ChangeQueryError)) throw error;
  throw new ApiError(error.code === 'invalid_cursor' ? 'cursor_invalid' : 'query_invalid', error.message);
}
