import {
  listFilters,
  removeFilter,
  renameFilter,
  saveFilter,
  setDefaultFilter,
  shareFilter,
} from "@mailstead/services/saved-filters";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const savedFiltersRouter = router({
  list: queryOf(listFilters),
  save: mutationOf(saveFilter),
  rename: mutationOf(renameFilter),
  remove: mutationOf(removeFilter),
  share: mutationOf(shareFilter),
  setDefault: mutationOf(setDefaultFilter),
});
