/**
 * Lets a reader take its snapshot of several files only while no writer is between the commits that belong together.
 * Both sides hold it for milliseconds: a reader while it begins, the writer while it commits.
 */
export class Gate {
  #shared = 0;
  #held = false;
  readonly #waiting: { readonly exclusive: boolean; readonly enter: () => void }[] = [];

  async shared<T>(work: () => Promise<T>): Promise<T> {
    if (this.#held || this.#waiting.length > 0) await this.#wait(false);
    else this.#shared += 1;
    try {
      return await work();
    } finally {
      this.#shared -= 1;
      this.#admit();
    }
  }

  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#held || this.#shared > 0 || this.#waiting.length > 0) await this.#wait(true);
    else this.#held = true;
    try {
      return await work();
    } finally {
      this.#held = false;
      this.#admit();
    }
  }

  #wait(exclusive: boolean): Promise<void> {
    return new Promise((enter) => this.#waiting.push({ exclusive, enter }));
  }

  #admit(): void {
    for (let first = this.#waiting[0]; first !== undefined && !this.#held; first = this.#waiting[0]) {
      if (first.exclusive && this.#shared > 0) return;
      this.#waiting.shift();
      if (first.exclusive) this.#held = true;
      else this.#shared += 1;
      first.enter();
    }
  }
}
