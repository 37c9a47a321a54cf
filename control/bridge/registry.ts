import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { BRIDGE_INSTANCES, type BridgeState } from "../../protocol/pi-bridge.ts";
import { writeJsonFile } from "../../runtime/json-file.ts";
import { isPidInUse } from "../../runtime/pid-in-use.ts";
import { ensurePrivateDirectory } from "../../runtime/secure-directory.ts";

/** Files of bridges that were killed are looked for among at most so many. */
const MAX_LOOKED_AT = 1_000;

/** `instances/<pid>.json`: where clients find the bridge of a pi. */
export class BridgeRegistry {
  readonly #bridgeDirectory: string;
  readonly #directory: string;
  readonly #file: string;
  readonly #pid: number;

  constructor(bridgeDirectory: string, pid: number) {
    this.#bridgeDirectory = bridgeDirectory;
    this.#directory = join(bridgeDirectory, BRIDGE_INSTANCES);
    this.#file = join(this.#directory, `${pid}.json`);
    this.#pid = pid;
  }

  /**
   * Makes the directories, and removes what bridges of processes that are no more have left.
   * @throws PisyncError `unsafe-directory`, `state-not-writable`.
   */
  async open(): Promise<void> {
    await ensurePrivateDirectory(this.#bridgeDirectory);
    await ensurePrivateDirectory(this.#directory);
    const names = await readdir(this.#directory);
    for (const name of names.slice(0, MAX_LOOKED_AT)) {
      const pid = Number(/^(\d+)\.json$/.exec(name)?.[1]);
      // Another bridge may have its own name, also after the end of its pi: whoever listens there is asked, not the pid.
      if (!(pid > 0) || pid === this.#pid || isPidInUse(pid)) continue;
      await rm(join(this.#directory, name), { force: true });
      await rm(join(this.#bridgeDirectory, `pi-${pid}.sock`), { force: true });
    }
  }

  async write(state: BridgeState): Promise<void> {
    await writeJsonFile(this.#file, state);
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
