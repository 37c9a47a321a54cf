import { build } from "../../scripts/build.ts";

/** vitest's global setup for tests of the built program: brings dist/ up to date (a build takes under a second). */
export default async function setup(): Promise<void> {
  await build();
}
