import type { Reader } from '@aisix-observability/server';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';

/** Another environment, that nobody of {@link VIEWER} may see. */
export const STAGING = '5f0e4a1c-8f3d-4d5e-9d53-0a1f3c2b7e66';
export const ENVIRONMENTS = [
  { id: RECORDED_ENVIRONMENT, name: 'prod' },
  { id: STAGING, name: 'staging' },
] as const;

/** Sees one environment, and personal fields as hashes or not at all. */
export const VIEWER: Reader = {
  kind: 'grafana',
  id: 'grafana:1:user:2',
  name: 'viewer',
  role: 'Viewer',
  scopes: ['requests'],
  audit: false,
  environments: [RECORDED_ENVIRONMENT],
  visibility: { 'client.address': 'hashed', 'client.userAgent': 'hashed', 'jwt.subject': 'hidden' },
};

/** Sees everything. */
export const OWNER: Reader = {
  kind: 'token',
  id: 'token:scripts',
  name: 'scripts',
  scopes: ['requests', 'changes'],
  audit: true,
  environments: [RECORDED_ENVIRONMENT, STAGING],
  visibility: {},
};

export const STRANGER: Reader = { ...VIEWER, id: 'grafana:7:user:9', name: 'stranger', environments: [] };
