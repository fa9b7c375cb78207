import {
  changeAlias,
  createAlias,
  createMailbox,
  findMailboxes,
  getClientSettings,
  listAliases,
  removeAlias,
  removeMailbox,
  setMailboxEnabled,
  setMailboxPassword,
  setMailboxQuota,
} from "@mailstead/services/mailboxes";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const mailboxesRouter = router({
  find: queryOf(findMailboxes),
  clientSettings: queryOf(getClientSettings),
  create: mutationOf(createMailbox),
  setPassword: mutationOf(setMailboxPassword),
  setQuota: mutationOf(setMailboxQuota),
  setEnabled: mutationOf(setMailboxEnabled),
  remove: mutationOf(removeMailbox),
  aliases: queryOf(listAliases),
  createAlias: mutationOf(createAlias),
  changeAlias: mutationOf(changeAlias),
  removeAlias: mutationOf(removeAlias),
});
