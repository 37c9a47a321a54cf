import type { SessionSummary } from "../../../protocol/session.ts";
import type { InputEvent } from "../../../runtime/terminal-input.ts";
import type { Effect, Model } from "../../../sidebar/model.ts";
import { update, type Message } from "../../../sidebar/update.ts";
import { KEYS, modelOf } from "./sessions.ts";

/** Plays messages and collects what they ask for. */
export class Player {
  model: Model;
  effects: Effect[] = [];

  constructor(...sessions: SessionSummary[]) {
    this.model = modelOf(sessions);
  }

  send(message: Message): void {
    const { model, effects } = update(this.model, message, KEYS);
    this.model = model;
    this.effects.push(...effects);
  }

  keys(...names: string[]): void {
    for (const name of names) {
      const text = [...name].length === 1 ? { text: name } : {};
      this.send({ type: "input", event: { type: "key", name, ...text } });
    }
  }

  mouse(action: Extract<InputEvent, { type: "mouse" }>["action"], row: number, shift = false): void {
    const modifiers = { shift, alt: false, ctrl: false };
    this.send({ type: "input", event: { type: "mouse", action, column: 3, row, modifiers } });
  }
}
