import type { ConfigChange } from '../api/changes';
import { PROD } from './fields';

/** A change as an audit reader sees it, with what a test wants different. */
export const changeWith = (over: Partial<ConfigChange> = {}): ConfigChange => ({
  id: 'c1',
  occurredAt: 1_795_414_745_746.5,
  observedAt: 1_795_414_746_000,
  effective: [],
  action: 'update',
  actor: { type: 'user', name: 'ada' },
  resource: { kind: 'model', id: 'm1', name: 'gpt-4o' },
  environment: PROD,
  paths: [],
  result: 'success',
  trust: 'signed',
  state: 'applied',
  foundLate: false,
  conflict: false,
  source: 'cloud',
  ...over,
});
