import {
  Assembler,
  type AssemblerCounts,
  type Delivery,
  type ExportedVersion,
} from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';

/** An assembler whose stream of requests lives in memory; time is the deliveries' own. */
export class MemoryAssembly {
  readonly #versions = new Map<string, ExportedVersion[]>();
  readonly #newest = new Map<string, GatewayRequest>();
  /** Every version in the order of the stream, open ones too. */
  readonly payloads: string[] = [];
  readonly #assembler = new Assembler({ exportedVersions: (text) => this.#versions.get(text) ?? [] });
  #seq = 0;

  get counts(): AssemblerCounts {
    return this.#assembler.counts;
  }

  add(delivery: Delivery): void {
    this.#assembler.add(++this.#seq, delivery);
    this.step(delivery.receivedAt);
  }

  step(now: number): void {
    for (const { keyText, payload, memo } of this.#assembler.step(now).emissions) {
      this.payloads.push(payload);
      if (memo === undefined) continue;
      this.#versions.set(keyText, [...(this.#versions.get(keyText) ?? []), { payload, memo }]);
      const request = JSON.parse(payload) as GatewayRequest;
      this.#newest.set(`${keyText}\n${request.n}`, request);
    }
    this.#assembler.committed();
  }

  /** Newest final version of every request, after everything had its time. */
  finish(): GatewayRequest[] {
    this.step(Number.MAX_SAFE_INTEGER);
    return [...this.#newest.values()];
  }
}
