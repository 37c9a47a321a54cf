import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ExtensionAPI, ExtensionContext } from "@earendil-works/pi-coding-agent";
import type { HostToAgent } from "../../../../protocol/agent-channel.ts";
import type { Disposition, PromptImage, StoredPrompt } from "../../../../protocol/prompts.ts";
import type { AgentChannel } from "./channel.ts";
import { findEditor, submit } from "./editor.ts";
import { promptMemory, type Hand, type PromptEnd } from "./prompts-hand.ts";

type Prompt = Extract<HostToAgent, { type: "prompt" }>;

const LOOK_EVERY_MS = 500;
/** A prompt that steers has left pi's queue when pi has had nothing to do for this many looks. */
const LOOKS_STEERED = 3;
/** One that was to start a run has not: no key for the model, or another extension took it. */
const LOOKS_STARTED = 30;
const LOOKS_PREPARING = 1_200;

/**
 * Gives the prompts of programs to pi, one at a time, as if they had been typed, and tells how each ends. What is
 * known of them is of the process: pi's sessions, for each of which there is one of these, come and go.
 */
export class PromptDelivery {
  readonly #pi: ExtensionAPI;
  readonly #ctx: ExtensionContext;
  readonly #channel: AgentChannel;
  readonly #memory = promptMemory();
  #timer: NodeJS.Timeout | undefined;

  constructor(pi: ExtensionAPI, ctx: ExtensionContext, channel: AgentChannel) {
    this.#pi = pi;
    this.#ctx = ctx;
    this.#channel = channel;
    if (this.#memory.hand) this.#watch();
  }

  async take({ id, file, handedAt }: Prompt): Promise<void> {
    const end = this.#memory.end(id);
    if (end) return this.#channel.send({ type: "prompt-ended", id, ...end });
    if (this.#memory.taken.has(id)) return;
    this.#memory.taken.add(id);
    try {
      const { text, content, deliverAs } = JSON.parse(await readFile(file, "utf8")) as StoredPrompt;
      const kind = this.#kindOf(text, content);
      if (handedAt !== undefined && this.#wasTaken(text, kind, handedAt))
        return this.#end(id, { outcome: "delivered" });
      if (handedAt !== undefined && kind !== "message" && kind !== "expands") {
        return this.#end(id, { outcome: "failed", reason: "pi ended while it had this command; it may have run." });
      }
      await this.#deliver({ id, text, images: content, kind, followUp: deliverAs === "followUp" });
    } catch (error) {
      this.#end(id, { outcome: "failed", reason: `pi did not take it: ${String(error)}`.slice(0, 500) });
    }
  }

  /** pi takes something for input, whoever it is from. */
  heard(text: string): void {
    this.#memory.heard(text);
  }

  preparing(): void {
    if (this.#memory.hand?.steered === false) this.#memory.hand.begun = true;
  }

  /** A message of the user is in the conversation; pi writes it to the file later. */
  said(content: unknown): void {
    const { hand } = this.#memory;
    if (hand === undefined || !this.#memory.isHand(wholeText(content))) return;
    const isKept = this.#ctx.sessionManager.getSessionFile() !== undefined;
    this.#end(hand.id, { outcome: "delivered", ...(isKept ? { unsaved: true } : {}) });
  }

  /** pi goes on behind a message of the user: it has written that, unless it has not made the file yet. */
  wentOn(): void {
    if (!this.#memory.hasUnsaved || !existsSync(this.#ctx.sessionManager.getSessionFile() ?? "")) return;
    this.#memory.saved();
    this.#channel.send({ type: "prompts-saved" });
  }

  /** Ends the run as Esc does, but takes nothing of a program's into the editor. True when there was one. */
  abort(): boolean {
    const running = !this.#ctx.isIdle();
    const before = this.#ctx.ui.getEditorText();
    this.#ctx.abort();
    const { hand } = this.#memory;
    if (hand?.steered && !this.#ctx.hasPendingMessages()) {
      const after = this.#ctx.ui.getEditorText();
      if (after === [hand.text, before].filter((text) => text.trim()).join("\n\n")) this.#ctx.ui.setEditorText(before);
      this.#end(hand.id, { outcome: "cancelled", reason: INTERRUPTED });
    }
    return running;
  }

  /** `replaced`: another conversation takes this one's place. */
  close(replaced: boolean): void {
    clearInterval(this.#timer);
    const { hand } = this.#memory;
    if (replaced && hand)
      this.#end(hand.id, { outcome: "cancelled", reason: "Another conversation was opened before it was delivered." });
  }

  async #deliver(prompt: Deliverable): Promise<void> {
    const { id, kind } = prompt;
    const { ui } = this.#ctx;
    const text = prompt.text.trim();
    const typed = prompt.images.length === 0 && !(prompt.followUp && !this.#ctx.isIdle());
    if (kind === "message" || kind === "expands") {
      if (!this.#ctx.model) return this.#end(id, { outcome: "failed", reason: "No model is chosen in pi." });
      const editor = typed ? findEditor(ui) : undefined;
      const hand = this.#takeInHand(prompt, text);
      if (editor === undefined) this.#send(prompt);
      else await submit(editor, text);
      hand.submitted = true;
      return undefined;
    }
    const editor = await this.#whenEditor();
    this.#handed(id, "started");
    const done = submit(editor, text);
    // A shell command, or an extension's, may go on for ever.
    if (kind === "builtin") await done;
    else await Promise.race([done, nextTurn()]);
    const taken = kind === "shell" ? await Promise.race([done, nextTurn().then(() => true)]) : true;
    if (taken) return this.#end(id, { outcome: "delivered" });
    return this.#end(id, { outcome: "failed", reason: "pi runs a shell command already." });
  }

  #takeInHand({ id, followUp }: Deliverable, text: string): Hand {
    const steered = !this.#ctx.isIdle();
    const hand = { id, text, steered, begun: false, submitted: false, idle: 0 };
    this.#memory.hand = hand;
    this.#handed(id, steered ? (followUp ? "queued" : "steered") : "started");
    this.#watch();
    return hand;
  }

  #send({ text, images, followUp }: Deliverable): void {
    const parts = images.map(({ mimeType, data }) => ({ type: "image" as const, mimeType, data }));
    const options = { deliverAs: followUp ? ("followUp" as const) : ("steer" as const), expandPromptTemplates: true };
    this.#pi.sendUserMessage(parts.length === 0 ? text : [{ type: "text", text }, ...parts], options);
  }

  /** What Enter would make of it. */
  #kindOf(text: string, images: readonly PromptImage[]): Kind {
    const line = text.trim();
    if (images.length > 0 || !/^[/!]./.test(line)) return "message";
    if (line.startsWith("!")) return line.replace(/^!+/, "").trim() === "" ? "message" : "shell";
    const name = line.slice(1).split(/\s/, 1)[0];
    const command = this.#pi.getCommands().find((each) => each.name === name);
    if (command === undefined) return "builtin";
    return command.source === "extension" ? "extension" : "expands";
  }

  /** Whether a pi that ended since has put it into the conversation. */
  #wasTaken(text: string, kind: Kind, handedAt: number): boolean {
    return this.#ctx.sessionManager.getEntries().some((entry) => {
      if (entry.type !== "message" || entry.message.role !== "user" || entry.message.timestamp < handedAt) return false;
      const said = wholeText(entry.message.content).trim();
      return kind === "expands" || said === text.trim() || said.startsWith(`${text.trim()}\n`);
    });
  }

  async #whenEditor() {
    for (;;) {
      const editor = findEditor(this.#ctx.ui);
      if (editor) return editor;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref());
    }
  }

  #watch(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** pi does not say what it does not take: it is over with a prompt when it has nothing to do for a while. */
  #look(): void {
    const { hand } = this.#memory;
    if (hand === undefined) return clearInterval(this.#timer);
    try {
      const idle = this.#ctx.isIdle() && !this.#ctx.hasPendingMessages();
      hand.idle = idle ? hand.idle + 1 : 0;
    } catch {
      // This session has been replaced, and the next one's looks.
      return clearInterval(this.#timer);
    }
    if (hand.steered && hand.submitted && hand.idle >= LOOKS_STEERED)
      this.#end(hand.id, { outcome: "cancelled", reason: INTERRUPTED });
    const patience = hand.begun ? LOOKS_PREPARING : LOOKS_STARTED;
    if (!hand.steered && hand.idle >= patience) {
      this.#end(hand.id, { outcome: "failed", reason: "pi began no run with it: look at the session to see why." });
    }
    return undefined;
  }

  #handed(id: string, disposition: Disposition): void {
    this.#channel.send({ type: "prompt-handed", id, disposition });
  }

  #end(id: string, end: PromptEnd): void {
    if (this.#memory.end(id)) return;
    this.#memory.ended(id, end);
    this.#channel.send({ type: "prompt-ended", id, ...end });
  }
}

type Kind = "message" | "expands" | "extension" | "builtin" | "shell";

interface Deliverable {
  id: string;
  text: string;
  images: readonly PromptImage[];
  kind: Kind;
  followUp: boolean;
}

const INTERRUPTED = "The run was interrupted before it was delivered.";

function wholeText(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = (Array.isArray(content) ? content : []) as { text?: unknown }[];
  return parts.flatMap(({ text }) => (typeof text === "string" ? [text] : [])).join("\n");
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
