export { changeTags, setTags, type TagsChanged } from "./change-tags.ts";
export { listTags, type TagLine } from "./list-tags.ts";
export { removeTag, renameTag } from "./rename-tag.ts";
export { tagsOf } from "./tags-of.ts";
