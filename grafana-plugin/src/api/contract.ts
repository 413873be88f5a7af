// The server's own types, so that a change there which the plugin does not follow fails the type check. Only types: what
// Grafana loads holds nothing of the server.
export type {
  FieldsAnswer,
  Gap,
  GetAnswer,
  Marker,
  MarkersAnswer,
  MetricsAnswer,
  SearchAnswer,
  TailLine,
  ValuesAnswer,
  VolumeAnswer,
} from '../../../server/src/api/contract/answers.ts';
export type {
  FilterBody,
  GetBody,
  MarkersInput,
  MetricsInput,
  SearchInput,
  TailInput,
  ValuesInput,
  VolumeInput,
} from '../../../server/src/api/contract/bodies.ts';

import type { FieldsAnswer, MetricsAnswer, SearchAnswer } from '../../../server/src/api/contract/answers.ts';
import type { FilterBody } from '../../../server/src/api/contract/bodies.ts';

export type GatewayRequest = SearchAnswer['requests'][number];
export type Attempt = GatewayRequest['attempts'][number];
export type Outcome = GatewayRequest['outcome'];
export type FilterOperator = FilterBody['op'];
export type Measure = MetricsAnswer['series'][number]['measure'];
export type FieldDescription = FieldsAnswer['fields'][number];
