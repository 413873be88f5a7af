import { css } from '@emotion/css';
import type { DataSourcePluginOptionsEditorProps, DataSourceSettings, GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, useStyles2 } from '@grafana/ui';
import { type ComponentType, useState } from 'react';
import { useHost } from '../run/contextOf.ts';

interface Outcome {
  readonly status: string;
  readonly message: string;
}

/** Settings of the data source, with the plugin's own editor and test. */
export function Settings() {
  const styles = useStyles2(getStyles);
  const { boot, datasource, plugin, settings } = useHost();
  const [options, setOptions] = useState<DataSourceSettings>(
    () =>
      ({
        ...settings,
        orgId: 1,
        typeName: plugin.meta.name,
        secureJsonFields: { datasourceSecret: true },
        readOnly: true,
      }) as unknown as DataSourceSettings,
  );
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState(false);
  const Editor = plugin.components.ConfigEditor as ComponentType<DataSourcePluginOptionsEditorProps<never>> | undefined;
  const test = async () => {
    setBusy(true);
    try {
      setOutcome((await datasource.testDatasource()) as Outcome);
    } catch (error) {
      setOutcome({ status: 'error', message: error instanceof Error ? error.message : 'The test failed.' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles.page} data-testid="settings">
      <h1>{settings.name}</h1>
      <p className={styles.hint}>
        Type: {plugin.meta.name}. Provisioned by the preview: what is changed here is not kept.
        {boot.role === 'Admin' ? '' : ' Grafana itself shows this page to Administrators only.'}
      </p>
      {Editor !== undefined && <Editor options={options as never} onOptionsChange={setOptions as never} />}
      <div className={styles.test}>
        <Button onClick={test} disabled={busy}>
          {busy ? 'Testing…' : 'Test'}
        </Button>
      </div>
      {outcome !== undefined && (
        <Alert severity={outcome.status === 'success' ? 'success' : 'error'} title={outcome.message} />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ maxWidth: 880, padding: theme.spacing(3, 3, 6), '& h1': { fontSize: theme.typography.h2.fontSize } }),
  hint: css({ color: theme.colors.text.secondary }),
  test: css({ margin: theme.spacing(3, 0, 2) }),
});
