import { join } from "node:path";
import { startScriptedModel, type ScriptedModel } from "../../cli/demo/scripted-model.ts";
import { writeAgentDirectory, type AgentDirectoryOptions } from "../fixtures/pi/agent-directory.ts";
import { startHost, type RunningHost } from "./host.ts";
import { createWorld, type TemporaryWorld } from "./temporary-world.ts";
import { TestView } from "./view.ts";
import { waitFor } from "./wait-for.ts";

const root = join(import.meta.dirname, "..", "..");
const extension = join(root, "adapters", "agents", "pi", "extension", "pisync-extension.ts");
const SIZE = { cols: 100, rows: 30 };

/** A host with the real pi in it, the extension from the source, a scripted model, and a view to type in. */
export class PiHost implements AsyncDisposable {
  readonly world: TemporaryWorld;
  readonly model: ScriptedModel;
  readonly host: RunningHost;
  readonly view: TestView;

  /** Use startPiHost(). */
  constructor(world: TemporaryWorld, model: ScriptedModel, host: RunningHost, view: TestView) {
    this.world = world;
    this.model = model;
    this.host = host;
    this.view = view;
  }

  /** Says a prompt the way a person pastes one, so that pi's autocompletion does not take the Enter. */
  async say(prompt: string): Promise<void> {
    this.view.type(`\x1b[200~${prompt}\x1b[201~`);
    await this.view.waitForText(prompt);
    this.view.type("\r");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model.close();
    await this.world.dispose();
  }
}

/** Resolves when pi is ready for a prompt. */
export async function startPiHost(options: Partial<AgentDirectoryOptions> & { args?: string[] } = {}): Promise<PiHost> {
  const { args = [], ...directory } = options;
  const world = await createWorld();
  const model = await startScriptedModel();
  try {
    await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url, ...directory });
    const host = await startHost(world, "", {
      agent: "pi",
      argv: ["pi"],
      file: join(root, "node_modules", ".bin", "pi"),
      args: ["-e", extension, ...args],
      expectsExtension: true,
      size: SIZE,
    });
    const view = await TestView.open(host.socket, { size: SIZE });
    await untilPiReady(view);
    await host.until("idle", ({ status }) => status?.state === "idle" && status.source === "extension");
    return new PiHost(world, model, host, view);
  } catch (error) {
    await model.close();
    await world.dispose();
    throw error;
  }
}

/** Waits until pi takes what is typed: it sets the terminal's title at the end of its startup. */
export async function untilPiReady(view: TestView): Promise<void> {
  await waitFor("pi's title", () => view.title !== "");
}
