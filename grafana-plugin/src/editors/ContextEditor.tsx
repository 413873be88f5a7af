import { t } from '@grafana/i18n';
import { InlineField, RadioButtonGroup } from '@grafana/ui';
import React, { useState } from 'react';
import type { Common } from '../logContext/contextQuery';

interface Props {
  readonly commons: readonly Common[];
  readonly chosen: Common;
  readonly onChange: (common: Common) => void;
}

/** In the context of what a row is shown. */
export function ContextEditor({ commons, chosen, onChange }: Props) {
  const [value, setValue] = useState(chosen);
  const words: Record<Common, string> = {
    caller: t('context.caller', 'Same caller key'),
    model: t('context.model', 'Same requested model'),
    trace: t('context.trace', 'Same trace'),
  };
  const change = (common: Common) => {
    setValue(common);
    onChange(common);
  };
  return (
    <InlineField label={t('context.label', 'Requests around it with')}>
      <RadioButtonGroup
        options={commons.map((common) => ({ value: common, label: words[common] }))}
        value={value}
        onChange={change}
      />
    </InlineField>
  );
}
