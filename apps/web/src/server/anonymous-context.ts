import { randomUUID } from "node:crypto";
import type { AnonymousContext } from "@mailstead/services/context";
import { installation } from "../env.ts";
import { backend } from "./backend.ts";

/** What a use case needs before anybody is known. */
export function anonymousContext(requestId: string = randomUUID()): AnonymousContext {
  return { database: backend().database, now: () => new Date(), requestId, installation: installation() };
}
