import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { DataSourcePicker } from '@grafana/runtime';
import { Divider, Field, Input, SecretInput } from '@grafana/ui';
import React, { type FormEvent } from 'react';
import { isWebAddress } from '../frames/links';
import type { ObservabilityOptions, ObservabilitySecrets } from '../settings';

type Props = DataSourcePluginOptionsEditorProps<ObservabilityOptions, ObservabilitySecrets>;

const WIDTH = 60;

/** Settings of the data source. What works with them says the button under them. */
export function ConfigEditor({ options, onOptionsChange }: Props) {
  const { jsonData, secureJsonFields, secureJsonData } = options;
  const set = (change: Partial<ObservabilityOptions>) =>
    onOptionsChange({ ...options, jsonData: { ...jsonData, ...change } });
  const setSecret = (datasourceSecret: string, configured: boolean) =>
    onOptionsChange({
      ...options,
      secureJsonFields: { ...secureJsonFields, datasourceSecret: configured },
      secureJsonData: { ...secureJsonData, datasourceSecret },
    });
  const { serverUrl = '', traceUrl = '' } = jsonData;
  // A slash at the end would be doubled by the routes.
  const trim = (text: string) => text.trim().replace(/\/+$/, '');
  return (
    <>
      <ConfigSection title={t('config.server', 'Server')}>
        <TextField
          id="serverUrl"
          label={t('config.address', 'Address')}
          description={t('config.addressHint', 'Address of the api listener, as Grafana’s server reaches it')}
          value={serverUrl}
          placeholder="http://aisix-observability:14319"
          required
          error={
            serverUrl === '' || /^https?:\/\//.test(serverUrl)
              ? undefined
              : t('config.addressError', 'Begins with http:// or https://')
          }
          onChange={(value) => set({ serverUrl: trim(value) })}
        />
        <Field
          label={t('config.secret', 'Secret')}
          description={t(
            'config.secretHint',
            'The same as `secret` of this Grafana in the configuration of the server',
          )}
        >
          <SecretInput
            id="datasourceSecret"
            width={WIDTH}
            isConfigured={secureJsonFields.datasourceSecret === true}
            value={secureJsonData?.datasourceSecret ?? ''}
            onReset={() => setSecret('', false)}
            onChange={(event) => setSecret(event.currentTarget.value, false)}
          />
        </Field>
        <TextField
          id="environment"
          label={t('config.environment', 'Environment')}
          description={t(
            'config.environmentHint',
            'Name or id; for queries that name none. Empty: all that one may see',
          )}
          value={jsonData.environment ?? ''}
          onChange={(value) => set({ environment: value.trim() })}
        />
      </ConfigSection>
      <Divider />
      <ConfigSection title={t('config.traces', 'Traces')} isCollapsible>
        <Field
          label={t('config.tracing', 'Tracing data source')}
          description={t('config.tracingHint', 'Where the gateway’s traces are; log rows link to it')}
        >
          <DataSourcePicker
            tracing
            noDefault
            width={WIDTH}
            current={jsonData.tracingUid ?? null}
            onChange={({ uid }) => set({ tracingUid: uid })}
            onClear={() => set({ tracingUid: '' })}
          />
        </Field>
        <TextField
          id="traceUrl"
          label={t('config.traceUrl', 'Address of a trace')}
          description={t('config.traceUrlHint', 'For a tracing backend outside Grafana; {traceId} stands for the id')}
          value={traceUrl}
          placeholder="https://traces.example/trace/{traceId}"
          error={
            traceUrl === '' || isWebAddress(traceUrl)
              ? undefined
              : t('config.traceUrlError', 'An address that begins with http://, https:// or /')
          }
          onChange={(value) => set({ traceUrl: value.trim() })}
        />
        <TextField
          id="traceDestination"
          label={t('config.traceDestination', 'Destination')}
          description={t(
            'config.traceDestinationHint',
            'Name of the destination whose trace ids are linked to, where it gives them new ones',
          )}
          value={jsonData.traceDestination ?? ''}
          onChange={(value) => set({ traceDestination: value.trim() })}
        />
      </ConfigSection>
    </>
  );
}

interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly error?: string | undefined;
  readonly onChange: (value: string) => void;
}

function TextField({ id, label, description, value, error, onChange, ...input }: TextFieldProps) {
  return (
    <Field label={label} description={description} invalid={error !== undefined} error={error}>
      <Input
        id={id}
        width={WIDTH}
        value={value}
        onChange={(event: FormEvent<HTMLInputElement>) => onChange(event.currentTarget.value)}
        {...input}
      />
    </Field>
  );
}
