import { contextOfSession, getSession, type Session } from "@mailstead/services/access";
import type { AnonymousContext, ServiceContext } from "@mailstead/services/context";
import { getServerSession } from "next-auth";
import { anonymousContext } from "./anonymous-context.ts";
import { authOptions } from "./auth-options.ts";

export interface Member {
  session: Session;
  services: ServiceContext;
}

export interface RequestContext {
  requestId: string;
  anonymous: AnonymousContext;
  /** The person whose session stands now, or null; asked once for each request. */
  member: () => Promise<Member | null>;
}

/** Makes the context of one request. A revoked or expired session is found at the request that follows it. */
export function createRequestContext(): RequestContext {
  const anonymous = anonymousContext();
  let found: Promise<Member | null> | undefined;
  return {
    requestId: anonymous.requestId,
    anonymous,
    member: () => {
      found ??= findMember(anonymous);
      return found;
    },
  };
}

async function findMember(anonymous: AnonymousContext): Promise<Member | null> {
  const cookie = await getServerSession(authOptions());
  if (cookie === null || typeof cookie.sessionId !== "string") return null;
  const session = await getSession(anonymous, cookie.sessionId);
  return session === null ? null : { session, services: contextOfSession(anonymous, session) };
}
