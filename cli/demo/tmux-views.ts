import { PrivateTmux } from "./private-tmux.ts";
import type { TwoViews } from "./views.ts";
import type { DemoWorld } from "./world.ts";

const WIDTH = 58;
/** Two equal halves and the line between them. */
const SIZE = { cols: WIDTH + 1 + WIDTH, rows: 24 };

/** `pisync attach` twice, in two panes of a private tmux server: real terminals, as a user's would be. */
export class TmuxViews implements TwoViews {
  readonly kind = "two panes of a private tmux";
  readonly width = WIDTH;
  readonly #tmux: PrivateTmux;
  readonly #panes: readonly [string, string];
  readonly #attach: readonly string[];

  private constructor(tmux: PrivateTmux, panes: [string, string], attach: readonly string[]) {
    this.#tmux = tmux;
    this.#panes = panes;
    this.#attach = attach;
  }

  static async open(world: DemoWorld, id: string): Promise<TmuxViews> {
    const tmux = await PrivateTmux.create(world, ["set -g status off", "set -g remain-on-exit on"]);
    const attach = world.command("attach", id);
    try {
      const left = await tmux.open(attach, SIZE);
      return new TmuxViews(tmux, [left, await tmux.split(attach)], attach);
    } catch (error) {
      await tmux.close();
      throw error;
    }
  }

  type(text: string): Promise<void> {
    return this.#tmux.type(this.#panes[0], text);
  }

  pressEnter(): Promise<void> {
    return this.#tmux.press(this.#panes[0], "Enter");
  }

  screens(): Promise<[string, string]> {
    return both(this.#panes, (pane) => this.#tmux.screen(pane));
  }

  async attachAgain(): Promise<void> {
    await both(this.#panes, (pane) => this.#tmux.restart(pane, this.#attach));
  }

  exitCodes(): Promise<[number | undefined, number | undefined]> {
    return both(this.#panes, (pane) => this.#tmux.exitCode(pane));
  }

  close(): Promise<void> {
    return this.#tmux.close();
  }
}

function both<T>([left, right]: readonly [string, string], ask: (pane: string) => Promise<T>): Promise<[T, T]> {
  return Promise.all([ask(left), ask(right)]);
}
