import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "../../runtime/find-program.ts";
import { shellWord } from "../../runtime/short-forms.ts";
import { note } from "../output.ts";
import { PrivateTmux } from "./private-tmux.ts";
import type { DemoWorld } from "./world.ts";

/** What of the world's environment a view needs. */
const WORLD_SETTINGS = ["PISYNC_STATE_DIR", "XDG_CONFIG_HOME"];

/** The first prompt, which stays on the screen as help. */
function howTo(twoViews: string): string {
  return `This is the pisync demo. Try: md, slow:30, or bash: ls. ctrl-\\ leaves a view, ctrl-d ends pi. ${twoViews}`;
}

/** A program that attaches to the demo's session from any terminal, under a name short enough to copy. */
async function attachProgram(world: DemoWorld): Promise<string> {
  const file = join(world.directory, "attach");
  const settings = WORLD_SETTINGS.map((name) => `${name}=${world.env[name] ?? ""}`);
  const words = ["env", ...settings, ...world.command("attach")].map(shellWord);
  await writeFile(file, `#!/bin/sh\nexec ${words.join(" ")}\n`, { mode: 0o700 });
  return file;
}

/** A live pi in the user's terminal, with a second view beside it when tmux is there. */
export async function showLive(world: DemoWorld): Promise<void> {
  note("pisync demo: a live pi with a scripted model, in a directory of its own that goes away with it.");
  const tmux = await findProgram("tmux", world.env, world.work).catch(() => undefined);
  const twoViews =
    tmux === undefined
      ? `A second view, in another terminal: ${await attachProgram(world)}`
      : "Type here or in the other view: both follow.";
  const id = await world.pisync("pi", "--detach", "--name", "pisync demo", howTo(twoViews));
  const pane = process.env["TMUX_PANE"];
  if (tmux === undefined) await world.show(world.command("attach", id));
  else if (process.env["TMUX"] && pane) await besideThisPane(world, { tmux, pane, id });
  else await inPrivateTmux(world, id);
}

/** The second view is a pane of the user's own tmux; it is closed again, and nothing else is touched. */
async function besideThisPane(world: DemoWorld, { tmux, pane, id }: { tmux: string; pane: string; id: string }) {
  // The world's environment hides the user's tmux from everything else.
  const [, socket = ""] = /^(.*),\d+,\d+$/.exec(process.env["TMUX"] ?? "") ?? [];
  const userTmux = (...args: string[]) => world.finish([tmux, "-S", socket, ...args]);
  const settings = WORLD_SETTINGS.flatMap((name) => ["-e", `${name}=${world.env[name] ?? ""}`]);
  const attach = world.command("attach", id);
  const split = ["split-window", "-h", "-d", "-t", pane, "-P", "-F", "#{pane_id}", ...settings];
  const { stdout } = await userTmux(...split, ...attach);
  const second = stdout.trim();
  try {
    await world.show(attach);
  } finally {
    if (/^%\d+$/.test(second)) await userTmux("kill-pane", "-t", second).catch(() => undefined);
  }
}

async function inPrivateTmux(world: DemoWorld, id: string): Promise<void> {
  const status = " pisync demo: two views of one pi | ctrl-\\ leaves a view, ctrl-d in pi ends it ";
  const tmux = await PrivateTmux.create(world, [
    `set -g status-left '${status}'`,
    "set -g status-left-length 100",
    'set -g status-right ""',
    'setw -g window-status-format ""',
    'setw -g window-status-current-format ""',
  ]);
  try {
    await tmux.open(world.command("attach", id));
    await tmux.split(world.command("attach", id));
    await world.show(tmux.command("attach-session"));
  } finally {
    await tmux.close();
  }
}
