import type { DataSourceSettings } from '@grafana/data';
import { setDataSourceSrv } from '@grafana/runtime';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ObservabilityOptions, ObservabilitySecrets } from '../settings';
import { ConfigEditor } from './ConfigEditor';
import { translations } from './translations';

type Settings = DataSourceSettings<ObservabilityOptions, ObservabilitySecrets>;

beforeEach(() =>
  setDataSourceSrv({ getList: () => [], getInstanceSettings: () => undefined } as unknown as Parameters<
    typeof setDataSourceSrv
  >[0]),
);
afterEach(cleanup);

const onOptionsChange = vi.fn<(settings: Settings) => void>();
const saved = () => onOptionsChange.mock.lastCall?.[0];

/** Holds the settings as Grafana's page does. */
function Page({ settings }: { readonly settings: Settings }) {
  const [options, setOptions] = useState(settings);
  const change = (changed: Settings) => {
    onOptionsChange(changed);
    setOptions(changed);
  };
  return <ConfigEditor options={options} onOptionsChange={change} />;
}

async function show(over: Partial<Settings> = {}) {
  await translations;
  onOptionsChange.mockClear();
  render(<Page settings={{ jsonData: {}, secureJsonFields: {}, ...over } as Settings} />);
  return userEvent.setup();
}

const address = () => screen.getByPlaceholderText('http://aisix-observability:14319');

describe('the settings', () => {
  it('are not changed by being shown', async () => {
    await show();
    expect(onOptionsChange).not.toHaveBeenCalled();
  });

  it('keep an address without the slash that the routes would double', async () => {
    await show();
    fireEvent.change(address(), { target: { value: ' http://server:14319/ ' } });
    expect(saved()?.jsonData.serverUrl).toBe('http://server:14319');
    fireEvent.change(address(), { target: { value: 'server:14319' } });
    expect(screen.getByText('Begins with http:// or https://')).toBeTruthy();
  });

  it('never show a secret that was saved, and take a new one', async () => {
    const user = await show({ secureJsonFields: { datasourceSecret: true } });
    await user.click(screen.getByRole('button', { name: /reset/i }));
    expect(saved()).toMatchObject({
      secureJsonFields: { datasourceSecret: false },
      secureJsonData: { datasourceSecret: '' },
    });
    await user.type(screen.getByLabelText(/^Secret/), 's');
    expect(saved()?.secureJsonData).toEqual({ datasourceSecret: 's' });
  });

  it('switch what is shown, and start as they are without being saved', async () => {
    const user = await show();
    const markers = screen.getByLabelText(/Change markers over the log volume/) as HTMLInputElement;
    expect(markers.checked).toBe(true);
    await user.click(markers);
    expect(saved()?.jsonData).toEqual({ showMarkers: false });
    await user.click(screen.getByLabelText(/Rows of changes in new queries/));
    expect(saved()?.jsonData).toEqual({ showMarkers: false, showChangeRows: true });
  });

  it('refuse addresses of traces that would run something', async () => {
    await show({ jsonData: { traceUrl: 'javascript:alert(1)' } } as Partial<Settings>);
    expect(screen.getByText(/An address that begins with/)).toBeTruthy();
  });
});
