export { type Bus, type BusAddress, type BusHandler, type BusSubscription, openBus } from "./bus.ts";
export {
  type BusChannel,
  dnsChannel,
  gatewayChannel,
  jobChannel,
  outboxChannel,
  rolloutsChannel,
  serverChannel,
  serversChannel,
} from "./channels.ts";
