/** Bounded label sets only: never a caller-chosen value. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Where rooms report what they count. The server gives an implementation on OpenTelemetry's metrics; tests give an
 * array. Names follow Prometheus style without a unit suffix for counts (`aisix_deliveries_accepted`).
 */
export interface Recorder {
  /** Adds to a monotonic counter. */
  count(name: string, value: number, labels?: Labels): void;
  /** Sets the present value of something. */
  gauge(name: string, value: number, labels?: Labels): void;
  /** One observation of a distribution, in seconds unless the name says otherwise. */
  observe(name: string, value: number, labels?: Labels): void;
}

/** Counts nothing; for callers that do not care. */
export const silentRecorder: Recorder = { count() {}, gauge() {}, observe() {} };
