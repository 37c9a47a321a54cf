#!/usr/bin/env node
import { errorText, plainLines, plainText } from "../../runtime/sanitise.ts";
import { bridgeArguments, UsageError, type BridgeArguments } from "./arguments.ts";
import { ask, follow } from "./connection.ts";
import { instanceTable, listInstances, matching } from "./instances.ts";
import { requestOf } from "./verbs.ts";

/**
 * `pi-bridge`: the command of the pi-session-bridge extension, with the same verbs, options, output and exit codes. It
 * works with every bridge in the registry, pisync's and the extension's.
 */
const USAGE = `Usage:
  pi-bridge list [--json] [--all]
  pi-bridge state|commands|ping|abort [target]
  pi-bridge send [target] [--auto|--steer|--follow-up|--now] MESSAGE...
  pi-bridge steer|follow-up [target] MESSAGE...
  pi-bridge stream [target]
  pi-bridge history [target] [LIMIT] [--raw|--verbose] [--event NAME] [--since TS] [--max-bytes N]
  pi-bridge questions [target]
  pi-bridge answer [target] --request-id ID --answers '[["Label"]]'
  pi-bridge reject [target] --request-id ID
  pi-bridge emit [target] MESSAGE...
  pi-bridge request [target] '{"type":"get_state"}'

Target, when there is more than one bridge:
  --pid PID         the pi with this process id
  --socket PATH     this socket
  --session TEXT    a part of the conversation's id or file
  --name TEXT       a part of the session's name
  --cwd TEXT        a part of the working directory
  --bridge-dir DIR  another registry

Environment:
  PI_BRIDGE_DIR     the registry (default: pi-session-bridge-<uid> in the temporary folder)

Exit codes: 0 done, 1 failed.`;

/** What could disguise or steer a terminal, which JSON lets stand in its texts. */
const STEERING = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

async function main([verb, ...words]: readonly string[]): Promise<number> {
  const given = bridgeArguments(words);
  if (verb === undefined) return fail(USAGE);
  if (given.help || verb === "help" || verb === "--help" || verb === "-h") return print(USAGE);
  if (verb === "list") return list(given);
  // What is wrong with the command line is said before a bridge is looked for.
  const request = { id: crypto.randomUUID() as unknown, ...(verb === "stream" ? SUBSCRIBE : requestOf(verb, given)) };
  const socketPath = findTarget(given);
  if (socketPath === undefined) return 1;
  if (verb === "stream") {
    if (await follow(socketPath, request, printLine)) return 0;
    return fail("bridge-stream-closed\nThe bridge is gone: its pi was ended, or its host.");
  }
  const { json, success } = await ask(socketPath, request);
  print(asciiSafe(JSON.stringify(JSON.parse(json), null, 2)));
  return success ? 0 : 1;
}

const SUBSCRIBE = { type: "subscribe", enabled: true };

function list(given: BridgeArguments): number {
  const instances = listInstances(given);
  if (given.json) return print(asciiSafe(JSON.stringify(instances, null, 2)));
  return print(instances.length === 0 ? "No active pi session bridges found." : instanceTable(instances));
}

/** Undefined, with the reason said, when it is not clear which bridge is meant. */
function findTarget(given: BridgeArguments): string | undefined {
  if (given.socket !== undefined) return given.socket;
  const found = matching(listInstances({ ...given, all: false }), given);
  if (found.length === 1) return found[0]?.socketPath;
  if (found.length === 0) fail("No matching active pi session bridge. Use `pi-bridge list`.");
  else {
    print(instanceTable(found));
    fail("Multiple matching pi session bridges. Add --pid, --session, --name, or --socket.");
  }
  return undefined;
}

async function printLine(line: string): Promise<void> {
  if (process.stdout.write(`${asciiSafe(line)}\n`)) return;
  await new Promise((resolve) => process.stdout.once("drain", resolve));
}

function asciiSafe(json: string): string {
  return json.replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function fail(text: string): number {
  process.stderr.write(`${plainLines(text)}\n`);
  return 1;
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Its reader has what it wanted.
    if (error.code === "EPIPE") process.exit(0);
  });
}
void main(process.argv.slice(2))
  .catch((error: unknown) => fail(error instanceof UsageError ? plainText(error.message) : errorText(error)))
  .then((code) => (process.exitCode = code));
