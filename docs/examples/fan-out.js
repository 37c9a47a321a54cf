// Asks three pi sessions the same thing at once and prints what each answers.
//
//   node fan-out.js "Find the slowest test and say why it is slow"
//
// The sessions are live meanwhile: `pisync attach` shows one, and answers what it asks.
import { PisyncClient, PisyncError } from "pisync/client";

const SESSIONS = 3;
const task = process.argv.slice(2).join(" ");
if (task === "") fail("Say what is to be done: node fan-out.js TASK");

try {
  const client = await PisyncClient.connect();
  const names = Array.from({ length: SESSIONS }, (_, index) => `Fan-out ${index + 1}`);
  const results = await Promise.allSettled(names.map((name) => ask(client, name)));
  for (const [index, { status, value, reason }] of results.entries()) {
    console.log(`## ${names[index]}\n\n${status === "fulfilled" ? value : `Failed: ${reason.message}`}\n`);
  }
  process.exitCode = results.every(({ status }) => status === "fulfilled") ? 0 : 1;
} catch (error) {
  if (!(error instanceof PisyncError)) throw error;
  fail(`${error.message} ${error.next ?? ""}`);
}

/** The last answer of a session of its own, which is ended whatever comes. */
async function ask(client, name) {
  const { session } = await client.launch({ name });
  try {
    const { id } = await client.send(session.id, { text: task });
    const { state, run, reason } = await client.waitForPrompt(session.id, id);
    if (state !== "delivered" || run !== "done") throw new Error(reason ?? `the run ended with ${run}`);
    const { messages } = await client.messages(session.id, { limit: 1 });
    return messages[0].message.content.map(({ text = "" }) => text).join("");
  } finally {
    await client.kill(session.id);
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
