import { describe, expect, it } from "vitest";
import {
  BURST_BYTES,
  BYTES_PER_SECOND,
  DRAINED_BYTES,
  FlowControl,
  FRAME_INTERVAL_MS,
  WINDOW_BYTES,
} from "../../../host/flow-control.ts";

/** Sends as much as is admitted at one moment, in chunks, and returns how much that was. */
function sendBurst(flow: FlowControl, now: number, chunk = 32 * 1024): number {
  let sent = 0;
  while (flow.admits(chunk, now)) {
    flow.sent(chunk);
    sent += chunk;
  }
  return sent;
}

describe("flow control of a view", () => {
  it("admits a burst of a window and then nothing until it is acknowledged", () => {
    const flow = new FlowControl(0);
    expect(sendBurst(flow, 0)).toBe(Math.min(WINDOW_BYTES, BURST_BYTES));
    expect(flow.admits(1024 * 64, 60_000)).toBe(false);
    expect(flow.acknowledge(flow.inFlight)).toBe(true);
    expect(flow.admits(1024 * 64, 60_000)).toBe(true);
  });

  it("limits a view that acknowledges everything to the sustained rate", () => {
    const flow = new FlowControl(0);
    let total = sendBurst(flow, 0);
    for (let second = 1; second <= 5; second++) {
      for (let ms = 0; ms < 1000; ms += 10) {
        flow.acknowledge(total);
        total += sendBurst(flow, (second - 1) * 1000 + ms, 4096);
      }
    }
    expect(total).toBeLessThanOrEqual(BURST_BYTES + 5 * BYTES_PER_SECOND);
    expect(total).toBeGreaterThan(4 * BYTES_PER_SECOND);
  });

  it("waits while the view has not drained, paints frames in a flood, and catches up after it", () => {
    const flow = new FlowControl(0);
    const sent = sendBurst(flow, 0);
    flow.skipped(1_000_000);
    expect(flow.nextFrame(FRAME_INTERVAL_MS)).toBe("wait");
    flow.acknowledge(sent - DRAINED_BYTES);
    expect(flow.nextFrame(2 * FRAME_INTERVAL_MS)).toBe("frame");
    flow.skipped(BYTES_PER_SECOND);
    expect(flow.nextFrame(3 * FRAME_INTERVAL_MS)).toBe("frame");
    flow.skipped(100);
    expect(flow.nextFrame(4 * FRAME_INTERVAL_MS)).toBe("catch-up");
  });

  it("refuses acknowledgements that run backwards or ahead", () => {
    const flow = new FlowControl(0);
    flow.sent(100);
    expect(flow.acknowledge(60)).toBe(true);
    expect(flow.acknowledge(59)).toBe(false);
    expect(flow.acknowledge(101)).toBe(false);
    expect(flow.inFlight).toBe(40);
  });
});
