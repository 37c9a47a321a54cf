import { readImage } from "../client/read-image.ts";
import { MAX_IMAGES, MAX_PROMPT_BYTES, type PromptImage } from "../protocol/prompts.ts";
import { PisyncError } from "../runtime/failure.ts";

/** The prompt itself, or for `-` all of standard input. @throws PisyncError `too-large`. */
export async function readText(text: string): Promise<string> {
  if (text !== "-") return text;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_PROMPT_BYTES) {
      throw new PisyncError("too-large", `Standard input has more than the ${MAX_PROMPT_BYTES} bytes of a prompt.`, {
        next: "Put the text into a file, and name the file in the prompt.",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @throws PisyncError `usage`, `not-an-image`, `too-large`. */
export async function readImages(paths: readonly string[]): Promise<PromptImage[]> {
  if (paths.length > MAX_IMAGES) {
    throw new PisyncError("usage", `A prompt has at most ${MAX_IMAGES} images.`, { next: "Send the others later." });
  }
  return Promise.all(paths.map(readImage));
}
