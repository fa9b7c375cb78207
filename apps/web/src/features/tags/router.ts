import { listTags, removeTag, renameTag, setTags } from "@mailstead/services/tags";
import { memberProcedure, mutationOf, router } from "../../server/trpc.ts";

export const tagsRouter = router({
  list: memberProcedure.query(({ ctx }) => listTags(ctx.services)),
  set: mutationOf(setTags),
  rename: mutationOf(renameTag),
  remove: mutationOf(removeTag),
});
