import type { SpawnedProcess } from "../../runtime/spawn-detached.ts";

/** A spare is started this long after a launch, or the daemon's start: pi is starting then, and needs the cores. */
const QUIET_MS = 2_000;

/**
 * Keeps one host process started ahead of the next launch (docs/adr/0070). There may be none at any moment: it is
 * not started yet, it has just been taken, or it has died. Its place is filled after the next launch.
 */
export class SpareHost {
  readonly #start: () => Promise<SpawnedProcess>;
  #spare: SpawnedProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;

  /** The first one is started soon. @param start starts a host that waits for its launch. */
  constructor(start: () => Promise<SpawnedProcess>) {
    this.#start = start;
    this.replace();
  }

  /** The waiting host, if there is one: it is the caller's from now on. */
  take(): SpawnedProcess | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  /** Starts the next one when there was no launch for a while. */
  replace(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#starting = this.#fill();
    }, QUIET_MS).unref();
  }

  /** Ends the waiting host, and resolves when it has ended. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#starting;
    const spare = this.take();
    spare?.kill();
    await spare?.ended;
  }

  async #fill(): Promise<void> {
    if (this.#spare) return;
    try {
      const spare = await this.#start();
      this.#spare = spare;
      void spare.ended.then(() => {
        if (this.#spare === spare) this.#spare = undefined;
      });
    } catch {
      // The next launch starts a host of its own, and says what is wrong.
    }
  }
}
