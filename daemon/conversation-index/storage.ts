import { readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ErrorCode } from "../../protocol/errors.ts";
import { PisyncError, systemErrorCode } from "../../runtime/failure.ts";
import type { LogFacts } from "../../runtime/log.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { openMemoryStore, openStore, StoreFailure, type Store, type StoreTrouble } from "./store.ts";

const STORE_NAME = "state.db";
/** A store that breaks again and again has a cause that another new one does not cure. */
const MAX_REBUILDS = 3;

/** What is wrong, to be read after "The index of conversations …", and what helps. */
const TROUBLES: Record<StoreTrouble, { code: ErrorCode; what: string; next: string }> = {
  newer: {
    code: "store-newer",
    what: "was written by a newer pisync",
    next: "Install that pisync again, or delete the file: it is built anew.",
  },
  locked: {
    code: "store-unavailable",
    what: "is locked by another program",
    next: "End the program that has it open; pisync goes on by itself.",
  },
  damaged: {
    code: "store-unavailable",
    what: "is damaged and could not be built anew",
    next: "Delete the file and restart the daemon.",
  },
  unusable: {
    code: "store-unavailable",
    what: "cannot be written",
    next: "Make room on the disk, or see to it that the file can be written; pisync goes on by itself.",
  },
};

/**
 * Owns the store that is in use: the file in the state directory or, while that cannot be used, one in memory,
 * which knows the same facts but no text. A damaged file is kept aside, the last one, and built anew.
 */
export class Storage {
  readonly #file: string;
  readonly #log: (event: string, facts: LogFacts) => void;
  #store: Store;
  #failure: StoreFailure | undefined;
  #rebuilt: string | undefined;
  #rebuilds = 0;

  constructor(stateDirectory: string, log: (event: string, facts: LogFacts) => void) {
    this.#file = join(stateDirectory, STORE_NAME);
    this.#log = log;
    this.#store = this.#open();
  }

  get store(): Store {
    return this.#store;
  }

  /** Sentences about what is wrong with the store, or was. */
  get troubles(): string[] {
    const { unavailable } = this;
    const rebuilt = this.#rebuilt === undefined ? [] : [this.#rebuilt];
    return unavailable === undefined ? rebuilt : [`${unavailable.message} ${unavailable.next}`, ...rebuilt];
  }

  /** Why there is no text to search. */
  get unavailable(): PisyncError | undefined {
    if (this.#failure === undefined) return undefined;
    const { code, what, next } = TROUBLES[this.#failure.trouble];
    return new PisyncError(code, `The index of conversations, ${this.#file}, ${what}: nothing can be searched.`, {
      next,
      facts: { path: this.#file, reason: errorText(this.#failure) },
    });
  }

  /** Replaces the store after it failed. */
  replace(failure: StoreFailure): void {
    this.#store.close();
    this.#log("index-store-failed", { trouble: failure.trouble, reason: errorText(failure) });
    this.#store = failure.trouble === "damaged" ? this.#rebuild(failure) : this.#withoutFile(failure);
  }

  /** Tries the file again, when a store in memory stands in for it. True when it can be used now. */
  retry(): boolean {
    if (this.#failure === undefined) return false;
    const standIn = this.#store;
    const store = this.#open();
    if (!store.durable) {
      store.close();
      return false;
    }
    standIn.close();
    this.#store = store;
    this.#log("index-store-usable", {});
    return true;
  }

  close(): void {
    this.#store.close();
  }

  #open(): Store {
    try {
      const store = openStore(this.#file);
      this.#failure = undefined;
      return store;
    } catch (error) {
      const failure = error instanceof StoreFailure ? error : new StoreFailure("unusable", errorText(error), error);
      return failure.trouble === "damaged" ? this.#rebuild(failure) : this.#withoutFile(failure);
    }
  }

  #rebuild(failure: StoreFailure): Store {
    this.#rebuilds += 1;
    if (this.#rebuilds > MAX_REBUILDS) return this.#withoutFile(failure);
    try {
      const kept = setAside(this.#file);
      this.#log("index-store-damaged", { reason: errorText(failure), kept });
      this.#rebuilt = `The index of conversations was damaged. It is built anew; the damaged file is kept as ${kept}.`;
    } catch (error) {
      return this.#withoutFile(new StoreFailure("damaged", errorText(error), error));
    }
    return this.#open();
  }

  #withoutFile(failure: StoreFailure): Store {
    if (this.#failure?.trouble !== failure.trouble) {
      this.#log("index-store-unavailable", { trouble: failure.trouble, reason: errorText(failure) });
    }
    this.#failure = failure;
    return openMemoryStore();
  }
}

/** Renames the store's files and removes those that were set aside before. Returns the new name. */
function setAside(file: string): string {
  const folder = dirname(file);
  const prefix = `${basename(file)}.broken-`;
  const earlier = readdirSync(folder).filter((name) => name.startsWith(prefix));
  const kept = prefix + new Date().toISOString().replace(/[:.]/g, "-");
  for (const journal of ["-wal", "-shm", ""]) {
    try {
      renameSync(file + journal, join(folder, kept + journal));
    } catch (error) {
      if (systemErrorCode(error) !== "ENOENT") throw error;
    }
  }
  for (const name of earlier) rmSync(join(folder, name), { force: true });
  return join(folder, kept);
}
