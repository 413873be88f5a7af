/** What the tags of a provider key put on every event that used it. */
export interface ProviderKey {
  readonly label: string;
  readonly brand: string;
}

export interface DirectModel {
  readonly kind: 'direct';
  readonly name: string;
  readonly id: string;
  readonly provider: ProviderKey;
  /** Model string that the provider reports. */
  readonly responseModel: string;
  /** Median duration of a call that is not streamed. */
  readonly medianMs: number;
  /** A streamed call takes between so many times as long; 2 to 5 when absent. */
  readonly streamTimes?: readonly [least: number, most: number];
  /** Protocol in which callers ask for it; `openai` when absent. */
  readonly protocol?: 'openai' | 'anthropic';
  /** True when a cache policy applies to it. */
  readonly cached?: boolean;
}

/** Tries its targets in order. */
export interface RoutingModel {
  readonly kind: 'routing';
  readonly name: string;
  readonly id: string;
  readonly targets: readonly string[];
}

/** Asks every member of the panel, then the judge. */
export interface EnsembleModel {
  readonly kind: 'ensemble';
  readonly name: string;
  readonly id: string;
  readonly panel: readonly string[];
  readonly judge: string;
}

export type SimulatedModel = DirectModel | RoutingModel | EnsembleModel;

export interface CallerKey {
  readonly name: string;
  readonly id: string;
  readonly userAgent: string;
  readonly address: string;
  /** Share of the traffic. */
  readonly weight: number;
}

const OPENAI: ProviderKey = { label: 'openai-prod', brand: 'openai' };
const MISTRAL: ProviderKey = { label: 'mistral-prod', brand: 'mistral' };
const BACKUP: ProviderKey = { label: 'backup-prod', brand: 'backup' };
const ANTHROPIC: ProviderKey = { label: 'anthropic-prod', brand: 'anthropic' };

/** The recorded story's models under their recorded ids, and one each of what the story lacks. */
export const DEFAULT_MODELS: readonly SimulatedModel[] = [
  {
    kind: 'direct',
    name: 'gpt-4o',
    id: 'd3171968-1190-4a35-b7cb-b610efbc60e3',
    provider: OPENAI,
    responseModel: 'gpt-4o-2026-08-06',
    medianMs: 620,
  },
  {
    kind: 'direct',
    name: 'gpt-4o-mini',
    id: '2afa4351-bc55-4d5d-9781-f7ce0bd72f64',
    provider: OPENAI,
    responseModel: 'gpt-4o-mini-2026-08-06',
    medianMs: 340,
  },
  {
    kind: 'direct',
    name: 'mistral-large',
    id: '00b3764e-7df2-4802-9a1e-b3cac7a663bc',
    provider: MISTRAL,
    responseModel: 'mistral-large-2026-08-06',
    medianMs: 480,
  },
  {
    kind: 'direct',
    name: 'backup-small',
    id: 'a62d5c04-0e81-4822-aa58-d2faa6380986',
    provider: BACKUP,
    responseModel: 'backup-small-2026-08-06',
    medianMs: 410,
    cached: true,
  },
  {
    kind: 'direct',
    name: 'claude-sonnet',
    id: '6c1f2a90-77b4-4f0e-9d5a-31c07be4a801',
    provider: ANTHROPIC,
    responseModel: 'claude-sonnet-4-5-20250929',
    medianMs: 900,
    protocol: 'anthropic',
  },
  {
    kind: 'routing',
    name: 'smart',
    id: '5af301f0-c1f9-4a84-a5e1-78a8d7ca863a',
    targets: ['gpt-4o', 'backup-small'],
  },
  {
    kind: 'ensemble',
    name: 'council',
    id: '0e5d7b1c-4a53-4b7c-8d0a-5f9e0c6ab702',
    panel: ['gpt-4o-mini', 'mistral-large', 'backup-small'],
    judge: 'gpt-4o',
  },
];

/** The recorded story's caller keys under their recorded ids. */
export const DEFAULT_KEYS: readonly CallerKey[] = [
  {
    name: 'team-web',
    id: 'eff4f0ce-2840-4967-af40-3cc89de02c2f',
    userAgent: 'openai-python/1.99',
    address: '203.0.113.7',
    weight: 5,
  },
  {
    name: 'team-batch',
    id: 'a002d339-322b-4c6b-af94-6622406d5997',
    userAgent: 'batch-runner/2.1',
    address: '198.51.100.20',
    weight: 3,
  },
  {
    name: 'team-mobile',
    id: 'ae3c90ed-5718-41ba-952e-ff48170a8c6a',
    userAgent: 'openai-python/1.99',
    address: '192.0.2.88',
    weight: 2,
  },
];
