import { LoadingPlaceholder } from '@grafana/ui';
import React, { type ComponentType, createElement, type FunctionComponent, lazy, Suspense } from 'react';

/** An editor that is loaded when it is shown: dashboards, which show none, load a third of the plugin. */
export function lazyEditor<Props extends object>(load: () => Promise<ComponentType<Props>>): FunctionComponent<Props> {
  const Loaded = lazy(async () => {
    const [editor, { translations }] = await Promise.all([load(), import('./translations')]);
    await translations;
    return { default: editor };
  }) as unknown as ComponentType<Props>;
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each editor and never while rendering
  return function LazyEditor(props: Props) {
    return <Suspense fallback={<LoadingPlaceholder text="" />}>{createElement(Loaded, props)}</Suspense>;
  };
}
