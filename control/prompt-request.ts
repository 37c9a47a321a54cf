import { createHash } from "node:crypto";
import {
  MAX_IMAGE_BYTES,
  MAX_PROMPT_BYTES,
  MAX_WAITING_PROMPTS,
  type PromptRequest,
  type StoredPrompt,
} from "../protocol/prompts.ts";
import { PisyncError } from "../runtime/failure.ts";
import { imageType } from "../runtime/image-type.ts";

/** Of all prompts that wait together, in all sessions that one process controls. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** @throws PisyncError `usage`, `too-large`, `not-an-image`. */
export function requireDeliverable({ text, images }: PromptRequest): void {
  const bytes = Buffer.byteLength(text);
  if (text.trim() === "" && images.length === 0) {
    throw new PisyncError("usage", "The prompt is empty.", { next: "Say something in it." });
  }
  if (bytes > MAX_PROMPT_BYTES) {
    throw new PisyncError("too-large", `The prompt has ${bytes} bytes; at most ${MAX_PROMPT_BYTES} fit a prompt.`, {
      next: "Put the text into a file, and name the file in the prompt.",
      facts: { bytes, limit: MAX_PROMPT_BYTES },
    });
  }
  for (const [index, { mimeType, data }] of images.entries()) {
    const content = Buffer.from(data, "base64");
    if (imageType(content) !== mimeType) {
      throw new PisyncError("not-an-image", `Image ${index + 1} of the prompt is not of the type ${mimeType}.`, {
        next: "Send a PNG, JPEG, GIF or WebP image.",
      });
    }
    if (content.length > MAX_IMAGE_BYTES) {
      throw new PisyncError("too-large", `Image ${index + 1} of the prompt has more than ${MAX_IMAGE_BYTES} bytes.`, {
        next: "Make it smaller.",
        facts: { bytes: content.length, limit: MAX_IMAGE_BYTES },
      });
    }
  }
}

/** Tells a repeated request from another one with the same id. */
export function digestOf({ text, images, deliverAs }: PromptRequest): string {
  return createHash("sha256")
    .update(JSON.stringify([text, images, deliverAs]))
    .digest("hex");
}

export function bytesOf(prompts: readonly StoredPrompt[]): number {
  return prompts.reduce((sum, prompt) => sum + sizeOf(prompt.text, prompt.content), 0);
}

/** `elsewhere`: what waits in other sessions, in bytes. @throws PisyncError `queue-full`. */
export function requireRoom(waiting: readonly StoredPrompt[], request: PromptRequest, elsewhere: number): void {
  const bytes = elsewhere + bytesOf(waiting);
  const enough = bytes + sizeOf(request.text, request.images) <= MAX_WAITING_BYTES;
  if (waiting.length < MAX_WAITING_PROMPTS && enough) return;
  throw new PisyncError("queue-full", `${waiting.length} prompts wait for this session, and no more fit.`, {
    next: "Wait until some are delivered, or cancel some.",
    facts: { waiting: waiting.length },
  });
}

/** @throws PisyncError `prompt-differs`. */
export function samePrompt(known: StoredPrompt, digest: string): StoredPrompt {
  if (known.digest === digest) return known;
  throw new PisyncError("prompt-differs", `Another prompt has the id ${known.id} already.`, {
    next: "Use an id of its own for each prompt, and the same one only to repeat a request.",
    facts: { id: known.id },
  });
}

export function busy(): PisyncError {
  return new PisyncError("busy", "The session is at work, and this prompt was to start a run now or not at all.", {
    next: "pisync send and pisync steer put it into the run, pisync follow-up behind it.",
  });
}

export function noSuchPrompt(id: string): never {
  throw new PisyncError("no-such-prompt", `There is no prompt ${id} in this session.`, { facts: { id } });
}

export function alreadyOver({ id, state }: StoredPrompt): PisyncError {
  const what = state === "handed" ? "is with pi already" : `was ${state} already`;
  return new PisyncError("prompt-ended", `The prompt ${id} ${what}.`, { facts: { id, state } });
}

function sizeOf(text: string, images: PromptRequest["images"]): number {
  return images.reduce((sum, { data }) => sum + data.length, text.length);
}
