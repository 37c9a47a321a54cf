import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { compareVersions, PACKAGE_VERSION, programPath } from "../../../runtime/version.ts";

test("from source, the version is the package's and the programs are the sources", () => {
  expect(PACKAGE_VERSION).toBe(manifest.version);
  for (const program of ["daemon", "host", "extension"] as const) expect(existsSync(programPath(program))).toBe(true);
});

test("versions are ordered by their numbers, a pre-release before its release", () => {
  const ordered = ["0.1.0-alpha", "0.1.0-beta", "0.1.0", "0.1.2", "0.1.10", "0.2.0", "1.0.0-rc.1", "1.0.0"];
  for (const [index, version] of ordered.entries()) {
    for (const [other, otherVersion] of ordered.entries()) {
      expect(Math.sign(compareVersions(version, otherVersion))).toBe(Math.sign(index - other));
    }
  }
  expect(compareVersions("1.0.0+a", "1.0.0+b")).toBe(0);
});
