/** Words about the tags of servers. */
export const tags = {
  "tags.title": "Tags",
  "tags.hint": "Short names, between commas: letters, digits, dots, dashes and underscores.",
  "tags.choose": "Tag {name}",
  "tags.none": "No tags yet. Tags group servers for filters, bulk actions and rollouts.",
  "tags.empty": "No server has a tag yet.",
  "tags.edit": "Edit tags",
  "tags.edit-of": "Tags of {name}",
  "tags.save": "Save",
  "tags.filter": "Tag",
  "tags.filter.all": "All tags",
  "tags.filter.none": "No tag",
  "tags.filter.one": { one: "{name} ({count})", other: "{name} ({count})" },
  "tags.filter-by": "Show servers with the tag {name}",
  "tags.more": "{count} more",
  "tags.manage": "Manage tags",
  "tags.manage-lead":
    "A tag is there as long as a server has it. Give tags on a server’s page, or to many in the list.",
  "tags.rename": "Rename",
  "tags.new-name": "New name of {name}",
  "tags.remove": "Remove",
  "tags.remove-title": "Remove the tag {name}",
  "tags.remove-consequence": {
    one: "{count} server loses the tag. Nothing else about it changes, and running rollouts keep their servers.",
    other:
      "{count} servers lose the tag. Nothing else about them changes, and running rollouts keep their servers.",
  },
} as const;
