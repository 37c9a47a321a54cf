import { describe, expect, it } from "vitest";
import { targetQuery } from "../../../cli/target.ts";

const outside = { env: {}, kind: "live" as const };

describe("targetQuery", () => {
  it("asks for the only live session when nothing is named", () => {
    expect(targetQuery(undefined, {}, outside)).toEqual({ kind: "live" });
  });

  it("means the pane's own session inside a pisync pane, unless something is named", () => {
    const inside = { env: { PISYNC_SESSION: "k3x9abcd" }, kind: "live" as const };
    expect(targetQuery(undefined, {}, inside)).toEqual({ kind: "live", target: "k3x9abcd" });
    expect(targetQuery("m2", {}, inside)).toEqual({ kind: "live", target: "m2" });
    expect(targetQuery(undefined, { pid: "7" }, inside)).toEqual({ kind: "live", pid: 7 });
  });

  it("makes paths absolute", () => {
    expect(targetQuery(undefined, { cwd: "." }, outside)).toEqual({ kind: "live", cwd: process.cwd() });
  });

  it.each([["0"], ["-1"], ["1e3"], ["12x"], ["99999999999"], [""]])("refuses %j as a process id", (pid) => {
    expect(() => targetQuery(undefined, { pid }, outside)).toThrow(expect.objectContaining({ code: "usage" }) as Error);
  });

  it("refuses empty values", () => {
    expect(() => targetQuery("", {}, outside)).toThrow("TARGET is empty");
    expect(() => targetQuery(undefined, { name: "" }, outside)).toThrow("--name is empty");
  });
});
