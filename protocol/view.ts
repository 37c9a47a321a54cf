import * as z from "zod";
import { ErrorBody } from "./errors.ts";
import { SessionId } from "./ids.ts";
import { Size, TerminalDevice, ViewMode } from "./session.ts";
import { Count, Integer, text } from "./values.ts";

/**
 * The view protocol: one WebSocket at `/v1/view` of a host's socket.
 *
 * Binary messages are terminal bytes: input upwards, output downwards. A snapshot is output like any other;
 * a view writes all of it to its terminal and acknowledges it, in order. Text messages are the JSON below.
 */
export const VIEW_PATH = "/v1/view";

/** A view sends larger input in several messages; a larger message closes the view with 1009. */
export const MAX_VIEW_MESSAGE_BYTES = 256 * 1024;

/** How long a connection may exist without a `hello`, in milliseconds. */
export const HELLO_DEADLINE_MS = 5_000;

/** An `#rrggbb` colour as the view's terminal reported it for OSC 10/11. */
const Colour = z.string().regex(/^#[0-9a-f]{6}$/);

/** Rows of the normal screen in use: where a view that ends can let its terminal go on. */
const RowsInUse = z.number().int().min(1).max(500);

/** The name that the session's user gave it; absent when its title comes from elsewhere. */
const GivenName = z.string().optional();

/** A size as terminals report it; the host clamps it. */
const AnySize = z.object({ cols: z.number().int().min(1).max(65_535), rows: z.number().int().min(1).max(65_535) });

export const ViewToHost = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: Integer,
    version: text(64),
    mode: ViewMode,
    ...AnySize.shape,
    /** The device of the view's terminal: how others tell which terminal shows what. */
    tty: TerminalDevice.optional(),
    /** The socket of the tmux server that the terminal is a pane of. */
    tmux: text(4096).optional(),
  }),
  z.object({ type: z.literal("resize"), ...AnySize.shape }),
  /** Total of output bytes this view has written to its terminal since `hello`. */
  z.object({ type: z.literal("ack"), bytes: Count }),
  /** What the view's terminal answered, for the host to answer the child with. */
  z.object({ type: z.literal("colours"), foreground: Colour.optional(), background: Colour.optional() }),
  /** The view is going to close: the host answers `left`. */
  z.object({ type: z.literal("leave") }),
  /** The view's terminal is needed for something else: the host answers `paused`, and sends no output until `resume`. */
  z.object({ type: z.literal("pause") }),
  /** The terminal still has what the view wrote to it, but anything on its rows, its pen, margins and cursor. */
  z.object({ type: z.literal("resume") }),
]);
export type ViewToHost = z.infer<typeof ViewToHost>;

export const HostToView = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    protocol: Integer,
    version: z.string(),
    session: SessionId,
    title: z.string(),
    name: GivenName,
    size: Size,
  }),
  /** Attach there instead: the conversation this session wanted is live there, or somebody asked for it. */
  z.object({ type: z.literal("switch"), session: SessionId, socket: z.string(), reason: z.string() }),
  /** The child has exited and every byte of its output was sent before this. */
  z.object({
    type: z.literal("exit"),
    exitCode: Integer,
    signal: Integer.optional(),
    cause: z.enum(["exited", "killed"]),
    rows: RowsInUse.optional(),
    /** True when pi left a conversation that can be resumed. */
    resumable: z.boolean().optional(),
  }),
  /** Something happened in another session: for this view's person, outside of the session's screen. */
  z.object({ type: z.literal("notice"), text: text(500) }),
  /** The last message to a view that leaves; the connection closes with 1000. */
  z.object({ type: z.literal("left"), rows: RowsInUse }),
  /** No output follows until the view sends `resume`, or the session ends. */
  z.object({ type: z.literal("paused"), name: GivenName }),
  z.object({ type: z.literal("refused"), error: ErrorBody.shape.error }),
]);
export type HostToView = z.infer<typeof HostToView>;
