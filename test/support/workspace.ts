import { PISYNC } from "./pisync.ts";
import type { TmuxServer } from "./tmux-server.ts";
import { waitFor } from "./wait-for.ts";

/** Buttons as a terminal reports them (SGR encoding), with the bits of modifiers. */
export const MOUSE = { left: 0, right: 2, shift: 4, alt: 8, wheelUp: 64, wheelDown: 65 } as const;

/** The workspace of `pisync` in a private tmux: the docked sidebar and the view beside it. */
export class Workspace {
  readonly tmux: TmuxServer;
  /** Pane ids. */
  readonly sidebar: string;
  readonly view: string;

  private constructor(tmux: TmuxServer, sidebar: string, view: string) {
    this.tmux = tmux;
    this.sidebar = sidebar;
    this.view = view;
  }

  /** Types `pisync` in the active pane, which becomes the view. The shell there has the world's PATH, as a user's has theirs. */
  static async open(tmux: TmuxServer): Promise<Workspace> {
    const view = (await tmux.run("display-message", "-p", "#{pane_id}")).trim();
    await tmux.sendKeys([`exec env PATH='${tmux.env["PATH"] ?? ""}' ${process.execPath} ${PISYNC}`, "Enter"]);
    const workspace = await Workspace.around(tmux, view);
    await tmux.waitForPane("Choose a session", { target: view });
    return workspace;
  }

  /** The sidebar that is docked to a pane's window, once it shows something. */
  static async around(tmux: TmuxServer, view: string): Promise<Workspace> {
    await tmux.run("set-option", "-g", "mouse", "on");
    const sidebar = await waitFor("the docked sidebar", () => dockedPane(tmux, view));
    // The footer is there at once, the rows once the daemon has answered.
    await tmux.waitForPane(/No session yet|[▼▶]/, { target: sidebar });
    return new Workspace(tmux, sidebar, view);
  }

  /** Presses and releases a button of the terminal's mouse on the row of the sidebar with this text. */
  async click(text: string, button: number = MOUSE.left): Promise<void> {
    const screen = await this.shows(text);
    const row = screen.split("\n").findIndex((line) => line.includes(text));
    const [left = 0, top = 0] = (await this.facts(this.sidebar, "#{pane_left} #{pane_top}")).split(" ").map(Number);
    const place = `${left + 6};${top + row + 1}`;
    this.tmux.client.send(`\u001b[<${button};${place}M\u001b[<${button};${place}m`);
  }

  /** Types into the sidebar: tmux's names of keys. */
  async keys(...keys: string[]): Promise<void> {
    await this.tmux.sendKeys(keys, { target: this.sidebar });
  }

  shows(text: string | RegExp): Promise<string> {
    return this.tmux.waitForPane(text, { target: this.sidebar });
  }

  viewShows(text: string | RegExp): Promise<string> {
    return this.tmux.waitForPane(text, { target: this.view });
  }

  /** What a format says of a pane. */
  async facts(pane: string, format: string): Promise<string> {
    return (await this.tmux.run("display-message", "-p", "-t", pane, format)).trim();
  }

  /** Waits until a pane is the active one of its window. */
  async untilActive(pane: string): Promise<void> {
    await waitFor(`the focus on ${pane}`, async () => (await this.facts(pane, "#{pane_active}")) === "1");
  }

  /** The panes of the window besides sidebar and view. */
  async others(): Promise<string[]> {
    const panes = (await this.tmux.run("list-panes", "-t", this.sidebar, "-F", "#{pane_id}")).trim().split("\n");
    return panes.filter((pane) => pane !== this.sidebar && pane !== this.view);
  }
}

async function dockedPane(tmux: TmuxServer, near: string): Promise<string | undefined> {
  const panes = (await tmux.run("list-panes", "-t", near, "-F", "#{pane_id} #{@pisync_w}")).split("\n");
  return panes.find((pane) => /^%\d+ \d+$/.test(pane))?.split(" ")[0];
}
