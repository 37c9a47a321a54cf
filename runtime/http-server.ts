import { getRequestListener } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type * as z from "zod";
import { asRefusal, bodyTooLarge, httpStatus, MAX_BODY_BYTES, noSuchRoute } from "./http-refusal.ts";
import { PisyncError } from "./failure.ts";
import { parseJson } from "./json-file.ts";
import { serveUnix, type ServeOptions, type UnixServer } from "./unix-server.ts";

export type { UnixServer };

export interface ListenOptions extends ServeOptions {
  /** Told of failures that are ours (answered 500 `internal`). */
  onError?: (error: unknown) => void;
}

/**
 * Serves a Hono app as `serveUnix` does; bodies are limited to 2 MiB, and whatever a handler throws is answered
 * as an ErrorBody.
 * @throws as `serveUnix`.
 */
export async function listenUnix(app: Hono, socketPath: string, options: ListenOptions = {}): Promise<UnixServer> {
  const outer = new Hono();
  outer.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => refuse(context, bodyTooLarge()) }));
  outer.onError((error, context) => {
    if (!(error instanceof PisyncError)) options.onError?.(error);
    return refuse(context, error);
  });
  outer.notFound((context) => refuse(context, noSuchRoute(context.req.method, context.req.path)));
  outer.route("/", app);
  const listener = getRequestListener(outer.fetch);
  return serveUnix((incoming, response) => void listener(incoming, response), socketPath, options);
}

/**
 * The JSON body of a request through its schema; an absent body counts as `{}`.
 * @throws PisyncError `malformed`.
 */
export async function readBody<S extends z.ZodType>(context: Context, schema: S): Promise<z.output<S>> {
  const text = await context.req.text();
  return parseJson(text === "" ? "{}" : text, schema, "The request");
}

function refuse(context: Context, error: unknown): Response {
  const failure = asRefusal(error);
  return context.json(failure.toBody(), httpStatus(failure.code) as ContentfulStatusCode);
}
