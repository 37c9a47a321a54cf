import { readFile } from "node:fs/promises";

/**
 * Prints the names of failed tests and, last, the line `N passed, N failed`.
 *
 *     node scripts/test-summary.ts RESULTS.json EXIT-STATUS
 *
 * RESULTS.json is what vitest's json reporter wrote. A run that failed although every test passed (a file
 * that did not load, something left behind) counts as one failure.
 */
interface Results {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

const [file = "", status = "1"] = process.argv.slice(2);
const results = JSON.parse(await readFile(file, "utf8")) as Results;
const failed = status === "0" ? results.numFailedTests : Math.max(1, results.numFailedTests);
for (const test of results.testResults.flatMap(({ assertionResults }) => assertionResults)) {
  if (test.status === "failed") console.log(`failed: ${test.fullName}`);
}
console.log(`${results.numPassedTests} passed, ${failed} failed`);
