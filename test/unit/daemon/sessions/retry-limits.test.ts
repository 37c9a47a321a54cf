import { expect, test, vi } from "vitest";
import { createRetryLimits, type Limits } from "../../../../daemon/sessions/retry-limits.ts";

const USUAL: Limits = { maxRetries: 3, maxRetryDelayMs: 8_000 };
const OTHERS: Limits = { maxRetries: 1, maxRetryDelayMs: 2_000 };

test("what the settings say counts as soon as it is read, and a change is told", async () => {
  const changed: string[] = [];
  const read = (cwd: string) => Promise.resolve(cwd === "/other" ? OTHERS : USUAL);
  const limits = createRetryLimits(read, { initial: USUAL, onChange: (cwd) => changed.push(cwd) });
  expect([limits.of("/usual"), limits.of("/other")]).toEqual([USUAL, USUAL]);
  await expect.poll(() => changed, { timeout: 20_000 }).toEqual(["/other"]);
  expect([limits.of("/usual"), limits.of("/other")]).toEqual([USUAL, OTHERS]);
});

test("settings are read again after a while, and a failure leaves what was read", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    let reads = 0;
    const answers: Promise<Limits>[] = [Promise.resolve(OTHERS), Promise.reject(new Error("no such file"))];
    const read = () => answers[reads++] ?? Promise.resolve(USUAL);
    const limits = createRetryLimits(read, { initial: USUAL, onChange: () => undefined });
    limits.of("/work");
    await expect.poll(() => limits.of("/work"), { timeout: 20_000 }).toEqual(OTHERS);
    expect(reads).toBe(1);
    vi.advanceTimersByTime(60_000);
    limits.of("/work");
    await expect.poll(() => reads, { timeout: 20_000 }).toBe(2);
    expect(limits.of("/work")).toEqual(OTHERS);
    vi.advanceTimersByTime(60_000);
    limits.of("/work");
    await expect.poll(() => limits.of("/work"), { timeout: 20_000 }).toEqual(USUAL);
  } finally {
    vi.useRealTimers();
  }
});

test("only so many directories are remembered", () => {
  const asked: string[] = [];
  const read = (cwd: string) => {
    asked.push(cwd);
    return new Promise<Limits>(() => undefined);
  };
  const limits = createRetryLimits(read, { initial: USUAL, onChange: () => undefined });
  for (let number = 0; number < 300; number += 1) limits.of(`/${number}`);
  limits.of("/299");
  expect(asked).toHaveLength(300);
  limits.of("/0");
  expect(asked).toHaveLength(301);
});
