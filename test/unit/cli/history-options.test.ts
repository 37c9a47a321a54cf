import { expect, test } from "vitest";
import { EVENT_NAMES } from "../../../cli/event-names.ts";
import { instantOf, parseMaxBytes } from "../../../cli/history-options.ts";
import { EventEnvelope } from "../../../protocol/events.ts";
import { linesOf, readDocument } from "../../support/protocol-document.ts";

test("an event can be asked for when it stands in docs/protocol.md", async () => {
  const { blocks } = await readDocument();
  const events = blocks.filter(({ kind, words }) => kind === "jsonl" && words.includes("events")).flatMap(linesOf);
  const names = events.map((event) => EventEnvelope.shape.event.parse((event as { event?: unknown }).event));
  expect(EVENT_NAMES.toSorted()).toEqual([...new Set(names)].toSorted());
});

test("a moment is an age, a date here, ISO 8601, or milliseconds since 1970", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  expect(instantOf("5m", now)).toBe(now - 300_000);
  expect(instantOf("99y", now)).toBe(0);
  expect(instantOf("2026-11-21", now)).toBe(new Date(2026, 10, 21).getTime());
  expect(instantOf("2026-11-21T10:00", now)).toBe(new Date(2026, 10, 21, 10).getTime());
  expect(instantOf("2026-11-21T10:00:00+02:00", now)).toBe(Date.UTC(2026, 10, 21, 8));
  expect(instantOf("1795236619178", now)).toBe(1795236619178);
  for (const text of ["", "soon", "21.11.2026", "2026-13-01", "2026-11-21 10", "-5m"]) {
    expect([text, instantOf(text, now)]).toEqual([text, undefined]);
  }
});

test("a number that is none, or too large, is refused with an example", () => {
  expect(parseMaxBytes("16777216")).toBe(16 * 1024 * 1024);
  for (const text of ["0", "-1", "1e3", "many", "", "16777217"]) {
    expect(() => parseMaxBytes(text)).toThrow(`${JSON.stringify(text)}, is not a number from 1 to 16777216.`);
  }
});
