import { open } from "node:fs/promises";
import { MAX_IMAGE_BYTES, type PromptImage } from "../protocol/prompts.ts";
import { PisyncError, systemErrorCode } from "../runtime/failure.ts";
import { imageType } from "../runtime/image-type.ts";

/** A file as an image of a prompt, told by its content. @throws PisyncError `usage`, `not-an-image`, `too-large`. */
export async function readImage(path: string): Promise<PromptImage> {
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
