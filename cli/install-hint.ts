import { PisyncError } from "../runtime/failure.ts";

const INSTALL_PI = "Install it with: npm install -g @earendil-works/pi-coding-agent";

/** Rethrows a refusal; one about pi not being there says how to get it. */
export function withInstallHint(error: unknown): never {
  if (error instanceof PisyncError && error.code === "program-not-found" && error.facts?.["program"] === "pi") {
    throw new PisyncError(error.code, error.message, { next: INSTALL_PI, facts: error.facts, cause: error });
  }
  throw error;
}
