import { expect, test } from "vitest";
import { complaints } from "../../support/lint.ts";

const IMPORTS = "@typescript-eslint/no-restricted-imports";

test("zod is imported as a namespace", async () => {
  expect(await complaints("no-restricted-syntax", "runtime/x.ts", 'import { z } from "zod";')).toHaveLength(1);
  expect(await complaints("no-restricted-syntax", "runtime/x.ts", 'import * as z from "zod";')).toEqual([]);
});

test("nothing runs a shell string", async () => {
  const options = 'import { spawn } from "node:child_process"; spawn("x", { shell: true });';
  expect(await complaints("no-restricted-syntax", "cli/x.ts", options)).toHaveLength(1);
  const exec = 'import { exec } from "node:child_process";';
  expect(await complaints(IMPORTS, "cli/x.ts", exec)).toHaveLength(1);
  const argv = 'import { execFile, spawn } from "node:child_process"; spawn("x", ["y"], { cwd: "/" });';
  expect(await complaints("no-restricted-syntax", "cli/x.ts", argv)).toEqual([]);
  expect(await complaints(IMPORTS, "cli/x.ts", argv)).toEqual([]);
});

test.each(["host/x.ts", "daemon/x.ts", "adapters/agents/pi/extension/x.ts"])(
  "nothing is printed from %s",
  async (file) => {
    expect(await complaints("no-console", file, 'console.log("x");')).toHaveLength(1);
  },
);

test("a process that stays takes http from one place", async () => {
  expect(await complaints(IMPORTS, "daemon/x.ts", 'import { createServer } from "node:http";')).toHaveLength(1);
  expect(await complaints(IMPORTS, "daemon/x.ts", 'import type { Server } from "node:http";')).toEqual([]);
  expect(await complaints(IMPORTS, "runtime/node-http.ts", 'import { createServer } from "node:http";')).toEqual([]);
});
