import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startHost, type RunningHost } from "../support/host.ts";
import { runRoot } from "../support/run-root.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";

const NOBODY = 65_534;

let world: TemporaryWorld;
let host: RunningHost;
beforeEach(async () => {
  world = await createWorld();
  host = await startHost(world, "sleep 1000");
});
afterEach(async () => {
  await world.dispose();
});

describe("what pisync leaves on the disk", () => {
  it("is for its owner alone: directories 0700, sockets and files 0600", async () => {
    const entries = await readdir(world.stateDirectory, { recursive: true });
    expect(entries.length).toBeGreaterThan(6);
    for (const entry of ["", ...entries]) {
      const stats = await lstat(join(world.stateDirectory, entry));
      const mode = (stats.mode & 0o777).toString(8);
      expect({ entry, mode }).toEqual({ entry, mode: stats.isDirectory() ? "700" : "600" });
    }
  });

  // Only root can try as somebody else; everybody else has the modes above.
  it.runIf(process.getuid?.() === 0)("cannot be read or connected to by another user", async () => {
    for (const parent of [runRoot(), world.root]) await chmod(parent, 0o755);
    const attempt = `
      const outcome = (error) => console.log(error?.code ?? "allowed");
      require("fs").readdir(${JSON.stringify(world.stateDirectory)}, outcome);
      require("net").connect(${JSON.stringify(host.socket)}).on("connect", () => outcome()).on("error", outcome);`;
    const child = spawn("/usr/bin/env", ["-i", process.execPath, "-e", attempt], {
      uid: NOBODY,
      gid: NOBODY,
      cwd: "/",
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    await once(child, "close");
    expect(output.trim().split("\n")).toEqual(["EACCES", "EACCES"]);
  });
});
