import { PisyncError, systemErrorCode } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import type { InstallTarget } from "./install-target.ts";
import { blockLines, withBlock, withoutBlock, type Block } from "./managed-block.ts";
import { findOwnFile, removeOwnFile, writeOwnFile, type OwnFile } from "./own-file.ts";
import { editUserFile, readUserFile } from "./user-file.ts";

/** What would be changed in one place. */
interface Change {
  /** Lines for the user to read before. */
  readonly says: readonly string[];
  apply(): Promise<void>;
}

/** One place in which something is installed. */
export interface Piece {
  /** Undefined when everything is there as it should be. */
  install(): Promise<Change | undefined>;
  /** Undefined when nothing is there. */
  remove(): Promise<Change | undefined>;
}

/** A file of pisync's own; `purpose` ends the sentence that says it will be written. */
export function filePiece(file: OwnFile, purpose: string): Piece {
  const shown = plainText(file.path);
  return {
    async install() {
      if ((await findOwnFile(file)).state === "current") return undefined;
      return { says: [`Writes ${shown}${purpose}`], apply: () => writeOwnFile(file) };
    },
    async remove() {
      if ((await findOwnFile(file)).state === "absent") return undefined;
      return { says: [`Removes ${shown}.`], apply: () => removeOwnFile(file) };
    },
  };
}

/** A few lines of pisync's in a file of the user's. */
export function blockPiece(path: string, block: Block): Piece {
  const shown = plainText(path);
  return {
    async install() {
      const content = await readUserFile(path);
      if (content !== undefined && withBlock(content, block).equals(content)) return undefined;
      const verb = blockLines(content, block.name) === undefined ? "Adds to" : "Changes pisync's lines in";
      return {
        says: [`${verb} ${shown}:`, ...block.lines.map(asShown)],
        apply: () => editUserFile(path, (present) => withBlock(present, block)).catch(orByHand(path, block.lines)),
      };
    },
    async remove() {
      const lines = blockLines(await readUserFile(path), block.name);
      if (lines === undefined) return undefined;
      return {
        says: [`Takes out of ${shown}:`, ...lines.map(asShown)],
        apply: () => editUserFile(path, (present) => present && withoutBlock(present, block.name)),
      };
    },
  };
}

export interface TargetParts {
  /** What is installed here. */
  pieces: readonly Piece[];
  /** Where it may have been installed besides, with other settings. */
  elsewhere?: readonly Piece[];
  /** What it is, at the beginning of a sentence. */
  name: string;
  /** Behind the name: "is" unless told. */
  verb?: "are";
  /** Further lines for the plan, whether it is installed already or not. */
  about?: () => Promise<readonly string[]>;
  /** After the installation: what follows from it, in a sentence. */
  installed: () => Promise<string>;
  /** After the removal. */
  removed: () => Promise<string>;
}

/** Something that is installed in several places at once. */
export function targetOf({ pieces, elsewhere = [], name, verb, about, ...after }: TargetParts): InstallTarget {
  const subject = `${name} ${verb ?? "is"}`;
  return {
    async planInstall() {
      const changes = await changesOf(pieces.map((piece) => piece.install()));
      const more = (await about?.()) ?? [];
      if (changes.length === 0) return { says: [`${subject} installed and up to date.`, ...more] };
      return { says: [...changes.flatMap(({ says }) => says), ...more], apply: applying(changes, after.installed) };
    },
    async planRemoval() {
      const changes = await changesOf([...pieces, ...elsewhere].map((piece) => piece.remove()));
      if (changes.length === 0) return { says: [`${subject} not installed: nothing to remove.`] };
      return { says: changes.flatMap(({ says }) => says), apply: applying(changes.toReversed(), after.removed) };
    },
  };
}

async function changesOf(found: Promise<Change | undefined>[]): Promise<Change[]> {
  return (await Promise.all(found)).filter((change) => change !== undefined);
}

function applying(changes: readonly Change[], after: () => Promise<string>): () => Promise<string> {
  return async () => {
    for (const change of changes) await change.apply();
    return after();
  };
}

function orByHand(path: string, lines: readonly string[]): (error: unknown) => never {
  return (cause) => {
    const reason = systemErrorCode(cause);
    if (reason === undefined || cause instanceof PisyncError) throw cause;
    throw new PisyncError("state-not-writable", `${plainText(path)} could not be changed (${reason}).`, {
      next: `Make it writable, or put this into it yourself: ${plainText(lines.join("; "))}`,
      facts: { path, reason },
      cause,
    });
  };
}

function asShown(line: string): string {
  return `  ${plainText(line)}`;
}
