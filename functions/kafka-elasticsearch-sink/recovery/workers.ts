/** Work that goes on beside other work, so much at a time; after a failure no more is begun. */
export class Workers {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Begins a piece of work; resolves when there is room for the next. */
  async start(work: () => Promise<void>): Promise<void> {
    if (this.hasFailed) return;
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    if (this.#running.size >= this.#limit) await Promise.race(this.#running);
  }

  /** Waits for all; resolves always. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Throws the first failure, if there was one. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
