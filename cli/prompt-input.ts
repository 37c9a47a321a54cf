import { open } from "node:fs/promises";
import { MAX_IMAGE_BYTES, MAX_IMAGES, MAX_PROMPT_BYTES, type PromptImage } from "../protocol/prompts.ts";
import { PisyncError, systemErrorCode } from "../runtime/failure.ts";
import { imageType } from "../runtime/image-type.ts";

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

async function readImage(path: string): Promise<PromptImage> {
  const content = await readBeginning(path, MAX_IMAGE_BYTES + 1);
  const mimeType = imageType(content);
  if (mimeType === undefined) {
    throw new PisyncError("not-an-image", `${path} is not an image that pi takes.`, {
      next: "Send a PNG, JPEG, GIF or WebP file.",
    });
  }
  if (content.length > MAX_IMAGE_BYTES) {
    throw new PisyncError("too-large", `${path} has more than ${MAX_IMAGE_BYTES} bytes.`, { next: "Make it smaller." });
  }
  return { mimeType, data: content.toString("base64") };
}

/** Not the whole file: it may be anything. */
async function readBeginning(path: string, maxBytes: number): Promise<Buffer> {
  try {
    await using file = await open(path);
    if (!(await file.stat()).isFile()) return Buffer.alloc(0);
    const chunks: Buffer[] = [];
    for await (const chunk of file.createReadStream({ end: maxBytes - 1 })) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } catch (cause) {
    const reason = systemErrorCode(cause) ?? "unknown";
    throw new PisyncError("usage", `The image ${path} cannot be read (${reason}).`, {
      next: "Check its name and its permissions.",
      cause,
    });
  }
}
