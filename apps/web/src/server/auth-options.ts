import { signIn } from "@mailstead/services/access";
import { ServiceError } from "@mailstead/services/context";
import type { AuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { env } from "../env.ts";
import { anonymousContext } from "./anonymous-context.ts";
import { logProblem } from "./log.ts";

declare module "next-auth" {
  interface Session {
    sessionId: string | null;
  }
}

const sessionSeconds = 30 * 86_400;

let options: AuthOptions | undefined;

/**
 * Sign-in by e-mail and password. The cookie is a sealed token that holds a session's id and nothing else; whether the
 * session still stands is asked of the control plane at each request, so that revoking takes effect at once.
 */
export function authOptions(): AuthOptions {
  options ??= {
    secret: env().NEXTAUTH_SECRET,
    useSecureCookies: env().PUBLIC_URL.startsWith("https:"),
    session: { strategy: "jwt", maxAge: sessionSeconds },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    providers: [
      Credentials({
        credentials: { email: {}, password: {} },
        authorize: async (credentials, request) => {
          const headers = new Headers(request.headers as Record<string, string>);
          const signedIn = await openSession({
            email: credentials?.email ?? "",
            password: credentials?.password ?? "",
            ipAddress: clientAddress(headers),
            userAgent: headers.get("user-agent") ?? "",
          });
          return signedIn === null ? null : { id: signedIn.sessionId };
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => (user === undefined ? token : { sid: user.id }),
      session: ({ session, token }) => ({
        expires: session.expires,
        sessionId: typeof token["sid"] === "string" ? token["sid"] : null,
      }),
    },
    logger: {
      error: (code, metadata) =>
        logProblem("sign-in failed", { code, cause: metadata instanceof Error ? metadata : undefined }),
      warn: () => undefined,
      debug: () => undefined,
    },
  };
  return options;
}

async function openSession(input: Parameters<typeof signIn>[1]) {
  try {
    return await signIn(anonymousContext(), input);
  } catch (error) {
    // next-auth hands the message to the form as a code, here with the seconds to wait; anything else about the failure stays here.
    if (error instanceof ServiceError && error.kind === "limit-reached")
      throw new Error(`limit-reached ${Math.ceil((error.retryAfterMs ?? 0) / 1000)}`, { cause: error });
    if (error instanceof ServiceError && error.kind === "invalid") return null;
    logProblem("sign-in failed", { cause: error });
    throw new Error("internal", { cause: error });
  }
}

/** The client's address as the nearest proxy saw it: the last entry, which a client cannot forge. */
function clientAddress(headers: Headers): string {
  return headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() || "unknown";
}
