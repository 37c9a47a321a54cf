import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accuracyTable, judge, replayWithAftermath, VERSIONS } from "../../fixtures/pi/accuracy-table.ts";
import { readCorpus } from "../../fixtures/pi/conversation-replay.ts";
import { SCENARIOS } from "../../fixtures/pi/conversation-scenarios.ts";

/** Recorded with the real pi by test/fixtures/pi/record-conversations.ts. */
describe.each(VERSIONS)("conversations of pi %s", async (version) => {
  const corpus = await readCorpus(version);

  test.each(SCENARIOS)("$title: the file alone shows what the extension said", ({ name }) => {
    const recorded = corpus.get(name);
    if (recorded === undefined) throw new Error(`no recording of ${name}`);
    const result = replayWithAftermath(recorded.recording, recorded.file);
    expect(result.compared.length).toBeGreaterThan(0);
    const wrong = result.disagreements.filter((disagreement) => judge(result, disagreement) === "wrong");
    expect(wrong).toEqual([]);
  });
});

test("the accuracy table in docs/pi.md is that of the corpus", async () => {
  const document = await readFile(join(import.meta.dirname, "..", "..", "..", "docs", "pi.md"), "utf8");
  expect(document).toContain(await accuracyTable());
});
