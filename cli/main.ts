import { endQuietlyWithReader, exitWhenWritten, reportFailure } from "./output.ts";

/** Runs the command line and returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const [first, second] = args;
  if (first === undefined) return (await import("./commands/overview.ts")).overview();
  if (first === "pi" && !second?.startsWith("-")) {
    // No option of ours: all words are pi's, and declaring every command to learn that takes 10 to 15 ms.
    return (await import("./launch.ts")).launch(args, {});
  }
  // What shells ask when somebody presses Tab.
  if (first === "complete") return (await import("./commands/complete.ts")).complete(second);
  return (await import("./command-line.ts")).runCommandLine(args);
}

endQuietlyWithReader();
process.on("uncaughtException", (error) => process.exit(reportFailure(error)));
main(process.argv.slice(2)).catch(reportFailure).then(exitWhenWritten, reportFailure);
