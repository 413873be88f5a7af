import { auditReader, operator, type RouteGuards, scope, viewer } from './guard.ts';

/** Every route of the api listener behind identity. What does not stand here cannot be reached. */
export const API_ROUTES = {
  'POST /requests/search': viewer,
  'POST /requests/volume': viewer,
  'POST /requests/metrics': viewer,
  'POST /requests/get': viewer,
  'GET /requests/fields': viewer,
  'POST /requests/values': viewer,
  'POST /requests/tail': viewer,
  'POST /markers/search': viewer,
  'POST /changes/search': auditReader,
  'POST /changes/get': auditReader,
  'PUT /changes/verdict': auditReader,
  'POST /investigations/request': auditReader,
  'POST /investigations/incident': auditReader,
  'POST /investigations/impact': auditReader,
  'GET /metrics': scope('metrics'),
  'GET /status': scope('status'),
  'GET /openapi.json': operator,
} as const satisfies RouteGuards;
