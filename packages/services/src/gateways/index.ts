export { beatGateway } from "./beat-gateway.ts";
export { findGoneGateways } from "./find-gone-gateways.ts";
export { listHeldServers } from "./list-held-servers.ts";
export { type RecoveredGateway, recoverDeadGateways } from "./recover-dead-gateways.ts";
export { registerGateway } from "./register-gateway.ts";
export { releaseServers } from "./release-servers.ts";
export { retireGateway } from "./retire-gateway.ts";
