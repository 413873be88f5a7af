import { t } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import React from 'react';
import type { RunContext } from '../run/context';

/** Why somebody who may not see changes sees none: on a dashboard Grafana is silent about it. */
export function AuditNote({ context }: { readonly context: Pick<RunContext, 'audit'> }) {
  if (context.audit.mayBe()) return null;
  return (
    <Alert
      severity="info"
      title={t(
        'audit.note',
        'Changes with names are shown to audit readers only, and you are none. Markers are for everybody',
      )}
    />
  );
}
