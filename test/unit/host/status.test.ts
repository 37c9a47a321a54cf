import { describe, expect, test } from "vitest";
import type { AgentToHost } from "../../../protocol/agent-channel.ts";
import type { Status } from "../../../protocol/session.ts";
import { statusAfter } from "../../../runtime/agent-status.ts";
import { factsAfter, factsAtStart, presentStatus, type StatusFacts } from "../../../host/status.ts";
import type { ProgramStatus } from "../../../host/program-status.ts";

/** A session of pi at 0; every step takes a second. */
class Story {
  watched = false;
  #facts: StatusFacts = factsAtStart("pi", 0);
  #now = 0;

  says(message: Partial<AgentToHost> & { type: AgentToHost["type"] }): this {
    const status = statusAfter(
      this.#facts.extension ?? { shown: undefined },
      message as AgentToHost,
      "one",
      this.#tick(),
    );
    return this.#take({ type: "extension", status, watched: this.watched });
  }

  shows(state: ProgramStatus["state"], message?: string): this {
    const report = { state, ...(message === undefined ? {} : { message }) };
    this.#tick();
    return this.#take({ type: "screen", report, watched: this.watched });
  }

  happens(type: "viewed" | "overlooked" | "degraded"): this {
    this.#tick();
    return this.#take({ type });
  }

  losesExtension(): this {
    this.#tick();
    return this.#take({ type: "extension-lost", watched: this.watched });
  }

  get status(): Status | undefined {
    return presentStatus(this.#facts);
  }

  get running(): boolean {
    return this.#facts.running;
  }

  #take(event: Parameters<typeof factsAfter>[1]): this {
    this.#facts = factsAfter(this.#facts, event, this.#now);
    return this;
  }

  #tick(): number {
    return (this.#now += 1_000);
  }
}

const opened = () => new Story().says({ type: "identity", conversationId: "one", running: false });
const failed = { type: "run-settled", outcome: "error", error: "401" } as const;
const done = { type: "run-settled", outcome: "done" } as const;

test("a session starts as starting for pi and as working for a command", () => {
  expect(presentStatus(factsAtStart("pi", 7))).toEqual({ state: "starting", since: 7, source: "process" });
  expect(presentStatus(factsAtStart("command", 7))).toEqual({ state: "working", since: 7, source: "process" });
});

describe("who is believed", () => {
  test("what pi tells its terminal, as long as there is no extension", () => {
    const story = new Story().shows("idle");
    expect(story.status).toEqual({ state: "idle", since: 1_000, source: "screen" });
    story.happens("degraded").shows("working", "A name").shows("working", "A new name");
    expect(story.status).toEqual({ state: "working", since: 3_000, source: "screen" });
    expect(story.shows("blocked", "Sure?").status).toMatchObject({ state: "waiting", source: "screen" });
    expect(story.shows("working").shows("error", "401").status).toMatchObject({ state: "error", error: "401" });
    expect(story.shows("working").shows("done").status).toMatchObject({ state: "idle" });
  });

  test("the extension, whatever the screen says", () => {
    const story = opened().says({ type: "run-start" }).shows("done");
    expect(story.status).toEqual({ state: "working", since: 2_000, source: "extension" });
  });

  test("the screen again when the extension is lost, with what it said meanwhile", () => {
    const story = opened().shows("idle").says({ type: "run-start" }).shows("working").losesExtension();
    expect(story.status).toEqual({ state: "working", since: 4_000, source: "screen" });
    expect(story.running).toBe(true);
  });

  test("nobody, when the extension is lost or missing and the screen has said nothing", () => {
    expect(opened().says({ type: "run-start" }).losesExtension().status).toBeUndefined();
    expect(opened().says({ type: "run-start" }).losesExtension().running).toBe(false);
    expect(new Story().happens("degraded").status).toBeUndefined();
  });
});

describe("a run that ended", () => {
  test("is unseen when nobody watched, until somebody looks or a new one starts", () => {
    const story = opened().says({ type: "run-start" }).says(done);
    expect(story.status).toMatchObject({ state: "idle", unseen: true });
    expect(story.happens("viewed").status).toEqual({ state: "idle", since: 3_000, source: "extension" });
    story.says({ type: "run-start" }).says(done);
    expect(story.says({ type: "run-start" }).status?.unseen).toBeUndefined();
  });

  test("is seen when somebody watched", () => {
    const story = opened();
    story.watched = true;
    expect(story.says({ type: "run-start" }).says(done).status?.unseen).toBeUndefined();
  });

  test("is not one that never began", () => {
    expect(opened().status?.unseen).toBeUndefined();
    expect(
      opened().says({ type: "waiting", open: 1 }).says({ type: "waiting", open: 0 }).status?.unseen,
    ).toBeUndefined();
  });

  test("is not ended by a dialog", () => {
    const story = opened().says({ type: "run-start" }).says({ type: "waiting", open: 1 });
    expect(story.status).toMatchObject({ state: "waiting" });
    expect(story.running).toBe(true);
    expect(story.says({ type: "waiting", open: 0 }).status).toMatchObject({ state: "working", since: 2_000 });
  });
});

describe("an error", () => {
  test("is unseen and red until somebody looks", () => {
    const story = opened().says({ type: "run-start" }).says(failed);
    expect(story.status).toEqual({ state: "error", since: 3_000, source: "extension", error: "401", unseen: true });
    expect(story.happens("viewed").status).toEqual({ state: "idle", since: 3_000, source: "extension" });
  });

  test("stays red for who was watching until they do something", () => {
    const story = opened().happens("viewed").says({ type: "run-start" }).happens("viewed");
    story.watched = true;
    expect(story.says(failed).status).toMatchObject({ state: "error" });
    expect(story.status?.unseen).toBeUndefined();
    expect(story.happens("viewed").status).toMatchObject({ state: "idle" });
  });

  test("that was looked at does not come back when the extension connects again", () => {
    const story = opened().says({ type: "run-start" }).says(failed).happens("viewed");
    story.says({ type: "hello" }).says({ type: "identity", conversationId: "one", running: false });
    expect(story.status).toMatchObject({ state: "idle" });
  });

  test("ends with the next run, and the next error is another one", () => {
    const story = opened().says({ type: "run-start" }).says(failed).happens("viewed").says({ type: "run-start" });
    expect(story.status).toMatchObject({ state: "working" });
    expect(story.says(failed).status).toMatchObject({ state: "error", unseen: true });
  });
});

test("what ended in a pane that nobody sees is unseen, unless somebody has looked since, or a run goes on", () => {
  const story = opened();
  story.watched = true;
  story.says({ type: "run-start" }).says(done).happens("overlooked");
  expect(story.status).toMatchObject({ state: "idle", unseen: true });
  story.happens("viewed").happens("overlooked");
  expect(story.status?.unseen).toBeUndefined();
  story.says({ type: "run-start" }).happens("overlooked").says(done);
  expect(story.status?.unseen).toBeUndefined();
  story.says({ type: "run-start" }).says(failed).happens("overlooked");
  expect(story.status).toMatchObject({ state: "error", unseen: true });
  expect(story.happens("viewed").status).toMatchObject({ state: "idle" });
});
