import { type NextRequest, NextResponse } from "next/server";
import { contentSecurityPolicy } from "./server/content-security-policy.ts";

/** Gives each page its own nonce; Next.js reads it from the request's policy and puts it on its scripts. */
export default function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy({ nonce, isHttps: isHttps(request) });
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  headers.set("x-mailstead-path", request.nextUrl.pathname + request.nextUrl.search);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  if (isHttps(request)) response.headers.set("strict-transport-security", "max-age=31536000");
  return response;
}

function isHttps(request: NextRequest): boolean {
  return (request.headers.get("x-forwarded-proto") ?? request.nextUrl.protocol).startsWith("https");
}

export const config = {
  matcher: ["/((?!api/|_next/static|_next/image|releases/|install\\.sh|healthz|icon\\.svg).*)"],
};
