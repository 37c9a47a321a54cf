import { expect, test } from "vitest";
import { ScreenPainter } from "../../../host/screen-painter.ts";
import { Screen } from "../../../host/screen.ts";
import { differences } from "./screen-differences.ts";
import { randomChunks, randomFrom, randomOutput, type Random } from "./screen-streams.ts";

const SEEDS = Number(process.env["SEEDS"] ?? 150);
const FIRST = Number(process.env["SEED"] ?? 1);

function parsed(screen: Screen): Promise<void> {
  return new Promise((resolve) => screen.whenParsed(resolve));
}

async function feed(screen: Screen, ...chunks: Uint8Array[]): Promise<void> {
  for (const chunk of chunks) screen.write(chunk);
  await parsed(screen);
}

function randomSize(random: Random): { cols: number; rows: number } {
  return { cols: random.below(38) + 2, rows: random.below(11) + 2 };
}

const FINISH = Buffer.from("\x18");

async function randomScreen(random: Random, scrollback: number): Promise<Screen> {
  const screen = new Screen({ size: randomSize(random), scrollback });
  for (let part = random.below(3); part >= 0; part--) {
    await feed(screen, ...randomChunks(random, randomOutput(random, random.below(120), screen.size)));
    if (part > 0 && random.chance(0.5)) screen.resize(randomSize(random));
  }
  if (!screen.atGround) await feed(screen, FINISH);
  return screen;
}

test("a snapshot makes a cleared terminal equal, and it stays equal", async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const random = randomFrom(seed);
    const scrollback = random.below(60) + 5;
    const screen = await randomScreen(random, scrollback);
    const copy = new Screen({ size: screen.size, scrollback });
    await feed(copy, new ScreenPainter(screen, screen.size).snapshot());
    expect(differences(screen, copy), `seed ${seed}, snapshot`).toEqual([]);
    const more = randomOutput(random, 60, screen.size);
    await Promise.all([feed(screen, more), feed(copy, more)]);
    expect(differences(screen, copy, { history: 0 }), `seed ${seed}, after`).toEqual([]);
    screen.dispose();
    copy.dispose();
  }
});
