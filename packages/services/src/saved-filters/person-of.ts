import { type ServiceContext, ServiceError } from "../context/index.ts";

/** Whose filters these are. Throws `forbidden` for whoever is no person. */
export function personOf({ actor }: ServiceContext): string {
  if (actor.kind === "user") return actor.userId;
  throw new ServiceError("forbidden", "Filters are saved by people.");
}
