/**
 * Which errors pi retries, by the words of the provider, for conversations that do not say it themselves. The list is
 * that of 0.87.1 (`pi-ai/dist/utils/retry.js`), which contains that of 0.73.1.
 */
const RETRIED = new RegExp(
  [
    "overloaded|currently experiencing high demand|rate.?limit|too many requests|429|500|502|503|504|520|524",
    "service.?unavailable|server.?error|internal.?error|provider.?returned.?error|exceeded request buffer limit",
    "network.?error|connection.?error|connection.?refused|connection.?lost|other side closed|fetch failed",
    "getaddrinfo|ENOTFOUND|EAI_AGAIN|upstream.?connect|reset before headers|socket hang up",
    "socket connection was closed|timed? out|timeout|terminated|websocket.?closed|websocket.?error|ended without",
    "stream ended before|http2 request did not get a response|retry delay|you can retry your request",
    "try your request again|please retry your request|ResourceExhausted",
  ].join("|"),
  "i",
);

/** Limits of an account look like throttling, but waiting does not help. */
const NOT_RETRIED =
  /UsageLimitError|Monthly usage limit reached|available balance|insufficient_quota|out of budget|quota exceeded|billing/i;

/** The conversation has become too long: pi compacts it and tries again, once (`pi-ai/dist/utils/overflow.js`). */
const TOO_LONG = new RegExp(
  [
    "prompt (?:is )?too long|request_too_large|input is too long|exceeds the context window|maximum context length",
    "input token count.*exceeds|maximum prompt length|reduce the length of the messages|maximum allowed input length",
    "longer than the model'?s context length|exceeds the limit of \\d|available context size",
    "greater than the context length|context window exceeds|model token limit|configured context size",
    "context_window_exceeded|range of input length|context[_ ]length[_ ]exceeded|too many tokens|token limit exceeded",
  ].join("|"),
  "i",
);

export function mayBeRetried(error: string): boolean {
  return RETRIED.test(error) && !NOT_RETRIED.test(error);
}

export function compactsAndRetries(error: string): boolean {
  return TOO_LONG.test(error) && !/rate limit|too many requests/i.test(error);
}
