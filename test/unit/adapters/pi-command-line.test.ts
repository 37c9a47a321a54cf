import { describe, expect, test } from "vitest";
import { environmentBehind, recognisePi } from "../../../adapters/agents/pi/command-line.ts";

/** Words are split at blanks; what stands behind `|` must be read as pi's own arguments. */
const RECOGNISED = [
  "pi |",
  "pi | -c hello",
  "/usr/local/bin/pi | --session x",
  "./pi |",
  "pi-coding-agent | -c",
  "npx pi |",
  "npx -y pi | -c",
  "npx --yes --package=@earendil-works/pi-coding-agent pi | -c",
  "npx -p @earendil-works/pi-coding-agent pi | -p",
  "npx --package @earendil-works/pi-coding-agent -- pi | -c",
  "npx @earendil-works/pi-coding-agent | hello",
  "npx @earendil-works/pi-coding-agent@0.87.1 | -c",
  "npx @mariozechner/pi-coding-agent@latest |",
  "npm exec -- pi | -c",
  "npm exec -y -- @earendil-works/pi-coding-agent@1 | -c",
  "npm exec pi -- | -c",
  "npm x pi -- |",
  "pnpm dlx @earendil-works/pi-coding-agent | -c",
  "pnpm exec pi | -c",
  "yarn dlx @earendil-works/pi-coding-agent |",
  "bunx pi |",
  "bunx --bun @earendil-works/pi-coding-agent | -c",
  "bun x pi | -c",
  "env A=1 pi | -c",
  "env A=1 -u B -i pi |",
  "env -i -u B --chdir=/x A=1 -- pi | -c",
  "/usr/bin/env pi | -c",
  "nix run nixpkgs#pi -- | -c",
  "nix run --impure --option sandbox false nixpkgs#pi -- | -c",
  "nix run github:earendil-works/pi#pi-coding-agent -- | hello",
  "nix run .#pi --impure -- |",
  "nix shell nixpkgs#pi -c pi | -c",
  "nix shell nixpkgs#nodejs nixpkgs#pi --command env A=1 pi |",
  "node /x/node_modules/@earendil-works/pi-coding-agent/dist/bundle/cli.js | -c",
  "node /x/pi-coding-agent/dist/cli.js |",
  "node --max-old-space-size=8192 --import ./hook.mjs /x/pi-coding-agent/dist/cli.js | -e y",
  "node /usr/local/bin/pi | -c",
  "bun /x/pi-coding-agent/dist/bundle/cli.js |",
  "tsx --tsconfig=x.json /x/pi-coding-agent/dist/cli.js | -c",
  "/x/pi-coding-agent/dist/bundle/cli.js | -c",
  "env A=1 npx pi | -c",
  "nice -n 10 env A=1 npx -y @earendil-works/pi-coding-agent | -c",
  "nice -10 pi |",
  "nohup pi |",
  "time -p pi |",
  "/usr/bin/time -f %e pi |",
  "stdbuf -oL -e 0 pi |",
  "command pi | -c",
  "exec -a other pi |",
  "mise exec node@24 -- pi | -c",
  "mise x -- npx pi |",
  "direnv exec . pi | -c",
  "direnv exec /some/dir env A=1 pi |",
  "asdf exec pi | -c",
  "volta run --node 24 pi | -c",
];

const NEEDS_SEPARATOR = [
  "nix run nixpkgs#pi |",
  "nix run .#pi --impure |",
  "nix run nixpkgs#pi-coding-agent | hello",
  "npm exec pi |",
  "npm exec @earendil-works/pi-coding-agent | hello",
];

const NOT_PI = [
  "",
  "echo not pi",
  "grep pi file",
  "vim pi",
  "pip install pi",
  "/usr/bin/env",
  "env A=1",
  "env -S pi",
  "node pi.txt",
  "node",
  "node -e pi",
  "node --print pi",
  "npx",
  "npx pip",
  "npx -c pi",
  "npx some-pi",
  "npx @other/pi-coding-agent",
  "npm run pi",
  "npm install @earendil-works/pi-coding-agent",
  "nix run nixpkgs#pip",
  "nix build nixpkgs#pi",
  "nix shell nixpkgs#pi",
  "nix shell nixpkgs#pi -c zsh",
  "mise exec pi",
  "direnv exec pi",
  "direnv allow pi",
  "command -v pi",
  "nice pip",
  "rasppi",
];

const split = (line: string) => line.split(" ").filter((word) => word !== "");

describe("a command line with pi in it", () => {
  test.each(RECOGNISED)("%s", (line) => {
    const argv = split(line).filter((word) => word !== "|");
    const pi = recognisePi(argv);
    expect(pi?.separator).toBeUndefined();
    expect([...argv.slice(0, pi?.argsIndex), "|", ...argv.slice(pi?.argsIndex)].join(" ")).toBe(split(line).join(" "));
    expect(argv[pi?.programIndex ?? -1]).toMatch(/pi/);
  });

  test.each(NEEDS_SEPARATOR)("%s needs --", (line) => {
    const argv = split(line).filter((word) => word !== "|");
    const pi = recognisePi(argv);
    expect(pi).toMatchObject({ separator: "--", argsIndex: split(line).indexOf("|") });
  });

  test.each(NOT_PI)("is not: %s", (line) => {
    expect(recognisePi(split(line))).toBeUndefined();
  });
});

describe("the user's word", () => {
  test("makes an unknown wrapper pi, with the arguments right behind it", () => {
    expect(recognisePi(["my-pi-wrapper", "-c"], { override: true })).toEqual({ programIndex: 0, argsIndex: 1 });
    expect(recognisePi([], { override: true })).toBeUndefined();
  });

  test("does not move what was recognised anyway", () => {
    expect(recognisePi(["npx", "pi", "-c"], { override: true })).toEqual({ programIndex: 1, argsIndex: 2 });
  });

  test("makes pi an ordinary command", () => {
    expect(recognisePi(["pi"], { override: false })).toBeUndefined();
  });
});

describe("pi's environment behind its wrappers", () => {
  const behind = (line: string) => {
    const argv = split(line);
    return environmentBehind(argv, recognisePi(argv) ?? { programIndex: 0, argsIndex: 0 }, { HOME: "/h", A: "0" });
  };

  test.each([
    ["pi A=1", { HOME: "/h", A: "0" }],
    ["npx -y pi", { HOME: "/h", A: "0" }],
    ["env A=1 B=x=y pi C=3", { HOME: "/h", A: "1", B: "x=y" }],
    ["nice -n 5 env -- A= npx pi", { HOME: "/h", A: "" }],
    ["env -i pi", undefined],
    ["env -u A pi", undefined],
    ["env -C /x pi", undefined],
    ["direnv exec . pi", undefined],
    ["mise x -- pi", undefined],
    ["nix shell nixpkgs#pi -c pi", undefined],
  ])("%s", (line, expected) => {
    expect(behind(line)).toEqual(expected);
  });
});
