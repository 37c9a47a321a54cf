import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { StoredPrompt, type PromptId } from "../protocol/prompts.ts";
import { readJsonFile } from "../runtime/json-file.ts";
import type { Log } from "../runtime/log.ts";
import { isOwed } from "./prompt-order.ts";

/** The prompts of one session on disk, a file each: what is there survives a crash of everything, the machine's too. */
export class PromptStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  file(id: PromptId): string {
    return join(this.#directory, `${id}.json`);
  }

  /** Everything stored, in the order of acceptance. A file that cannot be read is logged and left alone. */
  async load(log: Log): Promise<StoredPrompt[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const loaded: StoredPrompt[] = [];
    for (const name of names.filter((each) => /^[\w-]{1,64}\.json$/.test(each))) {
      try {
        const prompt = await readJsonFile(join(this.#directory, name), StoredPrompt);
        if (prompt) loaded.push(prompt);
      } catch (error) {
        log.error("prompt-not-read", { file: name, reason: String(error) });
      }
    }
    return loaded.sort((left, right) => left.number - right.number);
  }

  /** Resolves when it cannot be lost any more. */
  async save(prompt: StoredPrompt): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const temporary = join(this.#directory, `.${prompt.id}.tmp`);
    const file = await open(temporary, "w", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(prompt)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.file(prompt.id));
  }

  /** Some of its prompts are to be delivered by the next host. */
  async owes(log: Log): Promise<boolean> {
    return (await this.load(log)).some(isOwed);
  }

  async remove(id: PromptId): Promise<void> {
    await rm(this.file(id), { force: true });
  }
}
