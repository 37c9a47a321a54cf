import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { retryLimits } from "../../../adapters/agents/pi/retry-settings.ts";

let root: string;
let agentDirectory: string;
let project: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "retry-")));
  agentDirectory = join(root, "agent");
  project = join(root, "projects", "one");
  await mkdir(agentDirectory);
  await mkdir(join(project, ".pi"), { recursive: true });
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const limits = (cwd = project) => retryLimits(cwd, { HOME: root, PI_CODING_AGENT_DIR: agentDirectory });
const write = (file: string, content: unknown) =>
  writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
const writeGlobal = (settings: unknown) => write(join(agentDirectory, "settings.json"), settings);
const writeProject = (settings: unknown) => write(join(project, ".pi", "settings.json"), settings);
const writeTrust = (decisions: unknown) => write(join(agentDirectory, "trust.json"), decisions);

const PI_DEFAULTS = { maxRetries: 3, maxRetryDelayMs: 8_000 };

describe("the global settings", () => {
  test.each([
    ["none", {}, PI_DEFAULTS],
    ["more retries, with the delay capped", { retry: { maxRetries: 7 } }, { maxRetries: 7, maxRetryDelayMs: 60_000 }],
    ["a higher cap", { retry: { maxRetries: 7, maxAgentDelayMs: 9e9 } }, { maxRetries: 7, maxRetryDelayMs: 128_000 }],
    ["a shorter delay", { retry: { baseDelayMs: 100 } }, { maxRetries: 3, maxRetryDelayMs: 400 }],
    ["no retries", { retry: { maxRetries: 0 } }, { maxRetries: 0, maxRetryDelayMs: 0 }],
    ["retrying switched off", { retry: { enabled: false } }, { maxRetries: 0, maxRetryDelayMs: 0 }],
    ["values of other types", { retry: { maxRetries: "7", baseDelayMs: -1, enabled: "no" } }, PI_DEFAULTS],
    ["a retry that is no object", { retry: 5 }, PI_DEFAULTS],
    ["broken JSON", "{ not json", PI_DEFAULTS],
    ["a byte order mark", '\uFEFF{"retry":{"maxRetries":1}}', { maxRetries: 1, maxRetryDelayMs: 2_000 }],
  ])("%s", async (_what, settings, expected) => {
    await writeGlobal(settings);
    expect(await limits()).toEqual(expected);
  });

  test("no agent directory, and a working directory that is gone", async () => {
    await rm(agentDirectory, { recursive: true });
    expect(await limits(join(root, "gone"))).toEqual(PI_DEFAULTS);
  });

  test("a pipe is not waited for, and a huge file not read", async () => {
    execFileSync("mkfifo", [join(agentDirectory, "settings.json")]);
    await writeProject(`{"retry":{"maxRetries":1},"x":"${"y".repeat(2 * 1024 * 1024)}"}`);
    await writeTrust({ [project]: true });
    expect(await limits()).toEqual(PI_DEFAULTS);
  });
});

describe("the project's settings", () => {
  beforeEach(async () => {
    await writeGlobal({ retry: { maxRetries: 5, baseDelayMs: 1_000 } });
    await writeProject({ retry: { maxRetries: 1 } });
  });
  const OF_GLOBAL = { maxRetries: 5, maxRetryDelayMs: 16_000 };
  const OF_BOTH = { maxRetries: 1, maxRetryDelayMs: 1_000 };

  test("do not count before pi trusts the folder", async () => {
    expect(await limits()).toEqual(OF_GLOBAL);
  });

  test("count over the global ones, field by field, once it does", async () => {
    await writeTrust({ [project]: true });
    expect(await limits()).toEqual(OF_BOTH);
  });

  test.each([
    ["a folder above it is trusted", () => ({ [dirname(project)]: true }), OF_BOTH],
    ["it is not, and a folder above it is", () => ({ [dirname(project)]: true, [project]: false }), OF_GLOBAL],
    ["the decision was withdrawn", () => ({ [project]: null }), OF_GLOBAL],
    ["only another folder is trusted", () => ({ [`${project}x`]: true }), OF_GLOBAL],
    ["the store is of another shape", () => ({ [project]: "yes" }), OF_GLOBAL],
    ["the store is no JSON", () => "{", OF_GLOBAL],
  ])("when %s", async (_what, decisions, expected) => {
    await writeTrust(decisions());
    expect(await limits()).toEqual(expected);
  });

  test("when every folder is trusted by default", async () => {
    await writeGlobal({ retry: { maxRetries: 5, baseDelayMs: 1_000 }, defaultProjectTrust: "always" });
    expect(await limits()).toEqual(OF_BOTH);
    await writeTrust({ [project]: false });
    expect(await limits()).toEqual(OF_GLOBAL);
  });

  test("when the folder is reached over a link", async () => {
    const link = join(root, "link");
    await symlink(project, link);
    await writeTrust({ [project]: true });
    expect(await limits(link)).toEqual(OF_BOTH);
  });
});

test("pi itself comes to the same", async () => {
  const { SettingsManager, ProjectTrustStore } = await import("@earendil-works/pi-coding-agent");
  const ofPi = (trusted: boolean) => {
    const settings = SettingsManager.create(project, agentDirectory, { projectTrusted: trusted });
    const { enabled, maxRetries, baseDelayMs, maxAgentDelayMs } = settings.getRetrySettings();
    const longest = Math.min(baseDelayMs * 2 ** (maxRetries - 1), maxAgentDelayMs);
    return enabled ? { maxRetries, maxRetryDelayMs: longest } : { maxRetries: 0, maxRetryDelayMs: 0 };
  };
  await writeGlobal({ retry: { maxRetries: 4, baseDelayMs: 300 } });
  await writeProject({ retry: { maxRetries: 6, maxAgentDelayMs: 5_000 } });
  expect(await limits()).toEqual(ofPi(false));
  new ProjectTrustStore(agentDirectory).set(dirname(project), true);
  expect(await limits()).toEqual(ofPi(true));
});
