import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { of } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakeApi, fakeContext } from '../testing/fakeApi';
import { FIELDS } from '../testing/fields';
import { LAST_HOUR } from '../testing/showEditor';
import { CodeInput } from './CodeInput';
import { translations } from './translations';

afterEach(cleanup);

async function show(code: string, api = fakeApi()) {
  await translations;
  const onCommit = vi.fn();
  const props = { fields: FIELDS.fields, range: LAST_HOUR, context: fakeContext(api), onCommit };
  render(<CodeInput code={code} {...props} />);
  const input = screen.getByRole('textbox', { name: 'Filters as code' });
  return { onCommit, input, user: userEvent.setup() };
}

const labels = () => screen.queryAllByRole('option').map((option) => option.getAttribute('title'));

describe('filters as code', () => {
  it('count when Enter is pressed, and not before', async () => {
    const { onCommit, input, user } = await show('');
    await user.type(input, 'status >= 500 and "rate limit"');
    expect(onCommit).not.toHaveBeenCalled();
    await user.keyboard('{Enter}');
    expect(onCommit).toHaveBeenCalledWith({
      filters: [{ field: 'status', op: 'gte', values: ['500'] }],
      text: 'rate limit',
    });
  });

  it('that cannot be read leave the query as it is, and say why and where', async () => {
    const { onCommit, input, user } = await show('');
    await user.type(input, 'outcome = provider_eror{Enter}');
    expect(onCommit).not.toHaveBeenCalled();
    expect(
      screen.getByText(/Character 11: outcome is never provider_eror. Did you mean provider_error\?/),
    ).toBeTruthy();
    await user.type(input, ' ');
    expect(screen.queryByText(/Character 11/)).toBeNull();
  });

  it('are completed by keys: field, operator, and value from the server', async () => {
    const values = { values: () => of({ values: [{ value: 'k 1', count: 3, name: 'batch jobs' }], more: false }) };
    const { onCommit, input, user } = await show('', fakeApi(values));
    await user.type(input, 'apiKeyI');
    expect(labels()).toEqual(['apiKeyId']);
    await user.keyboard('{ArrowDown}{Enter}');
    expect((input as HTMLTextAreaElement).value).toBe('apiKeyId ');
    expect(labels()).toContain('not in');
    await user.keyboard('= ');
    await waitFor(() => expect(labels()).toEqual(['batch jobs']));
    await user.keyboard('{ArrowDown}{Tab}{Escape}{Enter}');
    expect(onCommit).toHaveBeenCalledWith({ filters: [{ field: 'apiKeyId', op: 'eq', values: ['k 1'] }], text: '' });
  });

  it('in other words are the same query', async () => {
    const { onCommit, input, user } = await show('status = 500');
    await user.clear(input);
    await user.type(input, '  "status"   =500{Enter}');
    expect(onCommit).not.toHaveBeenCalled();
  });

  it('count when one leaves them', async () => {
    const { onCommit, input, user } = await show('status = 500');
    await user.clear(input);
    await user.tab();
    expect(onCommit).toHaveBeenCalledWith({ filters: [], text: '' });
  });
});
