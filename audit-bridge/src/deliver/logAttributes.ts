/** Names of the log events; no part of them varies. */
export const LOG_EVENT = {
  change: 'aisix.config.change',
  verdict: 'aisix.config.verdict',
  head: 'aisix.ledger.head',
} as const;

/**
 * Every attribute name that is written on a log event or its resource; nowhere else is one spelled out. OpenTelemetry
 * has no convention for changes of configuration, so that most of them are ours.
 */
export const LOG_ATTRIBUTE = {
  changeId: 'aisix.change.id',
  changeVersion: 'aisix.change.version',
  changeAliases: 'aisix.change.aliases',
  changeAction: 'aisix.change.action',
  changeState: 'aisix.change.state',
  changeResult: 'aisix.change.result',
  changeTrust: 'aisix.change.trust',
  changeSource: 'aisix.change.source',
  changePaths: 'aisix.change.paths',
  changeValues: 'aisix.change.values',
  changeRevision: 'aisix.change.revision',
  changeInForce: 'aisix.change.in_force',
  changeFoundLate: 'aisix.change.found_late',
  changeConflict: 'aisix.change.conflict',
  changeRequestId: 'aisix.change.request_id',
  actorType: 'aisix.change.actor.type',
  verdictValue: 'aisix.verdict.value',
  verdictReason: 'aisix.verdict.reason',
  verdictLook: 'aisix.verdict.look',
  verdictBy: 'aisix.verdict.by',
  verdictSentence: 'aisix.verdict.sentence',
  resourceKind: 'aisix.resource.kind',
  resourceId: 'aisix.resource.id',
  resourceName: 'aisix.resource.name',
  resourcePreviousName: 'aisix.resource.previous_name',
  organizationId: 'aisix.organization.id',
  dataPlaneId: 'aisix.data_plane.id',
  userId: 'user.id',
  userName: 'user.name',
  errorType: 'error.type',
  environmentName: 'deployment.environment.name',
  environmentId: 'aisix.environment.id',
  ledgerSeq: 'aisix.ledger.seq',
  ledgerHash: 'aisix.ledger.hash',
  serviceName: 'service.name',
  distroName: 'telemetry.distro.name',
  distroVersion: 'telemetry.distro.version',
} as const;

export type LogAttributeName = (typeof LOG_ATTRIBUTE)[keyof typeof LOG_ATTRIBUTE];

export interface LogAttributeEntry {
  readonly type: 'string' | 'string[]' | 'int' | 'boolean';
  readonly on: readonly ('change' | 'verdict' | 'head' | 'resource')[];
  /** What it says, with unit and condition. Markdown. */
  readonly says: string;
}

/** Every attribute, in the order in which a reader looks for them; the documentation is made of it. */
export const LOG_ATTRIBUTE_TABLE: Readonly<Record<LogAttributeName, LogAttributeEntry>> = {
  'aisix.change.id': { type: 'string', on: ['change', 'verdict'], says: 'Id of the change' },
  'aisix.change.version': {
    type: 'int',
    on: ['change'],
    says: 'Grows with everything that becomes known of a change; two events of one id and version are the same event, of two versions the higher one holds',
  },
  'aisix.change.aliases': {
    type: 'string[]',
    on: ['change'],
    says: 'Ids under which the same change was told before more was known of it',
  },
  'aisix.change.action': {
    type: 'string',
    on: ['change', 'verdict'],
    says: '`create`, `update`, `delete`, `enable`, `disable`, `rotate`, `revoke`, `invite`, `other`',
  },
  'aisix.change.state': { type: 'string', on: ['change'], says: '`applied`, `rejected`, `superseded`, `unknown`' },
  'aisix.change.result': { type: 'string', on: ['change'], says: '`success` or `failure`' },
  'error.type': {
    type: 'string',
    on: ['change'],
    says: '`change_failed` (nothing was changed) or `change_rejected` (a data plane refused it)',
  },
  'aisix.resource.kind': { type: 'string', on: ['change', 'verdict'], says: 'Kind of resource: `model`, `api_key`, …' },
  'aisix.resource.id': { type: 'string', on: ['change', 'verdict'], says: 'Its id, where known' },
  'aisix.resource.name': {
    type: 'string',
    on: ['change', 'verdict'],
    says: 'Its name after the change; before it, for a deletion',
  },
  'aisix.resource.previous_name': { type: 'string', on: ['change'], says: 'Its name before, where it was renamed' },
  'aisix.change.paths': {
    type: 'string[]',
    on: ['change'],
    says: 'JSON pointers of what changed in the resource, without values',
  },
  'aisix.change.values': {
    type: 'string',
    on: ['change'],
    says: 'Only with `values: true`: JSON of path, before and after, secrets as `hmac:…`',
  },
  'aisix.change.revision': { type: 'int', on: ['change'], says: 'etcd revision of the new value, where known' },
  'aisix.change.in_force': {
    type: 'string[]',
    on: ['change'],
    says: 'Where it is in force and since when: data plane and time (RFC 3339)',
  },
  'user.id': { type: 'string', on: ['change'], says: 'Who did it; with `actor: id` or `actor: name`' },
  'user.name': { type: 'string', on: ['change'], says: 'How they are called; with `actor: name`' },
  'aisix.change.actor.type': {
    type: 'string',
    on: ['change'],
    says: '`user`, `token`, …; absent where no audit event told of an actor',
  },
  'aisix.change.trust': { type: 'string', on: ['change'], says: '`signed`, `polled` or `observed`' },
  'aisix.change.source': { type: 'string', on: ['change'], says: 'Where it was done, as its source says' },
  'aisix.change.request_id': { type: 'string', on: ['change'], says: 'Request to the control plane, where told' },
  'aisix.change.found_late': { type: 'boolean', on: ['change'], says: 'Made while nobody watched; only if so' },
  'aisix.change.conflict': {
    type: 'boolean',
    on: ['change'],
    says: 'The same event id came with other contents; only if so',
  },
  'aisix.verdict.value': {
    type: 'string',
    on: ['verdict'],
    says: '`suspect`, `improves`, `cleared`, `no_mechanism`, `no_effect`, `provider_outage`, `undecided`; of a person `confirmed`, `cleared`, or `withdrawn`',
  },
  'aisix.verdict.by': { type: 'string', on: ['verdict'], says: '`look` (computed) or `person`' },
  'aisix.verdict.reason': { type: 'string', on: ['verdict'], says: 'Why, as a stable code; of a look' },
  'aisix.verdict.look': { type: 'string', on: ['verdict'], says: 'Which look it was: `+5m`, `+10m`, …' },
  'aisix.verdict.sentence': { type: 'string', on: ['verdict'], says: 'Why, in words with the counts; of a look' },
  'aisix.organization.id': { type: 'string', on: ['change'], says: 'Organization, where told' },
  'aisix.data_plane.id': { type: 'string', on: ['change'], says: 'Data plane that alone it concerns, if any' },
  'deployment.environment.name': {
    type: 'string',
    on: ['change', 'verdict', 'resource'],
    says: 'Configured name of the environment; absent for the whole organization',
  },
  'aisix.environment.id': { type: 'string', on: ['change', 'verdict', 'resource'], says: 'AISIX environment' },
  'aisix.ledger.seq': { type: 'int', on: ['head'], says: 'Number of the last row of the ledger' },
  'aisix.ledger.hash': {
    type: 'string',
    on: ['head'],
    says: 'Hash of the chain up to that row: `verify` compares it with the ledger',
  },
  'service.name': { type: 'string', on: ['resource'], says: '`aisix-gateway` unless configured, as on spans' },
  'telemetry.distro.name': { type: 'string', on: ['resource'], says: '`aisix-observability`' },
  'telemetry.distro.version': { type: 'string', on: ['resource'], says: 'Its version' },
};
