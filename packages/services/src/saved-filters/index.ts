export { listFilters, type SavedFilter } from "./list-filters.ts";
export { removeFilter, renameFilter, saveFilter, setDefaultFilter, shareFilter } from "./manage-filters.ts";
export { renameTagInFilters } from "./rename-tag-in-filters.ts";
