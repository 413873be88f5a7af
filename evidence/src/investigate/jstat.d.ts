/** What the tests use of jstat, which brings no types: distributions to hold our own against. */
declare module 'jstat' {
  interface Distribution<Parameters extends readonly number[]> {
    cdf(x: number, ...parameters: Parameters): number;
  }
  const jstat: { readonly beta: Distribution<[number, number]>; readonly poisson: Distribution<[number]> };
  export = jstat;
}
