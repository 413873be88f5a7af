import type { OrgRole } from './proxy/pluginRoutes.ts';

/** What the host page is started with. */
export interface PreviewBoot {
  readonly role: OrgRole;
  readonly grafanaVersion: string;
  /** The `plugin.json` that was built. */
  readonly plugin: {
    readonly id: string;
    readonly name: string;
    readonly info: { readonly version: string };
    readonly includes?: readonly { readonly type: string; readonly name: string; readonly path: string }[];
  };
  readonly datasource: { readonly uid: string; readonly name: string; readonly serverUrl: string };
}
