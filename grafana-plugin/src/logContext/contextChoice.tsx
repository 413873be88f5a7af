import type { LogRowModel } from '@grafana/data';
import React, { type ReactNode } from 'react';
import { lazyEditor } from '../editors/lazyEditor';
import type { ObservabilityQuery, RequestsQuery } from '../query/model';
import { type Common, commonsOf, contextQuery } from './contextQuery';

const ContextEditor = lazyEditor(async () => (await import('../editors/ContextEditor')).ContextEditor);

/** What the person chose to see a row in the context of; it stays chosen from row to row. */
export class ContextChoice {
  private chosen: Common | undefined;

  query(row: LogRowModel, origin: ObservabilityQuery | undefined): RequestsQuery {
    const common = commonsOf(row).find((each) => each === this.chosen);
    return contextQuery(row, common, origin);
  }

  render(row: LogRowModel, run: (() => void) | undefined): ReactNode {
    const commons = commonsOf(row);
    const [first] = commons;
    if (first === undefined) return null;
    const choose = (common: Common) => {
      this.chosen = common;
      run?.();
    };
    const chosen = commons.find((each) => each === this.chosen) ?? first;
    return <ContextEditor commons={commons} chosen={chosen} onChange={choose} />;
  }
}
