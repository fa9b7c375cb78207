export { type Database, type DatabaseOptions, openDatabase, type Transaction } from "./database.ts";
export { insertMany } from "./insert-many.ts";
export { newId } from "./new-id.ts";
export * from "./schema/index.ts";
