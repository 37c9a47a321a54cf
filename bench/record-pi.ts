/**
 * Records what the real pi writes to its terminal during a few runs on the scripted model, for the flood:
 * `node bench/record-pi.ts` replaces the recording. The terminal has the size of every measurement.
 */
import { writeFile } from "node:fs/promises";
import { startScriptedModel } from "../cli/demo/scripted-model.ts";
import { writeAgentDirectory } from "../test/fixtures/pi/agent-directory.ts";
import { createWorld } from "../test/support/temporary-world.ts";
import { Terminal } from "../test/support/terminal.ts";
import { waitFor } from "../test/support/wait-for.ts";
import { SIZE } from "./contenders.ts";
import { RECORDING } from "./workloads.ts";

/** One reply each of markdown, slow words, and a long text. */
const PROMPTS = ["md", "slow:12", "big", "bash: ls -la /", "md", "a last short question"];

await using world = await createWorld();
const model = await startScriptedModel();
await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url });
const terminal = new Terminal({ argv: ["pi"], cwd: world.work, env: world.env, ...SIZE });
await waitFor("pi to be ready", () => terminal.output().includes("\x1b]0;"));
for (const prompt of PROMPTS) {
  const before = model.requests.length;
  terminal.send(`\x1b[200~${prompt}\x1b[201~`);
  await terminal.waitForScreen(prompt);
  terminal.send("\r");
  await waitFor("the model to be asked", () => model.requests.length > before);
  await waitFor("pi to settle", quiet(), { deadlineMs: 60_000 });
}
await writeFile(RECORDING, terminal.output());
await terminal.close();
await model.close();

/** True once pi has written nothing for two seconds: its spinner turns faster than that. */
function quiet(): () => boolean {
  let bytes = -1;
  let since = 0;
  return () => {
    const present = terminal.output().length;
    if (present !== bytes) since = performance.now();
    bytes = present;
    return performance.now() - since > 2_000;
  };
}
