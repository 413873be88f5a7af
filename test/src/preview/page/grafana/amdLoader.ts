type Factory = (...dependencies: unknown[]) => unknown;

interface AmdWindow {
  define?: ((...args: unknown[]) => void) & { amd?: object };
}

/**
 * Loads a module in the format that Grafana's plugins are built in (AMD), with the packages that Grafana shares. The
 * module may ask for `module`, which tells it where it came from.
 */
export async function loadAmd(url: string, shared: Readonly<Record<string, unknown>>): Promise<unknown> {
  const page = window as AmdWindow;
  let defined: { readonly names: readonly string[]; readonly factory: Factory } | undefined;
  const define = (...args: unknown[]) => {
    const names = args.find((each) => Array.isArray(each)) ?? [];
    const factory = args.at(-1);
    if (typeof factory !== 'function') throw new Error(`${url} defines no factory.`);
    defined = { names: names as string[], factory: factory as Factory };
  };
  page.define = Object.assign(define, { amd: {} });
  try {
    await scriptLoaded(url);
  } finally {
    delete page.define;
  }
  if (defined === undefined) throw new Error(`${url} is no AMD module.`);
  const { names, factory } = defined;
  const exported = {};
  const found = names.map((name) => {
    if (name === 'module') return { id: url, uri: new URL(url, location.href).href };
    if (name === 'exports') return exported;
    if (name in shared) return shared[name];
    throw new Error(`The plugin asks for ${name}, which the preview does not share.`);
  });
  return factory(...found) ?? exported;
}

function scriptLoaded(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${url} could not be loaded.`));
    document.head.append(script);
  });
}
