import { type Bus, openBus } from "@mailstead/services/bus";
import { type Database, openDatabase } from "@mailstead/services/context";
import { env } from "../env.ts";
import { logProblem } from "./log.ts";

interface Backend {
  database: Database;
  bus(): Promise<Bus>;
}

// Route handlers and pages are bundled apart, so a module variable would open one pool in each bundle.
const holder = globalThis as typeof globalThis & { mailsteadBackend?: Backend };

/** The process's one connection pool and one bus, opened when they are first needed. */
export function backend(): Backend {
  holder.mailsteadBackend ??= openBackend();
  return holder.mailsteadBackend;
}

function openBackend(): Backend {
  const { APP_DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = env();
  const database = openDatabase(databaseUrl, {
    onIdleError: (cause) => logProblem("a database connection broke while idle", { cause }),
  });
  let bus: Promise<Bus> | undefined;
  return {
    database,
    bus: () => {
      bus ??= openBus({
        databaseUrl,
        redisUrl,
        onProblem: (cause) => logProblem("the bus has a problem", { cause }),
      });
      // A bus that could not be opened is tried again by the next reader.
      bus.catch(() => {
        bus = undefined;
      });
      return bus;
    },
  };
}
