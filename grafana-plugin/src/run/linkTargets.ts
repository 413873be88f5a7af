import { getDataSourceSrv } from '@grafana/runtime';
import type { AuditAccess } from '../api/auditAccess';
import type { LinkTargets } from '../frames/links';
import type { ObservabilityOptions } from '../settings';

/** Where rows lead to, by the settings. A tracing data source that was removed leaves no link. */
export function linkTargets(
  self: LinkTargets['self'],
  options: ObservabilityOptions,
  audit: Pick<AuditAccess, 'mayBe'>,
): LinkTargets {
  const { tracingUid, traceUrl, traceDestination } = options;
  const tracing =
    tracingUid === undefined || tracingUid === '' ? undefined : getDataSourceSrv().getInstanceSettings(tracingUid);
  return {
    self,
    explained: audit.mayBe(),
    ...(tracing === undefined ? {} : { tracing: { uid: tracing.uid, name: tracing.name, type: tracing.type } }),
    ...(traceUrl === undefined || traceUrl === '' ? {} : { traceUrl }),
    ...(traceDestination === undefined || traceDestination === '' ? {} : { traceDestination }),
  };
}
