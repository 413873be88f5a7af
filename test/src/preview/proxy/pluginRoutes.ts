/** A route of `plugin.json` with what the stand-in reads of it. */
export interface PluginRoute {
  readonly path: string;
  readonly url: string;
  readonly method?: string;
  readonly reqRole?: string;
  readonly headers?: readonly { readonly name: string; readonly content: string }[];
}

/** Settings of a data source that routes are filled in with. */
export interface RouteSettings {
  readonly jsonData: Readonly<Record<string, string>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
}

export type OrgRole = 'Viewer' | 'Editor' | 'Admin';
export const ORG_ROLES: readonly OrgRole[] = ['Viewer', 'Editor', 'Admin'];

export type Chosen =
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly denied: 'role' | 'unmatched' };

/**
 * What Grafana's data proxy makes of a path (`ds_proxy.go` of 12.4.0): the first route whose path is a prefix of it and
 * whose method is empty, `*` or the very one; its role is checked, and what is behind the prefix is put behind its URL.
 */
export function chooseRoute(
  routes: readonly PluginRoute[],
  { path, method, role }: { readonly path: string; readonly method: string; readonly role: OrgRole },
  settings: RouteSettings,
): Chosen {
  const asked = cleanPath(path);
  const route = routes.find((each) => {
    const anyMethod = each.method === undefined || each.method === '' || each.method === '*' || each.method === method;
    return anyMethod && asked.startsWith(cleanPath(each.path));
  });
  // The data source has no URL of its own that an unmatched path could go to.
  if (route === undefined) return { denied: 'unmatched' };
  if (!includesRole(role, route.reqRole)) return { denied: 'role' };
  const rest = path.slice(route.path.length);
  return {
    url: joined(filledIn(route.url, settings), rest),
    headers: Object.fromEntries((route.headers ?? []).map(({ name, content }) => [name, filledIn(content, settings)])),
  };
}

/** `OrgRole.Includes`: a role that is not known is taken for none. */
function includesRole(role: OrgRole, required: string | undefined): boolean {
  const needed = (ORG_ROLES as readonly (string | undefined)[]).indexOf(required);
  return ORG_ROLES.indexOf(role) >= needed;
}

/** Like Go's `path.Clean` of a rooted path, without the slash in front; percent signs stay as they came. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  return kept.join('/');
}

function joined(base: string, rest: string): string {
  if (rest === '') return base;
  return `${base.replace(/\/+$/, '')}/${rest.replace(/^\/+/, '')}`;
}

const TEMPLATE = /\{\{\s*\.(JsonData|SecureJsonData)\.(\w+)\s*\}\}/g;

function filledIn(text: string, { jsonData, secureJsonData }: RouteSettings): string {
  return text.replace(TEMPLATE, (_, which: string, name: string) => {
    const values = which === 'JsonData' ? jsonData : secureJsonData;
    return values[name] ?? '';
  });
}
