/**
 * What the scripted model answers to a chat-completions request: decided by the last user message alone, so
 * that a demo or a test names in its prompt what should happen.
 */
export type ScriptedReply =
  | { kind: "text"; pieces: string[]; intervalMs: number }
  | { kind: "tool"; say: string; name: string; arguments: string }
  | { kind: "refuse"; status: number; error: { message: string; type: string } }
  /** Sends a little text, then drops the connection. */
  | { kind: "cut"; say: string }
  /** Sends a little text, then nothing, until the client gives up. */
  | { kind: "hang"; say: string };

/** The parts of an OpenAI chat-completions message that a reply depends on. */
export interface ChatMessage {
  role: string;
  content?: unknown;
}

const WORD_INTERVAL_MS = 20;
const SLOW_WORD_INTERVAL_MS = 400;
const DEFAULT_SLOW_WORDS = 20;
const MAX_SLOW_WORDS = 10_000;
const BIG_WORDS = 3_000;
const BIG_WORDS_A_PIECE = 200;

const MARKDOWN = `# Heading

Some **bold** and \`code\` text.

\`\`\`ts
const a: number = 1;
function f() { return a; }
\`\`\`

- item one
- item two

| a | b |
|---|---|
| 1 | 2 |
`;

const REFUSALS = {
  err400: { status: 400, error: { message: "Bad request", type: "invalid_request_error" } },
  err401: { status: 401, error: { message: "Invalid API key", type: "authentication_error" } },
  err429: { status: 429, error: { message: "overloaded: rate limit", type: "overloaded_error" } },
  err500: { status: 500, error: { message: "Internal server error", type: "server_error" } },
} as const;

/** The text of the last user message, "" when there is none. */
export function lastPrompt(messages: readonly ChatMessage[]): string {
  const content = messages.findLast((message) => message.role === "user")?.content;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: unknown }) => (typeof part.text === "string" ? part.text : "")).join("");
}

/**
 * Decides the reply. Prompts: `bash: CMD`, `tool:NAME {json}`, `slow:N` (N words, 0.4 s each),
 * `err400|err401|err429|err500`, `flaky:N` (a 500 for the first N attempts), `midcut`, `hang`, `md`, `big`;
 * anything else is echoed. `attempt` counts the requests with this very prompt, from 1.
 */
export function scriptReply(messages: readonly ChatMessage[], attempt: number): ScriptedReply {
  const prompt = lastPrompt(messages);
  // pi's own request to summarise quotes the whole conversation, whatever its first word is.
  if (prompt.length > 300 && /structured|summar/i.test(prompt)) return text("## Summary\nA scripted summary.");
  if (messages.at(-1)?.role === "tool") return text(`Echo reply to: ${prompt.slice(0, 60)} [after tool]`);
  return first(prompt, attempt) ?? text(`Echo reply to: ${prompt.slice(0, 60)}`);
}

function first(prompt: string, attempt: number): ScriptedReply | undefined {
  const refusal = /^err(?:400|401|429|500)/.exec(prompt)?.[0] as keyof typeof REFUSALS | undefined;
  if (refusal !== undefined) return { kind: "refuse", ...REFUSALS[refusal] };
  const failures = /^flaky:(\d+)/.exec(prompt)?.[1];
  if (failures !== undefined && attempt <= Number(failures)) return { kind: "refuse", ...REFUSALS.err500 };
  const command = /^bash: ?(.*)/s.exec(prompt)?.[1];
  if (command !== undefined) {
    return { kind: "tool", say: "Running it. ", name: "bash", arguments: JSON.stringify({ command }) };
  }
  const tool = /^tool:(\w+) ?(.*)/s.exec(prompt);
  if (tool?.[1] !== undefined) return { kind: "tool", say: "", name: tool[1], arguments: tool[2] || "{}" };
  if (prompt.startsWith("midcut")) return { kind: "cut", say: "partial text " };
  if (prompt.startsWith("hang")) return { kind: "hang", say: "hanging " };
  if (prompt.startsWith("md")) return text(MARKDOWN);
  if (prompt.startsWith("big")) return { kind: "text", pieces: bigPieces(), intervalMs: WORD_INTERVAL_MS };
  if (prompt.startsWith("slow")) return slow(Number(/^slow:(\d+)/.exec(prompt)?.[1] ?? DEFAULT_SLOW_WORDS));
  return undefined;
}

function text(whole: string): ScriptedReply {
  return { kind: "text", pieces: whole.match(/\S+\s*|\s+/g) ?? [], intervalMs: WORD_INTERVAL_MS };
}

function slow(words: number): ScriptedReply {
  const pieces = Array.from({ length: Math.min(words, MAX_SLOW_WORDS) }, (_, index) => `w${index} `);
  return { kind: "text", pieces, intervalMs: SLOW_WORD_INTERVAL_MS };
}

function bigPieces(): string[] {
  return Array.from({ length: BIG_WORDS / BIG_WORDS_A_PIECE }, (_, piece) =>
    Array.from({ length: BIG_WORDS_A_PIECE }, (_, word) => `word${piece * BIG_WORDS_A_PIECE + word} `).join(""),
  );
}
