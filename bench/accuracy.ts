import { accuracyOf, VERSIONS, type Accuracy } from "../test/fixtures/pi/accuracy-table.ts";
import type { Row } from "./figures.ts";

/** Status from the conversation's file alone against what the extension said, over the recorded corpus; contract 19. */
export async function accuracy(): Promise<Row[]> {
  const rows = await Promise.all(
    VERSIONS.map(async (version): Promise<Row[]> => {
      const recordings = await accuracyOf(version);
      const sum = (count: (recording: Accuracy) => number) => recordings.reduce((total, one) => total + count(one), 0);
      const right = sum((recording) => recording.right);
      const compared = sum((recording) => recording.compared);
      const figure = `status from the file alone, pi ${version}`;
      const late = Math.max(...recordings.map(({ longest }) => longest.late));
      return [
        {
          figure: `${figure}, moments right`,
          unit: "%",
          pisync: (100 * right) / compared,
          target: { text: "100 %", met: right === compared && recordings.every(({ longest }) => longest.wrong === 0) },
          note: `${compared} moments in ${recordings.length} recordings`,
        },
        {
          figure: `${figure}, differs from the extension at most`,
          unit: "ms",
          pisync: late,
          target: { text: "<= 1000 ms", met: late <= 1000 },
          note: "but for Esc in the wait for a retry: docs/pi.md",
        },
      ];
    }),
  );
  return rows.flat();
}
