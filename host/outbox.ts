/** Time that output to a view which is only watched may wait to be sent together, in milliseconds. */
const PASSIVE_DELAY_MS = 6;

/** Bytes on their way to one reader, of which those that can wait a little are sent together. */
export class Outbox {
  readonly #send: (bytes: Buffer) => void;
  #unsent: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  get empty(): boolean {
    return this.#unsent.length === 0;
  }

  push(bytes: Buffer, urgent: boolean): void {
    if (this.#closed) return;
    this.#unsent.push(bytes);
    if (urgent) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), PASSIVE_DELAY_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.empty) return;
    const only = this.#unsent.length === 1 ? this.#unsent[0] : undefined;
    this.#send(only ?? Buffer.concat(this.#unsent));
    this.#unsent = [];
  }

  /** Forgets what was not sent, and takes nothing more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unsent = [];
  }
}
