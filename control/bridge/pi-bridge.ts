import type { BridgeSettings } from "../../protocol/bridge-settings.ts";
import { bridgeDirectory } from "../../runtime/bridge-directory.ts";
import type { BridgeServer, BridgeServerParts } from "./server.ts";

export type PiBridgeParts = Omit<BridgeServerParts, "pid">;

/** Where and how pi itself would have it, by its environment and directory; undefined when it is switched off. */
export function bridgePlace(
  settings: BridgeSettings,
  { env, cwd }: { env: Readonly<Record<string, string | undefined>>; cwd: string },
): Pick<PiBridgeParts, "directory" | "settings"> | undefined {
  return settings.enabled ? { settings, directory: bridgeDirectory(env, cwd, settings.directory) } : undefined;
}

/** The bridge of a session's pi, once it is known which process that is. */
export class PiBridge {
  readonly #parts: PiBridgeParts;
  #pid: number | undefined;
  #server: Promise<BridgeServer> | undefined;

  constructor(parts: PiBridgeParts) {
    this.#parts = parts;
  }

  /** Serves as the bridge of that process. Another one before it has ended: a wrapper may start pi anew. */
  start(pid: number): void {
    if (pid === this.#pid) return;
    this.#pid = pid;
    this.#server = this.#replace(this.#server, pid);
    this.#server.catch((error: unknown) => this.#parts.log.error("bridge", { reason: String(error) }));
  }

  async close(reason: string): Promise<void> {
    await (await this.#server?.catch(() => undefined))?.close(reason);
  }

  /** What a bridge needs is loaded for the first one. */
  async #replace(before: Promise<BridgeServer> | undefined, pid: number): Promise<BridgeServer> {
    await (await before)?.close("replaced");
    const { BridgeServer } = await import("./server.ts");
    return new BridgeServer({ ...this.#parts, pid });
  }
}
