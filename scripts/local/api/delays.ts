/** What the cloud does some time after it has answered, in ms each; 0: at once. */
export interface Delays {
  /** A role that was made acts only then; until then it is AccessDenied for who needs it. */
  readonly roles: number;
  /** A topic that was made can be used only then, one that was deleted is gone only then. */
  readonly topics: number;
  /** After a change of a Kafka instance the next one is refused for so long. */
  readonly kafkaChanges: number;
  /** A log project that was made is known only then to the other calls, and to other services. */
  readonly logProjects: number;
  /** Lines are looked through only then; until then an answer to the same question is empty and Incomplete. */
  readonly logSearch: number;
  /** The security group of a service that is gone is in use until then, by its network interfaces. */
  readonly networkInterfaces: number;
  /** A trigger that was deleted is there until then. */
  readonly triggers: number;
  /** An Elasticsearch instance whose whitelist has changed is activating until then, and takes no change. */
  readonly whitelists: number;
}

const none: Delays = {
  roles: 0,
  topics: 0,
  kafkaChanges: 0,
  logProjects: 0,
  logSearch: 0,
  networkInterfaces: 0,
  triggers: 0,
  whitelists: 0,
};

/** What is done and not yet to be seen; it is forgotten over a restart. */
export class Later {
  #delays = none;
  readonly #until = new Map<string, number>();

  /** Holds for what begins from now on. */
  set(delays: Partial<Delays>): void {
    this.#delays = { ...none, ...delays };
  }

  begin(what: keyof Delays, key: string): void {
    this.#until.set(`${what} ${key}`, performance.now() + this.#delays[what]);
  }

  /** Whether it began, and its time is not over. */
  isPending(what: keyof Delays, key: string): boolean {
    return (this.#until.get(`${what} ${key}`) ?? 0) > performance.now();
  }

  /** The same, of what begins when it is first asked for. */
  isFirstPending(what: keyof Delays, key: string): boolean {
    if (!this.#until.has(`${what} ${key}`)) this.begin(what, key);
    return this.isPending(what, key);
  }
}
