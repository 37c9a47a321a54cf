import { constants } from "node:os";
import { errorText } from "../runtime/sanitise.ts";
import { findPi } from "./demo/pi-program.ts";
import { DemoWorld } from "./demo/world.ts";
import { EXIT, note } from "./output.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Shows pisync at work: live in a terminal, narrated without one. Whatever happens, also a signal, nothing of
 * it is left behind. Exit code 1 when a claim of the narrated demo was not true.
 */
export async function demo(): Promise<number> {
  const pi = await findPi(process.env);
  const end = new AbortController();
  let exitCode: number = EXIT.done;
  const onSignal = (signal: NodeJS.Signals) => {
    exitCode = 128 + constants.signals[signal];
    end.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await play(pi, end.signal);
  } catch (error) {
    if (end.signal.aborted) return exitCode;
    note(`pisync: The demo failed: ${errorText(error)}`);
    note("  Run pisync doctor to see what is missing.");
    return EXIT.failed;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  return exitCode;
}

async function play(pi: string, signal: AbortSignal): Promise<void> {
  const world = await DemoWorld.create(pi, signal);
  const live = process.stdin.isTTY && process.stdout.isTTY;
  try {
    if (live) await (await import("./demo/live-demo.ts")).showLive(world);
    else await (await import("./demo/narrated-demo.ts")).narrate(world);
  } finally {
    await world.close();
  }
  if (signal.aborted) return;
  if (live) {
    note("The demo is over: its session has ended too, and nothing of it is left.");
    note("Start your own with: pisync pi    (in a clone: npm run pisync -- pi)");
  } else (await import("./demo/narrated-demo.ts")).claim("nothing is left: no process, no socket, no file");
}
