import { servers, serverTags } from "@mailstead/db";
import { sql } from "drizzle-orm";

/** The tags of each server of a question, by the alphabet. */
export const tagsOf = sql<string[]>`array(select ${serverTags.tag} from ${serverTags}
  where ${serverTags.serverId} = ${servers.id} order by ${serverTags.tag})`;
