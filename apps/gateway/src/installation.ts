import { type Installation, installationFromEnvironment } from "@mailstead/services/context";
import type { GatewayEnvironment } from "./env.ts";

/** What the gateway tells a new agent: the key that signs its orders and where to connect. */
export function readInstallation(env: GatewayEnvironment): Installation {
  return installationFromEnvironment({
    PUBLIC_URL: env.PUBLIC_URL,
    GATEWAY_URL: `${env.PUBLIC_URL.replace(/^http/, "ws")}/agent/link`,
    MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: env.MAILSTEAD_SIGNING_PUBLIC_KEY_FILE,
  });
}
