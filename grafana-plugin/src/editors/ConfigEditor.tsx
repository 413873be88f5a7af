import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { DataSourcePicker } from '@grafana/runtime';
import { Divider, Field, Input, SecretInput, Switch } from '@grafana/ui';
import React, { type FormEvent } from 'react';
import { isWebAddress } from '../frames/links';
import { type ObservabilityOptions, type ObservabilitySecrets, visibilityOf } from '../settings';

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
  const visibility = visibilityOf(jsonData);
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
      <Divider />
      <ConfigSection
        title={t('config.visibility', 'What is shown')}
        description={t(
          'config.visibilityHint',
          'To those who may see it: who that is, the server decides. Nobody sees more by these switches',
        )}
      >
        <SwitchField
          id="showMarkers"
          label={t('config.markers', 'Change markers over the log volume')}
          description={t('config.markersHint', 'Explore draws when something changed over the bars of requests')}
          value={visibility.markers}
          onChange={(showMarkers) => set({ showMarkers })}
        />
        <SwitchField
          id="showNames"
          label={t('config.names', 'Names in those markers')}
          description={t(
            'config.namesHint',
            'Audit readers see what changed and who did it; off: neutral for everybody',
          )}
          value={visibility.names}
          onChange={(showNames) => set({ showNames })}
        />
        <SwitchField
          id="showChangeRows"
          label={t('config.changeRows', 'Rows of changes in new queries')}
          description={t(
            'config.changeRowsHint',
            'Changes stand among the requests, for audit readers; each query can switch it',
          )}
          value={visibility.changeRows}
          onChange={(showChangeRows) => set({ showChangeRows })}
        />
      </ConfigSection>
    </>
  );
}

interface SwitchFieldProps extends Pick<TextFieldProps, 'id' | 'label' | 'description'> {
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}

function SwitchField({ id, label, description, value, onChange }: SwitchFieldProps) {
  return (
    <Field label={label} description={description}>
      <Switch id={id} value={value} onChange={(event) => onChange(event.currentTarget.checked)} />
    </Field>
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
