/** A path on this site to go to after signing in; anything that could lead elsewhere becomes the home page. */
export function safeReturnPath(wanted: string | null | undefined): string {
  if (!wanted?.startsWith("/") || wanted.startsWith("//") || /[\\\p{Cc}]/u.test(wanted)) return "/";
  return wanted.startsWith("/sign-in") || wanted.startsWith("/welcome") ? "/" : wanted;
}
