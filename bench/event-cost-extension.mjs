/**
 * An extension of pi for the bench: once a run has ended it publishes events of three sizes, and says for each, in
 * milliseconds, how long pi could not go on, and what processor time pi's thread took for all of them together, the
 * sending included.
 */
const SIZES = [200, 8 * 1024, 64 * 1024];
const EACH = 300;
/** So that each is sent: of what waits too long, events are dropped, which costs less. */
const PAUSE_MS = 5;

export default function eventCostExtension(pi) {
  const publish = (data) => pi.events.emit("pisync:activity", data);
  pi.on("agent_settled", async () => {
    // The compiler's work is not what is measured.
    for (const size of SIZES) await timed(() => publish({ text: textOf(size) }));
    for (const size of SIZES) {
      const text = textOf(size);
      const idle = await timed(() => undefined);
      const busy = await timed(() => publish({ text }));
      publish({ size, waits: busy.waits, processorMs: (busy.processorMs - idle.processorMs) / EACH });
    }
  });
}

function textOf(size) {
  return "word ".repeat(size / 5);
}

async function timed(what) {
  const waits = [];
  const before = process.threadCpuUsage();
  for (let count = 0; count < EACH; count += 1) {
    const startedAt = performance.now();
    what();
    waits.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const { user, system } = process.threadCpuUsage(before);
  return { waits, processorMs: (user + system) / 1000 };
}
