import path from "node:path";
import type { NextConfig } from "next";

const repositoryRoot = path.join(import.meta.dirname, "../..");

// The content security policy carries a nonce per request, so it is set in src/proxy.ts and not here.
const securityHeaders = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=(), payment=()" },
];

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: repositoryRoot,
  // Shown by the dashboard as they stand, and read when they are asked for.
  outputFileTracingIncludes: {
    "/runbooks": ["../../docs/runbooks/*.md"],
    "/runbooks/[page]": ["../../docs/runbooks/*.md"],
  },
  turbopack: { root: repositoryRoot },
  transpilePackages: ["@mailstead/core", "@mailstead/db", "@mailstead/services"],
  serverExternalPackages: ["pg", "ioredis"],
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  experimental: { useTypeScriptCli: true },
  headers: async () => [{ source: "/:path*", headers: securityHeaders }],
  // Browsers ask for it by themselves when a page's head has not named another icon yet.
  rewrites: async () => [{ source: "/favicon.ico", destination: "/icon.svg" }],
};

export default config;
