/**
 * The policy of every page: scripts need this request's nonce, nothing may frame us, nothing leaves our origin.
 * Styles are allowed inline because positioned menus and dialogs write style attributes.
 */
export function contentSecurityPolicy(page: { nonce: string; isHttps: boolean }): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${page.nonce}' 'strict-dynamic'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(page.isHttps ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}
