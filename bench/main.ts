import { writeFile } from "node:fs/promises";
import { inspect, parseArgs } from "node:util";
import { accuracy } from "./accuracy.ts";
import { attach } from "./attach.ts";
import { echo } from "./echo.ts";
import { events } from "./events.ts";
import type { Row } from "./figures.ts";
import { flood } from "./flood.ts";
import { idle } from "./idle.ts";
import { index } from "./index.ts";
import { machineFacts } from "./machine.ts";
import type { Measurement } from "./measurement.ts";
import { memory } from "./memory.ts";
import { sidebar } from "./sidebar.ts";
import { start } from "./start.ts";
import { table } from "./table.ts";

const MEASUREMENTS: Record<string, Measurement> = {
  echo,
  flood,
  attach,
  start,
  memory,
  idle,
  index,
  accuracy,
  sidebar,
  events,
};

const USAGE = `Usage: npm run bench -- [${Object.keys(MEASUREMENTS).join(" | ")}]... [--quick] [--json FILE]`;

interface Outcome {
  rows: Row[];
  /** The measurements that could not be made, with why. */
  failures: string[];
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
  });
  const unknown = positionals.find((name) => !(name in MEASUREMENTS));
  if (unknown !== undefined) {
    console.error(`There is no measurement ${unknown}.\n${USAGE}`);
    return 2;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(MEASUREMENTS);
  const before = await machineFacts();
  console.log(before);
  const { rows, failures } = await measure(names, values.quick);
  console.log(`\n${table(rows)}\n`);
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ machine: before, quick: values.quick, rows }, null, 2)}\n`);
  }
  for (const failure of failures) console.error(failure);
  return failures.length > 0 ? 1 : 0;
}

async function measure(names: readonly string[], quick: boolean): Promise<Outcome> {
  const outcome: Outcome = { rows: [], failures: [] };
  for (const name of names) {
    try {
      outcome.rows.push(...((await MEASUREMENTS[name]?.({ quick, progress })) ?? []));
    } catch (error) {
      outcome.failures.push(`${name} could not be measured: ${inspect(error)}`);
    }
  }
  return outcome;
}

/** Only where somebody watches: the output is then the table alone. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

process.exitCode = await main();
