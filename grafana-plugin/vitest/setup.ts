// What Grafana's packages ask of a browser when they load or render, and happy-dom does not have.

globalThis.matchMedia ??= (media: string) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  }) as MediaQueryList;

globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

// Widths of texts, by which Grafana's lists are laid out.
HTMLCanvasElement.prototype.getContext = (() => ({
  measureText: (text: string) => ({ width: text.length * 8 }),
})) as unknown as typeof HTMLCanvasElement.prototype.getContext;

// Icons are fetched from Grafana's server, and there is none.
globalThis.fetch = async () => new Response('<svg xmlns="http://www.w3.org/2000/svg"></svg>');
